/** Signing in with a browser, which keeps its refresh token in a cookie. */
import type { Ctx } from '#core/context.ts';
import { handOverByCookie, requireCookie, type SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import { findPresentedSession } from '#core/sessions/presented-session.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import type { SignInOptions } from './gate.ts';

/**
 * A sign-in whose refresh token goes into the cookie and is left out of the response. The session that the browser had
 * before ends with it, also that of someone else, because nobody could sign out of it anymore.
 * Fails as `signIn` does, with CsrfError, and with ValidationError if no browser would keep the cookie (plain http).
 */
export async function signInByCookie<Input extends SignInOptions>(
  ctx: Ctx,
  input: Input,
  signIn: (ctx: Ctx, input: Input) => Promise<SignedIn>,
): Promise<SignedInByCookie> {
  const cookie = requireCookie(ctx);
  const previous = await findPresentedSession(ctx, cookie.read());
  const deviceToken = ctx.deviceCookie?.read() ?? input.deviceToken;
  return handOverByCookie(ctx, cookie, await signIn(ctx, { ...input, previous, deviceToken, transport: 'COOKIE' }));
}
