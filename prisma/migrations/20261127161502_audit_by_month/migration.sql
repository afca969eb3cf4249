-- The audit log becomes a table that is partitioned by month (UTC), so that retention drops a month instead of deleting
-- its rows.
--
-- Its parts leave no gap: audit_events_past has no beginning, audit_events_future has no end, and the months are between
-- them. So every event has a place, even if nobody has made its month. A DEFAULT partition would do that, too, but then
-- the planner would not know the order of the parts, and would read from all of them for the newest events.
--
-- An id is unique within its part. A key of the whole table would have to contain the time.

-- From the oldest to the newest. What has no beginning or end begins or ends at infinity.
CREATE FUNCTION audit_parts() RETURNS TABLE (part text, starts timestamptz, ends timestamptz)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO'
AS $$
  SELECT relname::text,
         coalesce(substring(bounds FROM 'FROM \(''([^'']+)''\)')::timestamptz, '-infinity') AS starts,
         coalesce(substring(bounds FROM 'TO \(''([^'']+)''\)')::timestamptz, 'infinity')
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid, pg_get_expr(relpartbound, c.oid) AS bounds
   WHERE inhparent = 'audit_events'::regclass
   ORDER BY starts
$$;

-- Names a part by what it holds.
CREATE FUNCTION audit_part_name(starts timestamptz, ends timestamptz) RETURNS text
LANGUAGE sql STABLE
SET timezone = 'UTC'
RETURN 'audit_events_' || CASE
  WHEN starts = '-infinity' THEN 'past'
  WHEN ends = 'infinity' THEN 'future'
  WHEN ends = starts + interval '1 month' THEN to_char(starts, 'YYYY_MM')
  ELSE 'until_' || to_char(ends, 'YYYY_MM')
END;

CREATE FUNCTION audit_part_bounds(starts timestamptz, ends timestamptz) RETURNS text
LANGUAGE sql STABLE
SET timezone = 'UTC'
SET datestyle = 'ISO'
RETURN format(
  'FOR VALUES FROM (%s) TO (%s)',
  CASE starts WHEN '-infinity' THEN 'MINVALUE' ELSE quote_literal(starts) END,
  CASE ends WHEN 'infinity' THEN 'MAXVALUE' ELSE quote_literal(ends) END
);

-- A part gets the trigger of each row from the whole table, but not that of a statement.
CREATE FUNCTION add_audit_part(starts timestamptz, ends timestamptz) RETURNS text
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
DECLARE
  name text := audit_part_name(starts, ends);
BEGIN
  EXECUTE format(
    'CREATE TABLE %I PARTITION OF audit_events (PRIMARY KEY (id)) %s', name, audit_part_bounds(starts, ends)
  );
  EXECUTE format(
    'CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON %I
       FOR EACH STATEMENT EXECUTE FUNCTION audit_events_only_grow()', name
  );
  RETURN name;
END
$$;

-- Makes what is missing of the month of `at` and the three after it. Returns the names of the new parts. Any number of
-- replicas may call it at once. It runs with the rights of its owner, because the role of the service cannot change the
-- schema; those who may add events may call it.
--
-- While it works, nobody else reads or writes events: some milliseconds, once a month. It waits for a second at most to
-- begin, because others wait behind it.
CREATE FUNCTION make_audit_months(at timestamptz) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO'
SET lock_timeout = '1s'
AS $$
DECLARE
  wanted timestamptz := date_trunc('month', at) + interval '4 months';
  future timestamptz;
  months timestamptz;
  month timestamptz;
  is_late boolean;
  made text[] := '{}';
BEGIN
  IF NOT isfinite(at) OR NOT has_table_privilege(session_user, 'audit_events', 'INSERT') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied for audit_events';
  END IF;
  SELECT starts INTO STRICT future FROM audit_parts() WHERE ends = 'infinity';
  IF future >= wanted THEN RETURN made; END IF;
  LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;
  -- Another replica may have been first.
  SELECT starts INTO STRICT future FROM audit_parts() WHERE ends = 'infinity';
  IF future >= wanted THEN RETURN made; END IF;

  SELECT EXISTS (SELECT FROM audit_events_future) INTO is_late;
  IF is_late THEN
    -- It gets an end, and its events stay where they are. Only those that are dated later move.
    months := greatest(future, date_trunc('month', at) + interval '1 month');
    ALTER TABLE audit_events DETACH PARTITION audit_events_future;
    ALTER TABLE audit_events_future RENAME TO audit_events_late;
  ELSE
    months := greatest(future, date_trunc('month', at));
    DROP TABLE audit_events_future;
    -- Nobody was here for months.
    IF months > future THEN made := made || add_audit_part(future, months); END IF;
  END IF;
  FOR month IN SELECT generate_series(months, wanted - interval '1 month', '1 month') LOOP
    made := made || add_audit_part(month, month + interval '1 month');
  END LOOP;
  PERFORM add_audit_part(wanted, 'infinity');
  IF is_late THEN
    WITH later AS (DELETE FROM audit_events_late WHERE occurred_at >= months RETURNING *)
    INSERT INTO audit_events SELECT * FROM later;
    IF months > future THEN
      made := audit_part_name(future, months) || made;
      EXECUTE format('ALTER TABLE audit_events_late RENAME TO %I', made[1]);
      EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I %s', made[1], audit_part_bounds(future, months));
    ELSE
      DROP TABLE audit_events_late;
    END IF;
  END IF;
  RETURN made;
