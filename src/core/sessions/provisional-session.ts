/**
 * Provisional sessions: what an API that answers a registration with tokens can give before the address is proven.
 *
 * Such a session is good for asking for the email again and for refreshing, and the proof ends it. Its token is no access
 * token: signed with a secret and of a type of its own, so that no other service can verify it and no other door opens.
 * Under ACCOUNT_DISCOVERY=conceal-everywhere the registration of a taken address opens one too, on the account that the
 * address has: neither the answer nor what becomes of the token tells one case from the other.
 */
import { randomUUID } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { Ctx } from '#core/context.ts';
import { acceptedSecrets } from '#core/secrets.ts';
import { signJwt } from '#core/tokens/sign-jwt.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { findSession, type SessionEndReason, secondsAfter } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

const TYPE = 'provisional+jwt';
/** As long as the access tokens of the same APIs. */
const TOKEN_TTL_SECONDS = 3600;

/**
 * Opens one; call it in the transaction that registers, with the user's row held. The one of an earlier registration
 * ends, as it does with an account that makes way for a new one: a token that goes on would tell that the address has
 * another account.
 */
export async function openProvisionalSession(tx: Ctx, user: Pick<User, 'id'>): Promise<Session> {
  const now = tx.clock();
  const { ipAddress, userAgent } = tx.caller;
  await endProvisionalSessions(tx, user.id);
  const end = secondsAfter(now, Math.min(tx.config.sessionIdleTtlSeconds, tx.config.sessionTtlSeconds));
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

/** Ends those of an earlier registration: a second one competes with it. */
export async function endProvisionalSessions(tx: Ctx, userId: string): Promise<void> {
  await tx.db.session.updateMany({
    where: { userId, isProvisional: true, endedAt: null },
    data: { endedAt: tx.clock(), endReason: 'registered_again' satisfies SessionEndReason },
  });
}

/** A new token of the session: HS256 JWT with `sid` and nothing about the account, good for an hour. */
export function provisionalTokenOf(ctx: Ctx, session: Pick<Session, 'id'>): string {
  const iat = Math.floor(ctx.clock().getTime() / 1000);
  const claims = { sid: session.id, jti: randomUUID(), iat, exp: iat + TOKEN_TTL_SECONDS };
  return signJwt({ alg: 'HS256', typ: TYPE }, claims, ctx.secrets.refreshToken);
}

/**
 * The live provisional session behind a token, null when there is none. Only the session is looked at: whether the
 * account is disabled is not for whoever registered its address to know.
 */
export async function findProvisionalSession(ctx: Ctx, token: string): Promise<SessionWithUser | null> {
  const sessionId = await readToken(ctx, token);
  const found = sessionId === null ? null : await findSession(ctx, sessionId);
  if (found === null || !found.session.isProvisional || found.session.endedAt !== null) return null;
  return found.session.expiresAt > ctx.clock() ? found : null;
}

async function readToken(ctx: Ctx, token: string): Promise<string | null> {
  const checks = { algorithms: ['HS256'], typ: TYPE, requiredClaims: ['exp'], currentDate: ctx.clock() };
  for (const { refreshToken } of acceptedSecrets(ctx.secrets)) {
    try {
      const { payload } = await jwtVerify(token, refreshToken, checks);
      return typeof payload.sid === 'string' ? payload.sid : null;
    } catch {
      // Made under another secret, or not by us.
    }
  }
  return null;
}
