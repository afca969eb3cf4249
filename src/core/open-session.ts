/** Opening a session, for somebody whose password has just been checked. */
import { v7 as uuid } from 'uuid';
import type { Session, User } from '#generated/prisma/client.ts';
import type { AuditEventName } from './audit.ts';
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
      SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE
    ), recorded AS (
      INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, ip_address, user_agent, request_id, occurred_at)
      SELECT $3, $4, 'SUCCESS', id, id, $5, $6, $7, $8 FROM held
    )
    INSERT INTO sessions (id, user_id, generation, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent)
    SELECT $9, id, $10, $8, $8, $11, $12, $5, $6 FROM held
    RETURNING id`,
};

/** The new session and its tokens; null when the password was changed or the account disabled meanwhile. */
export async function openSession(ctx: Ctx, user: User, event: AuditEventName): Promise<SignedIn | null> {
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
  ]);
  return opened.length === 0 ? null : { tokens: tokensOf(ctx, user, session), user, session };
}
