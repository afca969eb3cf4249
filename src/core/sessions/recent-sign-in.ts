/**
 * Sensitive actions require a recent sign-in: an access token may have been stolen, or a screen left unlocked (OWASP
 * ASVS 5.0 section 7.5; NIST SP 800-63B-4 section 5.2).
 */
import type { Ctx, Viewer } from '#core/context.ts';
import { secondsAfter } from '#core/time.ts';
import { ReauthenticationRequiredError } from '#errors.ts';
import { requireViewer } from './viewer.ts';

/**
 * The viewer, if they authenticated in this session within REAUTHENTICATION_WINDOW, by signing in or with
 * `reauthenticate`. Fails with UnauthenticatedError and ReauthenticationRequiredError.
 */
export async function requireRecentSignIn(ctx: Ctx): Promise<Viewer> {
  const viewer = await requireViewer(ctx);
  if (recentSignInEndsAt(ctx, viewer.session) <= ctx.clock()) throw new ReauthenticationRequiredError();
  return viewer;
}

/** Until when the sign-in of a session counts as recent. */
export function recentSignInEndsAt(ctx: Pick<Ctx, 'config'>, session: { authenticatedAt: Date }): Date {
  return secondsAfter(session.authenticatedAt, ctx.config.reauthenticationWindowSeconds);
}
