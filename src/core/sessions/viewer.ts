/** Who is asking: found from the bearer token and the live session behind it, in one query. */

import { lockUser } from '#core/accounts/lock-user.ts';
import type { Ctx, Parts } from '#core/context.ts';
import { UnauthenticatedError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { findSession, isLiveSession, mayUse } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

export type Viewer = SessionWithUser;

/**
 * The viewer behind a bearer token, null when there is no token. The session is looked at on every request, so
 * sign-out, disabling and a changed role bite at once, on every replica.
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
  return found;
}

/** The viewer; fails with UnauthenticatedError when there is none. */
export async function requireViewer(ctx: Ctx): Promise<Viewer> {
  const viewer = await ctx.viewer();
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return viewer;
}

/**
 * The viewer's row as it is now, locked until the end of the transaction, for what must not outlive the session: when
 * everything was ended meanwhile, a request that was under way changes nothing any more.
 * Fails with UnauthenticatedError.
 */
export async function holdViewer(tx: Ctx, { user, session }: Viewer): Promise<User> {
  const current = await lockUser(tx, user.id);
  const isLive = (await tx.db.session.count({ where: { id: session.id, endedAt: null } })) === 1;
  if (current === null || !mayUse(current) || !isLive) throw new UnauthenticatedError('SESSION_ENDED');
  return current;
}