END
$$;

-- Drops every part whose last event is older than `before`. A procedure, because a query cannot call one. Those who may
-- delete events may call it. What is younger in a part that is longer than a month is deleted by the row.
CREATE PROCEDURE drop_audit_months(before timestamptz, INOUT dropped text[] DEFAULT NULL)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
  ended record;
  last_end timestamptz;
BEGIN
  dropped := '{}';
  IF NOT has_table_privilege(session_user, 'audit_events', 'DELETE') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied for audit_events';
  END IF;
  -- An empty past stays.
  IF NOT EXISTS (SELECT FROM audit_parts() WHERE ends <= before AND isfinite(starts))
     AND NOT EXISTS (SELECT FROM audit_parts(), audit_events
                      WHERE NOT isfinite(starts) AND ends <= before AND occurred_at < ends) THEN
    RETURN;
  END IF;
  LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;
  FOR ended IN SELECT part, ends FROM audit_parts() WHERE ends <= before LOOP
    EXECUTE format('DROP TABLE %I', ended.part);
    dropped := dropped || ended.part;
    last_end := ended.ends;
  END LOOP;
  IF last_end IS NOT NULL THEN PERFORM add_audit_part('-infinity', last_end); END IF;
END
$$;

DO $$
DECLARE
  events_end timestamptz;
  renamed record;
  granted record;
BEGIN
  SET LOCAL lock_timeout = '2s';
  SET LOCAL timezone = 'UTC';
  FOR attempt IN 1..60 LOOP
    -- Those who come later wait behind this lock, so it is not waited for long.
    BEGIN
      LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF attempt = 60 THEN RAISE; END IF;
      PERFORM pg_sleep(1);
    END;
  END LOOP;
  SELECT substring(pg_get_constraintdef(oid) FROM '''([^'']+)''')::timestamptz INTO STRICT events_end
    FROM pg_constraint WHERE conrelid = 'audit_events'::regclass AND conname = 'audit_events_end';

  -- The table there is becomes the past.
  FOR renamed IN SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid
                  WHERE indrelid = 'audit_events'::regclass LOOP
    EXECUTE format('ALTER INDEX %I RENAME TO %I', renamed.relname,
                   replace(renamed.relname, 'audit_events', 'audit_events_past'));
  END LOOP;
  ALTER TABLE audit_events RENAME TO audit_events_past;
  DROP TRIGGER audit_events_only_grow ON audit_events_past;

  CREATE TABLE audit_events (LIKE audit_events_past INCLUDING DEFAULTS) PARTITION BY RANGE (occurred_at);
  CREATE INDEX audit_events_subject_id_occurred_at_id_idx ON audit_events (subject_id, occurred_at, id);
  CREATE INDEX audit_events_actor_id_occurred_at_id_idx ON audit_events (actor_id, occurred_at, id);
  CREATE INDEX audit_events_name_occurred_at_id_idx ON audit_events (name, occurred_at, id);
  CREATE INDEX audit_events_organization_id_occurred_at_id_idx ON audit_events (organization_id, occurred_at, id);
  CREATE INDEX audit_events_occurred_at_id_idx ON audit_events (occurred_at, id);
  CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_only_grow();
  CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_only_grow();
  FOR granted IN
    SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee,
           CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END AS option
      FROM pg_class, aclexplode(relacl) AS acl
     WHERE oid = 'audit_events_past'::regclass AND acl.grantee <> relowner
  LOOP
    EXECUTE format('GRANT %s ON audit_events TO %s %s', granted.privilege_type, granted.grantee, granted.option);
  END LOOP;

  IF EXISTS (SELECT FROM audit_events_past) THEN
    EXECUTE 'ALTER TABLE audit_events ATTACH PARTITION audit_events_past '
      || audit_part_bounds('-infinity', events_end);
    ALTER TABLE audit_events_past DROP CONSTRAINT audit_events_end;
  ELSE
    DROP TABLE audit_events_past;
    events_end := date_trunc('month', now());
    PERFORM add_audit_part('-infinity', events_end);
  END IF;
  PERFORM add_audit_part(events_end, 'infinity');
  PERFORM make_audit_months(now());
END $$;
