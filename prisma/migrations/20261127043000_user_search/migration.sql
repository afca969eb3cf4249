-- Administrators find accounts by the words of name, email address, username, and phone number.
--
-- Both sides of a search are folded the same way, independent of the locale of the database: compatibility forms
-- (Unicode NFKD), accents of Latin, Greek, and Cyrillic letters, and case do not matter.
CREATE FUNCTION search_fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(given) = length(given) THEN lower(given COLLATE "C") ELSE
  replace(replace(replace(replace(translate(
    lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE "C"),
    'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣςΤΥΦΧΨΩАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐẞÆŒÞØøŁłĐđÐðĦħı‘’‐‑–—',
    'αβγδεζηθικλμνξοπρσστυφχψωабвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґßæœþoollddddhhi''''----'
  ), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
END;

-- What is found: everything that begins where a word begins, up to the next space. For grace.hopper@mail.example.org,
-- that is the whole address, hopper@mail.example.org, @mail.example.org, mail.example.org, example.org, and org.
-- PostgreSQL limits a lexeme to 2,046 bytes. The cost keeps the planner from computing this for every row.
CREATE FUNCTION search_words(folded text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
  part text;
  words text[] := '{}';
BEGIN
  FOREACH part IN ARRAY regexp_split_to_array(folded, '[\s,;]+') LOOP
    WHILE part <> '' LOOP
      words := words || left(part, 254);
      part := coalesce(
        substring(part FROM '^.[^!-/:-@\[-`{-~]*[!-/:-?\[-`{-~]*(@.*)$'),
        substring(part FROM '^[^!-/:-@\[-`{-~]*[!-/:-@\[-`{-~]+(.*)$')
      );
    END LOOP;
  END LOOP;
  RETURN array_to_tsvector(words);
END
$$;

CREATE FUNCTION user_search_words(name text, email text, username text, phone text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_words(search_fold(name || ' ' || email || ' ' || coalesce(username, '') || ' ' || coalesce(phone, '')));

-- A search finds the accounts that have a word beginning with each of its words. Null if it has none.
CREATE FUNCTION user_search_query(search text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT string_agg('''' || replace(replace(left(word, 254), '\', '\\'), '''', '''''') || ''':*', ' & ')::tsquery
    FROM regexp_split_to_table(search_fold(search), '[\s,;]+') AS words(word)
   WHERE word <> ''
);

CREATE INDEX "users_search_idx" ON "users" USING gin (user_search_words("name", "email", "username", "phone"));

DROP INDEX "users_email_prefix_idx";
DROP INDEX "users_username_prefix_idx";
DROP INDEX "users_phone_prefix_idx";
DROP INDEX "users_name_prefix_idx";
