/**
 * The cookie with a browser's refresh token, and the protection against requests by pages of other sites (CSRF).
 *
 * The prefix `__Host-` requires Secure and this host only, so that no sibling host can set it (RFC 6265bis section
 * 4.1.3.2). HttpOnly hides it from scripts; SameSite keeps it out of requests from other sites. The guard does not rely
 * on these: see the OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata" and "Verifying Origin".
 * Only GraphQL uses the cookie, and there a mutation is a POST with a JSON body, which no form can send.
 */
import type { Config } from '#config/config.ts';
import type { RefreshCookie } from '#core/context.ts';
import { CsrfError } from '#errors/refused-errors.ts';
import type { Clock } from '#outside/clock.ts';
import { isKnownOrigin } from './cross-origin.ts';
import { CSRF_HEADERS } from './request-headers.ts';

const NAME = '__Host-latchkey-refresh';

/** What is read from a request, with header names in lowercase, and what may be set in its response. */
export type Exchange = { header: (name: string) => string | null; setCookie: (line: string) => void };

export function createRefreshCookie(config: Config, clock: Clock, { header, setCookie }: Exchange): RefreshCookie {
  const sent = () => cookieOf(NAME, header('cookie'));
  const requireOwnPage = () => {
    if (!isOwnPage(config, header)) throw new CsrfError();
  };
  return {
    requireOwnPage,
    read: () => {
      const given = sent();
      if (given !== null) requireOwnPage();
      return given;
    },
    keep: (refreshToken, until) => setCookie(cookieLine(config, `${NAME}=${refreshToken}`, until, clock())),
    forget: () => {
      if (sent() !== null) setCookie(cookieLine(config, `${NAME}=`, clock(), clock()));
    },
  };
}

/** The Set-Cookie line of a name and its value, which the browser forgets at `until`. */
export function cookieLine(config: Config, pair: string, until: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((until.getTime() - now.getTime()) / 1000));
  return `${pair}; Max-Age=${seconds}; Path=/; HttpOnly; Secure; SameSite=${config.refreshCookie.sameSite}`;
}

/**
 * Whether the request comes from a page of this service or of CORS_ORIGINS, or from a client that is not a browser and
 * sends a CSRF header. `Sec-Fetch-Site` and `Origin` can be trusted, because no script in a browser can set them.
 */
function isOwnPage(config: Config, header: Exchange['header']): boolean {
  const site = header('sec-fetch-site');
  if (site === 'same-origin') return true;
  const origin = header('origin');
  if (origin !== null) return isKnownOrigin(config, origin);
  return site === null && CSRF_HEADERS.some((name) => header(name) !== null);
}

/** The token in a cookie. Null also if there are two cookies, because one of them must come from someone else. */
export function cookieOf(wanted: string, cookies: string | null): string | null {
  const tokens = (cookies ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === wanted)
    .map(([, value = '']) => value);
  const [token] = tokens;
  return tokens.length === 1 && token !== undefined && token !== '' ? token : null;
}
