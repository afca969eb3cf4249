/**
 * Provisional sessions, for APIs that answer a registration with tokens although the address is not verified yet.
 *
 * Such a session can only request the verification email again and be refreshed, and it ends when the address is
 * verified. Its token is not an access token: it is signed with a secret and has its own type, so no other service and
 * no other endpoint accepts it. Under ACCOUNT_DISCOVERY=conceal-everywhere, registering a taken address also opens one,
 * on the existing account, so that neither the response nor the life of the token reveals that the address is taken.
 */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { HOUR_SECONDS, numericDate, secondsAfter } from '#core/time.ts';
import { readSecretJwt } from '#core/tokens/secret-jwt.ts';
import { signJwt } from '#core/tokens/sign-jwt.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { endSessionsWhere, findSession } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

const TYPE = 'provisional+jwt';
/** The lifetime of the access tokens of the same APIs. */
const TOKEN_TTL_SECONDS = HOUR_SECONDS;

/**
 * Opens a provisional session. Call it in the transaction that registers, with the user's row locked. Those of earlier
 * registrations end: a token that kept working would reveal that the address has another account.
 */
export async function openProvisionalSession(tx: Ctx, user: Pick<User, 'id'>): Promise<Session> {
  const now = tx.clock();
  const { ipAddress, userAgent } = tx.caller;
  await endProvisionalSessions(tx, user.id);
  const end = secondsAfter(now, Math.min(tx.config.sessionIdleTtlSeconds, tx.config.sessionTtlSeconds));
  tx.afterCommit(() => tx.metrics?.sessionOpened('registration'));
  return tx.db.session.create({
    data: {
      userId: user.id,
      method: 'registration',
      isProvisional: true,
      rotates: false,
      createdAt: now,
      lastUsedAt: now,
      authenticatedAt: now,
      expiresAt: end,
      absoluteExpiresAt: end,
      ipAddress,
      userAgent,
    },
  });
}

/** Ends the provisional sessions of earlier registrations, because a new registration competes with them. */
export async function endProvisionalSessions(tx: Ctx, userId: string): Promise<void> {
  await endSessionsWhere(tx, { userId, isProvisional: true }, 'registered_again');
}

/** A new token of the session: an HS256 JWT with `sid` and nothing about the account, valid for an hour. */
export function provisionalTokenOf(ctx: Ctx, session: Pick<Session, 'id'>): string {
  const iat = numericDate(ctx.clock());
  const claims = { sid: session.id, jti: randomUUID(), iat, exp: iat + TOKEN_TTL_SECONDS };
  return signJwt({ alg: 'HS256', typ: TYPE }, claims, ctx.secrets.refreshToken);
}

/**
 * The live provisional session of a token; null if there is none. Checks only the session: someone who registered the
 * address must not learn whether its account is disabled.
 */
export async function findProvisionalSession(ctx: Ctx, token: string): Promise<SessionWithUser | null> {
  const sessionId = sessionIdOfProvisionalToken(ctx, token);
  const found = sessionId === null ? null : await findSession(ctx, sessionId);
  if (found === null || !found.session.isProvisional || found.session.endedAt !== null) return null;
  return found.session.expiresAt > ctx.clock() ? found : null;
}

/** The session of a provisional token; null if this service did not issue it. */
export function sessionIdOfProvisionalToken(
  ctx: Ctx,
  token: string,
  options: { evenExpired?: boolean } = {},
): string | null {
  const rules = { ...options, type: TYPE, now: ctx.clock(), requiredClaims: ['sid', 'exp', 'iat', 'jti'] };
  const sid = readSecretJwt(ctx, token, rules)?.['sid'];
  return typeof sid === 'string' && isUuid(sid) ? sid : null;
}
