/** Signing in with the refresh token in a cookie, where no script of the page can read it. */
import type { Ctx, RefreshCookie } from '#core/context.ts';
import { ValidationError } from '#errors.ts';
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

const NO_COOKIE = 'transport: COOKIE requires HTTPS, but PUBLIC_URL is plain http.';

/**
 * Where the refresh token of this browser goes. Fails with CsrfError, and with ValidationError if no browser would keep
 * the cookie (plain http).
 */
export function requireCookie({ refreshCookie, config }: Pick<Ctx, 'refreshCookie' | 'config'>): RefreshCookie {
  if (refreshCookie === null || !config.refreshCookie.isPossible) {
    throw new ValidationError([{ path: ['transport'], code: 'NOT_ALLOWED', message: NO_COOKIE }]);
  }
  refreshCookie.requireOwnPage();
  return refreshCookie;
}
