/** The viewer is the signed-in user: found from the bearer token and its live session, in one query. */
import type { Ctx, Parts, Viewer } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { fromNumericDate, numericDate } from '#core/time.ts';
import type { AccessTokenClaims } from '#core/tokens/access-token.ts';
import { UnauthenticatedError } from '#errors.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { findSession, isLiveSession, mayUse } from './session.ts';
import { noteUse } from './spent-token.ts';

/**
 * The viewer of a bearer token; null if there is no token. The session is read on every request, so a sign-out, a
 * disabled account, and a changed role take effect immediately, on every replica.
 */
export async function findViewer(parts: Parts, bearerToken: string | null): Promise<Viewer | null> {
  if (bearerToken === null) return null;
  const claims = await parts.accessTokens.read(bearerToken);
  const found = await findSession(parts, claims.sid);
  if (
    found === null ||
    found.user.id !== claims.sub ||
    found.session.isProvisional ||
    !isLiveSession(found, parts.clock())
  ) {
    throw new UnauthenticatedError('SESSION_ENDED');
  }
  await noteUse(parts, found, claims);
  return { user: found.user, session: asOfToken(found.session, claims) };
}

/**
 * The session as its token may claim it. A proof that was given after the token was made does not count for it: the
 * owner gets a new token with the proof, and one that someone has stolen before stays what it was.
 */
function asOfToken(session: Session, { iat, authTime, mfaTime }: AccessTokenClaims): Session {
  const { authenticatedAt, secondFactorAt } = session;
  return {
    ...session,
    authenticatedAt: earlier(authenticatedAt, authTime ?? iat),
    secondFactorAt: secondFactorAt === null || mfaTime === null ? null : earlier(secondFactorAt, mfaTime),
  };
}

function earlier(proof: Date, claimed: number): Date {
  return numericDate(proof) <= claimed ? proof : fromNumericDate(claimed);
}

/** The viewer. Fails with UnauthenticatedError if there is none. */
export async function requireViewer(ctx: Ctx): Promise<Viewer> {
  const viewer = await ctx.viewer();
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return viewer;
}

/**
 * The viewer's current row, locked until the end of the transaction. For changes that must not outlive the session: if
 * the session was ended in the meantime, a request that is already running must not change anything anymore.
 * Fails with UnauthenticatedError.
 */
export async function holdViewer(tx: Ctx, { user, session }: Viewer): Promise<User> {
  const current = await lockUser(tx, user.id);
  const isLive = (await tx.db.session.count({ where: { id: session.id, endedAt: null } })) === 1;
  if (current === null || !mayUse(current) || !isLive) throw new UnauthenticatedError('SESSION_ENDED');
  return current;
}
