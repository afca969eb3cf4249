/**
 * The session of a bearer token that its client may exchange for a new one: a provisional session, or the session of an
 * access token that was issued as refreshable. Used by APIs that have no refresh tokens.
 */
import type { Ctx } from '#core/context.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';
import { findProvisionalSession } from './provisional-session.ts';
import type { SessionWithUser } from './session-columns.ts';
import { requireClaims, requireViewer } from './viewer.ts';

/** Fails with UnauthenticatedError, also for an access token that was not issued as refreshable. */
export async function requireRefreshableSession(ctx: Ctx): Promise<SessionWithUser> {
  const token = ctx.bearerToken ?? '';
  const provisional = await findProvisionalSession(ctx, token);
  if (provisional !== null) return provisional;
  const viewer = await requireViewer(ctx);
  const { isRefreshable } = await requireClaims(ctx);
  if (!isRefreshable) throw new UnauthenticatedError('TOKEN_INVALID');
  return viewer;
}
