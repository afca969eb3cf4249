-- The first of three steps that divide the audit log into months without copying a row. The table there is becomes the
-- first part, which ends with a month that nobody has reached: the third step relies on this constraint instead of
-- reading the whole table. NOT VALID reads nothing. Two months at most are between now and the end, and one at least,
-- because from then on events are refused until the third step is done.
DO $$
BEGIN
  SET LOCAL lock_timeout = '2s';
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
  EXECUTE format(
    'ALTER TABLE audit_events ADD CONSTRAINT audit_events_end CHECK (occurred_at < %L) NOT VALID',
    (SELECT (date_trunc('month', greatest(now() + interval '31 days', max(occurred_at)) AT TIME ZONE 'UTC')
              + interval '1 month') AT TIME ZONE 'UTC' FROM audit_events)
  );
END $$;
