/**
 * The refresh token of a browser, where no script can read it: what use cases may do with the cookie. How it is made,
 * and which requests may use it, is the business of src/http/refresh-cookie.ts.
 */
import type { SignedIn, Tokens } from './session.ts';

export type RefreshCookie = {
  /** Fails with CsrfError unless a page of ours, or a client that is no browser, asks. */
  requireOwnPage: () => void;
  /** The token the browser sent; null when there is none. Fails with CsrfError. */
  read: () => string | null;
  /** Has the browser keep the token until then. */
  keep: (refreshToken: string, until: Date) => void;
  /** Has the browser forget the token, when it sent one. */
  forget: () => void;
};

/** What a browser gets: everything but the refresh token, which is in its cookie. */
export type SignedInByCookie = Omit<SignedIn, 'tokens'> & {
  tokens: Omit<Tokens, 'refreshToken'> & { refreshToken: null };
};

/** Puts the refresh token into the cookie and leaves it out of the answer. */
export function handOverByCookie(cookie: RefreshCookie, { tokens, ...rest }: SignedIn): SignedInByCookie {
  cookie.keep(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  return { ...rest, tokens: { ...tokens, refreshToken: null } };
}
