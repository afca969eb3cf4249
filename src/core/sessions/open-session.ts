/**
 * Opens a session for someone who has just authenticated. Only the gate (core/sign-in/gate.ts) imports this: every way
 * to sign in passes it. The statement itself refuses an account with a second factor, unless the gate has admitted it.
 */
import { v7 as uuid } from 'uuid';
import { AUDIT_EVENT_COLUMNS, auditEventValues, logEvents, sessionRef } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { deviceToken, type PresentedDevice } from '#core/devices/device-token.ts';
import { isKnownDevice, knownSince } from '#core/devices/known-device.ts';
import { secondsAfter } from '#core/time.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import type { FirstFactor, SessionFactor } from '#core/tokens/authentication-claims.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { type SessionEndReason, type SignedIn, tokensOf } from './session.ts';

/** Active sessions a user may have; opening another one ends the least recently used. */
const MAX_SESSIONS = 50;

/** What both events of the statement have in common. Only requests open sessions. */
const EVENT = {
  outcome: "'SUCCESS'",
  subjectId: 'user_id',
  actorId: 'user_id',
  sessionRef: '$13',
  organizationId: 'NULL::uuid',
  ipAddress: '$5',
  userAgent: '$6',
  requestId: '$7',
  origin: "'request'",
  method: '$14::text',
  amr: "string_to_array($16, ' ')",
  occurredAt: '$8::timestamptz',
};

const LIMIT = { id: '$4::uuid', name: "'session_limit.reached'", method: 'NULL', amr: "'{}'" } as const;

/**
 * Inserts the session and its audit event if the account may still sign in and still has the password that was checked.
 * Unless it was admitted ($17), it must not have a second factor, and a suspended password does not count. The row of
 * the user stays locked until both are written. A concurrent password reset waits, and then sees the session that it
 * has to end. Sign-ins of one user run one after the other, so at most MAX_SESSIONS remain, however many come
 * at once. The device that the token $20 and $21 names is renewed; if it is not known, $23 is added, unless null. One
 * statement, so that a sign-in costs one round trip here instead of eight.
 */
const OPEN = {
  name: 'open-session',
  text: `
    WITH held AS (
      SELECT id FROM users
       WHERE id = $1::uuid AND password_hash IS NOT DISTINCT FROM $2 AND disabled_at IS NULL AND deletes_at IS NULL
         AND ($17::boolean OR NOT (has_second_factor OR (password_suspended_at IS NOT NULL AND $14 = 'password')))
         FOR NO KEY UPDATE
    ), surplus AS (
      SELECT id AS user_id, end_surplus_sessions(id, ${MAX_SESSIONS - 1}, $8::timestamptz) AS ended FROM held
    ), recorded AS (
      INSERT INTO audit_events (${AUDIT_EVENT_COLUMNS})
      SELECT ${auditEventValues({ ...EVENT, id: '$3::uuid', name: "'login.completed'" })} FROM surplus
      UNION ALL
      SELECT ${auditEventValues({ ...EVENT, ...LIMIT })}
        FROM surplus WHERE ended > 0
    ), renewed AS (
      UPDATE devices d SET generation = greatest(d.generation, $21::int + 1), last_seen_at = $8::timestamptz,
                           user_agent = $6
        FROM surplus WHERE ${isKnownDevice({ userId: 'surplus.user_id', id: '$20', generation: '$21', since: '$22' })}
      RETURNING d.id, d.generation
    ), added AS (
      INSERT INTO devices (id, user_id, generation, user_agent, created_at, last_seen_at)
      SELECT $23::uuid, user_id, 1, $6, $8::timestamptz, $8::timestamptz FROM surplus
       WHERE $23::uuid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM renewed)
      RETURNING id, generation
    ), device AS (
      SELECT id, generation FROM renewed UNION ALL SELECT id, generation FROM added
    )
    INSERT INTO sessions
      (id, user_id, generation, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent,
       method, authenticated_at, rotates, amr, second_factor_at, second_factor, device_id, known_device_id)
    SELECT $9::uuid, user_id, $10, $8::timestamptz, $8::timestamptz, $11::timestamptz, $12::timestamptz, $5, $6, $14,
           $8::timestamptz, $15, string_to_array($16, ' '), CASE WHEN $18::text IS NOT NULL THEN $8::timestamptz END, $18,
           $19::uuid, (SELECT id FROM device) FROM surplus
    RETURNING (SELECT ended FROM surplus) AS ended, known_device_id AS "deviceId",
              (SELECT generation FROM device) AS "deviceGeneration"`,
};

type Opened = { ended: number; deviceId: string | null; deviceGeneration: number | null };

