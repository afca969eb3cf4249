/** Opens a session for someone who has just authenticated. */
import { v7 as uuid } from 'uuid';
import { AUDIT_EVENT_COLUMNS, type AuditEventName, auditEventValues, sessionRef } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { secondsAfter } from '#core/time.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { type SignedIn, tokensOf } from './session.ts';

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
  occurredAt: '$8::timestamptz',
};

/**
 * Inserts the session and its audit event if the account may still sign in and still has the password that was checked.
 * The row of the user stays locked until both are written. A concurrent password reset waits, and then sees the session
 * that it has to end. Sign-ins of one user run one after the other, so at most MAX_SESSIONS remain, however many come
 * at once. One statement, so that a sign-in costs one round trip here instead of seven.
 */
const OPEN = {
  name: 'open-session',
  text: `
    WITH held AS (
      SELECT id FROM users
       WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $2 AND disabled_at IS NULL AND deletes_at IS NULL
         FOR NO KEY UPDATE
    ), surplus AS (
      SELECT id AS user_id, end_surplus_sessions(id, ${MAX_SESSIONS - 1}, $8) AS ended FROM held
    ), recorded AS (
      INSERT INTO audit_events (${AUDIT_EVENT_COLUMNS})
      SELECT ${auditEventValues({ ...EVENT, id: '$3::uuid', name: '$4' })} FROM surplus
      UNION ALL
      SELECT ${auditEventValues({ ...EVENT, id: '$16::uuid', name: "'session_limit.reached'" })}
        FROM surplus WHERE ended > 0
    )
    INSERT INTO sessions
      (id, user_id, generation, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent,
       method, authenticated_at, rotates)
    SELECT $9, user_id, $10, $8, $8, $11, $12, $5, $6, $14, $8, $15 FROM surplus
    RETURNING id`,
};

/** What a client may choose when it opens a session. */
export type SessionOptions = AccessTokenOptions & {
  /** How the person authenticated. */
  method?: 'password' | 'email';
  /** False for clients that keep their refresh token when they refresh. */
  rotates?: boolean;
};

/** The new session and its tokens; null if the password was changed or the account disabled in the meantime. */
export async function openSession(
  ctx: Ctx,
  user: User,
  event: AuditEventName,
  { method = 'password', rotates = true, ...options }: SessionOptions = {},
): Promise<SignedIn | null> {
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
    isProvisional: false,
  };
  const opened = await ctx.database.query(OPEN, [
    user.id,
    user.passwordHash,
    uuid(),
    event,
    ipAddress,
    userAgent,
    requestId,
    now,
    session.id,
    session.generation,
    session.expiresAt,
    absoluteExpiresAt,
    sessionRef(ctx, session.id),
    method,
    rotates,
    uuid(),
  ]);
  ctx.trail.userId ??= user.id;
  return opened.length === 0 ? null : { tokens: tokensOf(ctx, user, session, options), user, session };
}
