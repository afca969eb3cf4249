/** Signing in with the refresh token in a cookie, where no script of the page can read it. */
import type { Ctx, RefreshCookie } from '#core/context.ts';
import { KNOWN_DAYS } from '#core/devices/device-life.ts';
import { daysAfter } from '#core/time.ts';
import { ValidationError } from '#errors/domain-errors.ts';
import type { SignedIn, Tokens } from './session.ts';

/** The result of a sign-in for a browser, without the tokens that are in cookies: the refresh and device tokens. */
export type SignedInByCookie = Omit<SignedIn, 'tokens'> & {
  tokens: Omit<Tokens, 'refreshToken' | 'deviceToken'> & { refreshToken: null; deviceToken: null };
};

/** Puts both tokens into their cookies and leaves them out of the response. */
export function handOverByCookie(ctx: Ctx, cookie: RefreshCookie, { tokens, ...rest }: SignedIn): SignedInByCookie {
  cookie.keep(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  if (tokens.deviceToken !== null) ctx.deviceCookie?.keep(tokens.deviceToken, daysAfter(ctx.clock(), KNOWN_DAYS));
  return { ...rest, tokens: { ...tokens, refreshToken: null, deviceToken: null } };
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
