-- DropIndex
DROP INDEX "sessions_user_id_created_at_idx";

-- CreateIndex
CREATE INDEX "sessions_user_id_ended_at_idx" ON "sessions"("user_id", "ended_at");

-- Ends the live sessions of a user that were used longest ago, but for the `keep` used last; gives how many.
-- A function because each statement in it sees what was committed until then: called while the row of the user is held,
-- it sees every session that log-ins before this one have opened. The statement that calls it would not.
CREATE FUNCTION end_surplus_sessions(owner uuid, keep int, at timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  ended int;
BEGIN
  UPDATE sessions SET ended_at = at, end_reason = 'too_many_sessions'
   WHERE id IN (SELECT id FROM sessions
                 WHERE user_id = owner AND ended_at IS NULL AND expires_at > at AND NOT is_provisional
                 ORDER BY last_used_at DESC, id DESC
                OFFSET keep);
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;
