-- What a stored password hash costs to check: its text without salt and key, such as `$argon2id$v=19$m=65536,t=3,p=1$$`.
-- With the index, the few kinds that are in use are found among any number of accounts in a few steps.
CREATE FUNCTION password_hash_kind(hash text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(hash, '[A-Za-z0-9+/.=]{11,}', '', 'g')
$$;

CREATE INDEX "users_password_hash_kind_idx" ON "users" (password_hash_kind("password_hash"))
 WHERE "password_hash" IS NOT NULL;
