/**
 * The statements of throttle.ts. Each commits by itself and locks its rows in the order of their keys, so there are no
 * deadlocks.
 */
import { CLOCK_TOLERANCE_SECONDS } from '#core/time.ts';

/**
 * SQL conditions and values for a stored row `t` and the row `excluded` that is being inserted; $1 is now. A window or
 * a wait that ends later than one that begins now dates from before the clock was set back, and counts as over.
 */
const LATEST = `interval '${CLOCK_TOLERANCE_SECONDS} seconds'`;
const IS_RUNNING = `(t.expires_at > $1 AND t.expires_at <= excluded.expires_at + ${LATEST})`;
const waitEnds = (row: string) =>
  `$1::timestamptz + make_interval(secs => CASE WHEN ${row}.max_wait > 0 THEN ${row}.max_wait ELSE ${row}.seconds END)`;

/**
 * Takes one from each budget of an attempt, unless one of them is blocked, and returns those taken. $1: now, $2: the
 * number of the attempt, $3–$6: its budgets, each of which occurs once; $7: watched ones, which are returned if they
 * are blocked. One attempt may take from a budget that another watches, so each row says which of the two it is. If
 * someone else blocks a budget at the same moment, it is missing from the result.
 */
export const RESERVE = {
  name: 'reserve-budgets',
  text: `
    WITH wanted AS (
      SELECT * FROM unnest($2::int[], $3::text[], $4::int[], $5::int[], $6::int[])
                 AS w (attempt, key, capacity, max_wait, seconds)
    ), taken AS (
    INSERT INTO throttles AS t (key, count, capacity, max_wait, blocked_until, expires_at)
    SELECT key, 1, capacity, max_wait,
           CASE WHEN capacity > 1 THEN NULL WHEN max_wait > 0 THEN $1::timestamptz + interval '1 second'
                ELSE $1::timestamptz + make_interval(secs => seconds) END,
           $1::timestamptz + make_interval(secs => seconds)
      FROM wanted
     WHERE NOT EXISTS (SELECT 1 FROM throttles b JOIN wanted w ON w.key = b.key
                        WHERE w.attempt = wanted.attempt
                          AND b.blocked_until > $1::timestamptz AND b.blocked_until <= ${waitEnds('w')} + ${LATEST})
     ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
      capacity = excluded.capacity,
      max_wait = excluded.max_wait,
      count = CASE WHEN ${IS_RUNNING} THEN t.count + 1 ELSE 1 END,
      blocked_until = CASE
        WHEN NOT ${IS_RUNNING} THEN excluded.blocked_until
        WHEN t.count + 1 < excluded.capacity THEN NULL
        WHEN excluded.max_wait > 0 THEN $1::timestamptz
          + make_interval(secs => least(excluded.max_wait, power(2, least(t.count + 1 - excluded.capacity, 20))))
        ELSE t.expires_at END,
      -- The window starts with the first attempt; once waits grow, it restarts with each attempt.
      expires_at = CASE WHEN NOT ${IS_RUNNING} OR (excluded.max_wait > 0 AND t.count + 1 >= excluded.capacity)
                        THEN excluded.expires_at ELSE t.expires_at END
      WHERE t.blocked_until IS NULL OR t.blocked_until <= $1
         OR t.blocked_until > ${LATEST} + CASE WHEN excluded.max_wait > 0
              THEN $1::timestamptz + make_interval(secs => excluded.max_wait) ELSE excluded.expires_at END
    RETURNING key, count, blocked_until, succeeded_at)
    SELECT key, count, blocked_until AS "blockedUntil", succeeded_at AS "succeededAt", true AS "isTaken" FROM taken
    UNION ALL
    SELECT key, count, blocked_until, succeeded_at, false FROM throttles
     WHERE key = ANY($7::text[]) AND blocked_until > $1::timestamptz`,
};

/** Which of the budgets refuse, until when, and whether this is the first refusal in their window. $1: now. */
export const REFUSE = {
  name: 'refuse-budgets',
  text: `
    WITH blocked AS (
      SELECT t.key, t.blocked_until, w.seconds
        FROM throttles t JOIN unnest($2::text[], $3::int[]) AS w (key, seconds) ON w.key = t.key
       WHERE t.blocked_until > $1::timestamptz),
    due AS (
      SELECT t.key FROM throttles t JOIN blocked b ON b.key = t.key
       WHERE t.refused_at IS NULL OR t.refused_at <= $1::timestamptz - make_interval(secs => b.seconds)
          OR t.refused_at > $1::timestamptz + ${LATEST}
       ORDER BY t.key FOR UPDATE OF t),
    noted AS (
      UPDATE throttles t SET refused_at = $1::timestamptz FROM due WHERE t.key = due.key RETURNING t.key)
    SELECT key, blocked_until AS "blockedUntil", EXISTS (SELECT 1 FROM noted n WHERE n.key = blocked.key) AS "isFirst"
      FROM blocked`,
};

/** The count of a budget in its current window. */
export const COUNT = {
  name: 'count-of-budget',
  text: 'SELECT count FROM throttles WHERE key = $1 AND expires_at > $2',
};

/**
 * Resets the budgets of $2 that $3 says are owned, and gives back one reservation of the others for each time that they
 * occur, with the wait it caused. $1: now, $4: whether it is because of a success. Returns the counts of $5, which are
 * none of them.
 */
export const SETTLE = {
  name: 'settle-budgets',
  text: `
    WITH asked AS (
      SELECT key, bool_or(is_owned) AS is_owned, bool_or(is_success) AS is_success, count(*)::int AS times
        FROM unnest($2::text[], $3::boolean[], $4::boolean[]) AS a (key, is_owned, is_success) GROUP BY key
    ), held AS (
      SELECT asked.* FROM asked JOIN throttles t USING (key) ORDER BY key FOR UPDATE OF t
    ), settled AS (
      UPDATE throttles t SET
        count = CASE WHEN is_owned THEN 0 ELSE greatest(t.count - times, 0) END,
        blocked_until = CASE WHEN is_owned OR t.count - times < t.capacity THEN NULL ELSE t.blocked_until END,
        expires_at = CASE WHEN is_owned THEN $1::timestamptz ELSE t.expires_at END,
        succeeded_at = CASE WHEN is_success AND NOT is_owned THEN $1::timestamptz ELSE t.succeeded_at END
        FROM held WHERE t.key = held.key)
    SELECT key, count FROM throttles WHERE key = ANY($5::text[]) AND expires_at > $1::timestamptz`,
};

/** $1: now. */
export const EXHAUSTED = {
  name: 'exhausted-budgets',
  text: `SELECT split_part(key, ':', 1) AS name, count(*)::int AS count FROM throttles
          WHERE blocked_until > $1::timestamptz GROUP BY 1 ORDER BY 1`,
};
