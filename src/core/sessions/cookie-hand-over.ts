/**
 * The refresh token of a browser, in a cookie that no script can read, and what use cases may do with it.
 * src/http/refresh-cookie.ts defines how the cookie is made and which requests may use it.
 */
import type { SignedIn, Tokens } from './session.ts';

export type RefreshCookie = {
  /** Fails with CsrfError unless the request comes from a trusted page or from a client that is not a browser. */
  requireOwnPage: () => void;
  /** The token the browser sent; null when there is none. Fails with CsrfError. */
  read: () => string | null;
  /** Has the browser keep the token until `until`. */
  keep: (refreshToken: string, until: Date) => void;
  /** Has the browser delete the token, if it sent one. */
  forget: () => void;
};

/** The result of a sign-in for a browser, without the refresh token, which is in the cookie. */
export type SignedInByCookie = Omit<SignedIn, 'tokens'> & {
  tokens: Omit<Tokens, 'refreshToken'> & { refreshToken: null };
};

/** Puts the refresh token into the cookie and leaves it out of the response. */
export function handOverByCookie(cookie: RefreshCookie, { tokens, ...rest }: SignedIn): SignedInByCookie {
  cookie.keep(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  return { ...rest, tokens: { ...tokens, refreshToken: null } };
}
