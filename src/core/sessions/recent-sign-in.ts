/**
 * What is sensitive asks for a recent sign-in: an access token alone may have been stolen, or left open on a screen
 * (OWASP ASVS 5.0 section 7.5; NIST SP 800-63B-4 section 5.2).
 */

import type { Ctx } from '#core/context.ts';
import { ReauthenticationRequiredError } from '#errors.ts';
import { secondsAfter } from './session.ts';
import { requireViewer, type Viewer } from './viewer.ts';

/**
 * The viewer, if they showed who they are in this session within REAUTHENTICATION_WINDOW: by signing in, or by
 * `reauthenticate`. Fails with UnauthenticatedError, ReauthenticationRequiredError.
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
