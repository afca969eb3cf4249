/** Sessions: the tokens that they give, whether they are live, and how they end. */
import type { Ctx, Parts } from '#core/context.ts';
import { secondsAfter } from '#core/time.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import { LEGACY_PASSWORD } from '#core/tokens/authentication-claims.ts';
import { isUsableAccount } from '#core/usable.ts';
import type { Prisma, Session, User } from '#generated/prisma/client.ts';
import { refreshTokenOf } from './refresh-token.ts';
import { SESSION_WITH_USER_COLUMNS, type SessionWithUser, toSessionWithUser } from './session-columns.ts';

/** What a client receives when it signs in and with every refresh. */
export type Tokens = {
  accessToken: string;
  tokenType: 'Bearer';
  /** Seconds until the access token expires, for clients whose clock is wrong. */
  expiresIn: number;
  expiresAt: Date;
  refreshToken: string;
  refreshTokenExpiresAt: Date;
  /** What the device keeps after a sign-in, so that it is known at the next; null in every other answer. */
  deviceToken: string | null;
};

/** Someone who has just signed in. */
export type SignedIn = { tokens: Tokens; user: User; session: Session };

/** Why a session ended, as its row says. Reasons are added, never renamed. */
export type SessionEndReason =
  | 'logout'
  | 'logout_everywhere'
  | 'replay'
  | 'password_reset'
  | 'password_changed'
  | 'factors_changed'
  | 'factors_removed'
  | 'legacy_password_removed'
  | 'security_change_undone'
  | 'email_changed'
  | 'email_proven'
  | 'registered_again'
  | 'too_many_sessions'
  | 'replaced_by_sign_in'
  | 'ended_by_owner'
  | 'ended_by_operator'
  | 'revoked_by_service'
  | 'account_disabled'
  | 'account_deleted'
  | 'backup_restored';

/** The tokens of a session in its current state. */
export function tokensOf(
  ctx: Pick<Ctx, 'config' | 'secrets' | 'accessTokens'>,
  user: User,
  session: Session,
  options: AccessTokenOptions = {},
): Tokens {
  const access = ctx.accessTokens.issue(user, session, options);
  return {
    accessToken: access.token,
    tokenType: 'Bearer',
    expiresIn: options.accessTokenTtlSeconds ?? ctx.config.accessTokenTtlSeconds,
    expiresAt: access.expiresAt,
    refreshToken: refreshTokenOf(ctx, session),
    refreshTokenExpiresAt: session.expiresAt,
    deviceToken: null,
  };
}

const PROLONG = {
  name: 'prolong-session',
  text: `
    UPDATE sessions s
       SET last_used_at = $2, expires_at = least(s.absolute_expires_at, $3)
      FROM users u
     WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND NOT s.is_provisional
       AND ($4 OR s.method <> '${LEGACY_PASSWORD}')
       AND u.id = s.user_id AND u.disabled_at IS NULL AND u.deletes_at IS NULL
    RETURNING ${SESSION_WITH_USER_COLUMNS}`,
};

/** Extends a live session without rotating its refresh token; null if it is not live. */
export async function prolongSession(ctx: Ctx, sessionId: string): Promise<SessionWithUser | null> {
  const now = ctx.clock();
  const idleEnd = secondsAfter(now, ctx.config.sessionIdleTtlSeconds);
  const [row] = await ctx.database.rows(PROLONG, [sessionId, now, idleEnd, ctx.config.legacyPasswords]);
  return row === undefined ? null : toSessionWithUser(row);
}

/** A session with its user, live or not, read by primary key. */
export function findSession({ sessionReader }: Parts, sessionId: string): Promise<SessionWithUser | null> {
  return sessionReader.read(sessionId);
}

/**
 * Whether the session has not ended and its user may use it. One that a legacy password opened is live only while
 * LEGACY_PASSWORDS allows these.
 */
export function isLiveSession({ clock, config }: Pick<Parts, 'clock' | 'config'>, found: SessionWithUser): boolean {
  const { endedAt, expiresAt, method } = found.session;
  if (method === LEGACY_PASSWORD && !config.legacyPasswords) return false;
  return endedAt === null && expiresAt > clock() && isUsableAccount(found.user);
}

/** Ends one session. Returns whether this call ended it. */
export async function endSession(ctx: Ctx, sessionId: string, reason: SessionEndReason): Promise<boolean> {
  return (await endSessionsWhere(ctx, { id: sessionId }, reason)) === 1;
}

/** Ends the sessions that match and have not ended. Returns their number. */
export async function endSessionsWhere(
  ctx: Ctx,
  where: Prisma.SessionWhereInput,
  reason: SessionEndReason,
): Promise<number> {
  const { count } = await ctx.db.session.updateMany({
    where: { ...where, endedAt: null },
    data: { endedAt: ctx.clock(), endReason: reason },
  });
  ctx.afterCommit(() => ctx.metrics?.sessionsEnded(reason, count));
  return count;
}

/**
 * Ends every live session of a user except `exceptId`. Returns their number, without provisional ones, because nobody
 * signed in to those.
 */
export async function endSessions(
  ctx: Ctx,
  userId: string,
  reason: SessionEndReason,
  exceptId: string | null = null,
): Promise<number> {
  const now = ctx.clock();
  const ended = await ctx.db.session.updateManyAndReturn({
    where: { userId, endedAt: null, expiresAt: { gt: now }, ...(exceptId === null ? {} : { id: { not: exceptId } }) },
    data: { endedAt: now, endReason: reason },
    select: { isProvisional: true },
  });
  ctx.afterCommit(() => ctx.metrics?.sessionsEnded(reason, ended.length));
  return ended.filter(({ isProvisional }) => !isProvisional).length;
}