/** What a client may choose when it opens a session. */
export type SessionOptions = AccessTokenOptions & {
  /** False for clients that keep their refresh token when they refresh. */
  rotates?: boolean;
};

/** Why the gate opens a session. */
export type Admission = {
  method: FirstFactor;
  /** Values of RFC 8176 for what was verified, and `email`. */
  amr: readonly string[];
  /** The second factor that was verified, or the trusted device that stands in for it. A legacy password does, too. */
  secondFactor?: SessionFactor;
  deviceId?: string;
  /** The device that the client says it is on. */
  presented?: PresentedDevice | null;
};

/** A new session, and what its device keeps from now on. */
export type OpenedSession = SignedIn & {
  /** Whether the device was not known before; also for clients that cannot keep a device token. */
  isNewDevice: boolean;
};

/**
 * The new session and its tokens; null if the password was changed, the account disabled, or a second factor is needed.
 * In a transaction, it is opened with the commit.
 */
export async function openSession(
  ctx: Ctx,
  user: User,
  { method, amr, secondFactor, deviceId, presented = null }: Admission,
  { rotates = true, ...options }: SessionOptions,
): Promise<OpenedSession | null> {
  const now = ctx.clock();
  const { ipAddress, userAgent, requestId } = ctx.caller;
  const absoluteExpiresAt = secondsAfter(now, ctx.config.sessionTtlSeconds);
  const idleEnd = secondsAfter(now, ctx.config.sessionIdleTtlSeconds);
  const session: Session = {
    id: uuid(),
    userId: user.id,
    generation: 1,
    rotatedAt: null,
    usedGeneration: 1,
    reissuedGeneration: null,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: idleEnd < absoluteExpiresAt ? idleEnd : absoluteExpiresAt,
    absoluteExpiresAt,
    endedAt: null,
    endReason: null,
    ipAddress,
    userAgent,
    method,
    authenticatedAt: now,
    rotates,
    usedElsewhereAt: null,
    refusedElsewhereAt: null,
    isProvisional: false,
    amr: [...amr],
    secondFactorAt: secondFactor === undefined ? null : now,
    secondFactor: secondFactor ?? null,
    deviceId: deviceId ?? null,
    knownDeviceId: null,
  };
  const [completed, limited] = [uuid(), uuid()];
  const reference = sessionRef(ctx, session.id);
  const [opened] = await run(ctx, [
    user.id,
    user.passwordHash,
    completed,
    limited,
    ipAddress,
    userAgent,
    requestId,
    now,
    session.id,
    session.generation,
    session.expiresAt,
    absoluteExpiresAt,
    reference,
    method,
    rotates,
    amr.join(' '),
    secondFactor !== undefined || deviceId !== undefined || method === 'legacy-password',
    secondFactor ?? null,
    deviceId ?? null,
    presented?.id ?? null,
    presented?.generation ?? 0,
    knownSince(now),
    // Only clients of GraphQL can keep the token of a device.
    ctx.deviceCookie === null ? null : uuid(),
  ]);
  ctx.trail.userId ??= user.id;
  if (opened === undefined) return null;
  const event = {
    outcome: 'SUCCESS',
    subjectId: user.id,
    actorId: user.id,
    sessionRef: reference,
    organizationId: null,
    ipAddress,
    requestId,
    origin: 'request',
    occurredAt: now,
  };
  ctx.afterCommit(() => {
    ctx.metrics?.sessionOpened(method);
    ctx.metrics?.sessionsEnded('too_many_sessions' satisfies SessionEndReason, opened.ended);
  });
  logEvents(ctx, [
    { ...event, id: completed, name: 'login.completed', method, amr: [...amr] },
    ...(opened.ended > 0 ? [{ ...event, id: limited, name: 'session_limit.reached', method: null, amr: [] }] : []),
  ]);
  const { deviceId: id, deviceGeneration: number } = opened;
  const tokens = tokensOf(ctx, user, session, options);
  if (id === null || number === null) return { tokens, user, session, isNewDevice: true };
  return {
    tokens: { ...tokens, deviceToken: deviceToken(ctx.secrets, { id, generation: number }) },
    user,
    session: { ...session, knownDeviceId: id },
    isNewDevice: id !== presented?.id,
  };
}

/** As a prepared statement of its own, or as part of the current transaction. */
function run(ctx: Ctx, values: unknown[]): Promise<Opened[]> {
  return ctx.db === ctx.database.prisma
    ? ctx.database.query(OPEN, values)
    : ctx.db.$queryRawUnsafe<Opened[]>(OPEN.text, ...values);
}
