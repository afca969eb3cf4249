/** Signing in with the refresh token in a cookie, where no script of the page can read it. */
import type { RefreshCookie } from '#core/context.ts';
import type { SignedIn, Tokens } from './session.ts';

/** The result of a sign-in for a browser, without the refresh token, which is in the cookie. */
export type SignedInByCookie = Omit<SignedIn, 'tokens'> & {
  tokens: Omit<Tokens, 'refreshToken'> & { refreshToken: null };
};

/** Puts the refresh token into the cookie and leaves it out of the response. */
export function handOverByCookie(cookie: RefreshCookie, { tokens, ...rest }: SignedIn): SignedInByCookie {
  cookie.keep(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  return { ...rest, tokens: { ...tokens, refreshToken: null } };
}
