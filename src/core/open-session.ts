/** Opening a session, for somebody who has just proven who they are. */
import { v7 as uuid } from 'uuid';
import type { Session, User } from '#generated/prisma/client.ts';
import type { AccessTokenOptions } from './access-token.ts';
import { type AuditEventName, sessionRef } from './audit.ts';
import type { Ctx } from './context.ts';
import { type SignedIn, secondsAfter, tokensOf } from './session.ts';

/**
 * Session and audit event, if the account still has the password that was checked and may sign in. The row is held
 * until both are in: a reset that comes meanwhile waits, and then sees the session that it has to end.
 * One statement, so that a login costs one round trip here instead of six.
 */
const OPEN = {
  name: 'open-session',
  text: `
    WITH held AS (
      SELECT id FROM users WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $2 AND disabled_at IS NULL AND deletes_at IS NULL FOR SHARE
    ), recorded AS (
      INSERT INTO audit_events
        (id, name, outcome, subject_id, actor_id, ip_address, user_agent, request_id, occurred_at, session_ref)
      SELECT $3, $4, 'SUCCESS', id, id, $5, $6, $7, $8, $13 FROM held
    )
    INSERT INTO sessions
      (id, user_id, generation, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent,
       method, authenticated_at, rotates)
    SELECT $9, id, $10, $8, $8, $11, $12, $5, $6, $14, $8, $15 FROM held
    RETURNING id`,
};

/** What a client may ask for when a session is opened. */
export type SessionOptions = AccessTokenOptions & {
  /** How the person proved who they are: `password` or `email`. */
  method?: 'password' | 'email';
  /** False for clients that are given no new refresh token when they refresh. */
  rotates?: boolean;
};

/** The new session and its tokens; null when the password was changed or the account disabled meanwhile. */
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
  ]);
  return opened.length === 0 ? null : { tokens: tokensOf(ctx, user, session, options), user, session };
}
