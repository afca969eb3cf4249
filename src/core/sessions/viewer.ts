/** The viewer is the signed-in user: found from the bearer token and its live session, in one query. */
import type { Ctx, Parts, Viewer } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import type { AccessTokenClaims } from '#core/tokens/access-token-claims.ts';
import { asClaimed } from '#core/tokens/claimed-proofs.ts';
import { isUsableAccount } from '#core/usable.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { findSession, isLiveSession } from './session.ts';
import { noteUse } from './spent-token.ts';

/**
 * The viewer of an access token. Its session is read on every request, so a sign-out, a disabled account, and a changed
 * role take effect immediately, on every replica. Fails with UnauthenticatedError if the session has ended.
 */
export async function findViewer(parts: Parts, claims: AccessTokenClaims): Promise<Viewer> {
  const found = await findSession(parts, claims.sid);
  if (found === null || found.user.id !== claims.sub || found.session.isProvisional || !isLiveSession(parts, found)) {
    throw new UnauthenticatedError('SESSION_ENDED');
  }
  await noteUse(parts, found, claims);
  const { authTime, mfaTime, iat } = claims;
  return { user: found.user, session: asClaimed(found.session, { authTime: authTime ?? iat, mfaTime }) };
}

/** What the access token of the request says. Fails with UnauthenticatedError if there is none, or it is not valid. */
export async function requireClaims(ctx: Ctx): Promise<AccessTokenClaims> {
  const claims = await ctx.claims();
  if (claims === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return claims;
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
  if (current === null || !isUsableAccount(current) || !isLive) throw new UnauthenticatedError('SESSION_ENDED');
  return current;
}
