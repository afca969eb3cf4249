/** The statements that write sessions. session-opener.ts says what it is asked for. */
import { AUDIT_EVENT_COLUMNS, auditEventValues } from '#core/audit.ts';
import { isKnownDevice } from '#core/devices/device-life.ts';
import type { FirstFactor } from '#core/tokens/authentication-claims.ts';
import { NEW_SESSION } from './session-opener.ts';

/** Active sessions a user may have; opening another one ends the least recently used. */
const MAX_SESSIONS = 50;

/** What both events of the statement have in common. Only requests open sessions. */
const EVENT = {
  outcome: "'SUCCESS'",
  subjectId: 'user_id',
  actorId: 'user_id',
  sessionRef: 'session_ref',
  organizationId: 'NULL::uuid',
  ipAddress: 'ip_address',
  userAgent: 'user_agent',
  requestId: 'request_id',
  origin: "'request'",
  method: 'method',
  amr: "string_to_array(amr, ' ')",
  occurredAt: 'opened_at',
};

const LIMIT = { id: 'limited_id', name: "'session_limit.reached'", method: 'NULL', amr: "'{}'" } as const;

const PRESENTED = {
  userId: 'surplus.user_id',
  id: 'surplus.presented_id',
  generation: 'surplus.presented_generation',
  since: 'surplus.known_since',
};

/**
 * Inserts each session and its audit event if the account may still sign in and still has the password that was
 * checked. Unless it was admitted, it must not have a second factor, and a suspended password does not count. The row
 * of the user stays locked until both are written. A concurrent password reset waits, and then sees the session that it
 * has to end. Sign-ins of one user run one after the other, so at most MAX_SESSIONS remain, however many come at once.
 * One statement, so that a sign-in costs one round trip here instead of eight. $1: an array of NEW_SESSION, as JSON,
 * with at most one session of each user.
 */
const open = (waiting: '' | 'SKIP LOCKED') => `
    WITH asked AS (
      SELECT * FROM json_to_recordset($1::json)
        AS asked (${Object.entries(NEW_SESSION)
          .map(([column, type]) => `${column} ${type}`)
          .join(', ')})
    ), held AS (
      SELECT asked.* FROM asked JOIN users u ON u.id = asked.user_id
       WHERE u.password_hash IS NOT DISTINCT FROM asked.password_hash
         AND u.disabled_at IS NULL AND u.deletes_at IS NULL
         AND (is_admitted OR NOT (u.has_second_factor
              OR (u.password_suspended_at IS NOT NULL AND method = '${'password' satisfies FirstFactor}')))
       ORDER BY u.id FOR NO KEY UPDATE OF u ${waiting}
    ), surplus AS (
      SELECT held.*, end_surplus_sessions(user_id, ${MAX_SESSIONS - 1}, opened_at) AS ended FROM held
    ), recorded AS (
      INSERT INTO audit_events (${AUDIT_EVENT_COLUMNS})
      SELECT ${auditEventValues({ ...EVENT, id: 'completed_id', name: "'login.completed'" })} FROM surplus
      UNION ALL
      SELECT ${auditEventValues({ ...EVENT, ...LIMIT })}
        FROM surplus WHERE ended > 0
    ), renewed AS (
      UPDATE devices d SET generation = greatest(d.generation, presented_generation + 1), last_seen_at = opened_at,
                           user_agent = surplus.user_agent
        FROM surplus WHERE ${isKnownDevice(PRESENTED)}
      RETURNING session_id, d.id, d.generation
    ), added AS (
      INSERT INTO devices (id, user_id, generation, user_agent, created_at, last_seen_at)
      SELECT new_device_id, user_id, 1, user_agent, opened_at, opened_at FROM surplus
       WHERE new_device_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM renewed WHERE renewed.session_id = surplus.session_id)
      RETURNING id, generation
    ), device AS (
      SELECT session_id, id, generation FROM renewed
      UNION ALL
      SELECT session_id, id, generation FROM added JOIN surplus ON new_device_id = id
    ), opened AS (
      INSERT INTO sessions
        (id, user_id, generation, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent,
         method, authenticated_at, rotates, amr, second_factor_at, second_factor, device_id, known_device_id)
      SELECT session_id, user_id, 1, opened_at, opened_at, expires_at, absolute_expires_at, ip_address, user_agent,
             method, opened_at, rotates, string_to_array(amr, ' '),
             CASE WHEN second_factor IS NOT NULL THEN opened_at END, second_factor, device_id, device.id
        FROM surplus LEFT JOIN device USING (session_id)
      RETURNING id)
    SELECT opened.id AS "sessionId", ended, device.id AS "deviceId", device.generation AS "deviceGeneration"
      FROM opened JOIN surplus ON session_id = opened.id LEFT JOIN device USING (session_id)`;

export const OPEN = { name: 'open-session', text: open('') };
/** Leaves out the accounts that someone else has locked. */
export const OPEN_FREE = { name: 'open-free-sessions', text: open('SKIP LOCKED') };
