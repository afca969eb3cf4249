/**
 * The cookie with a browser's refresh token, and the guard against requests of foreign pages (CSRF).
 *
 * `__Host-`: Secure, this host only, no sibling host can set it (RFC 6265bis section 4.1.3.2). HttpOnly keeps it from
 * scripts, SameSite from requests of other sites. The guard stands on its own all the same: OWASP Cross-Site Request
 * Forgery Prevention Cheat Sheet, "Fetch Metadata" and "Verifying Origin". Only GraphQL knows the cookie, and there a
 * mutation is a JSON body by POST, which no form can send.
 */
import type { Config } from '#config/config.ts';
import type { RefreshCookie } from '#core/context.ts';
import { CsrfError } from '#errors.ts';
import type { Clock } from '#outside/clock.ts';
import { CSRF_HEADERS } from './csrf-headers.ts';

const NAME = '__Host-latchkey-refresh';

/** What is read of a request, headers by lower-case name, and what may be said in its answer. */
type Exchange = { header: (name: string) => string | null; setCookie: (line: string) => void };

export function createRefreshCookie(config: Config, clock: Clock, { header, setCookie }: Exchange): RefreshCookie {
  const given = tokenOf(header('cookie'));
  const requireOwnPage = () => {
    if (!isOwnPage(config, header)) throw new CsrfError();
  };
  const attributes = `Path=/; HttpOnly; Secure; SameSite=${config.refreshCookie.sameSite}`;
  return {
    requireOwnPage,
    read: () => {
      if (given !== null) requireOwnPage();
      return given;
    },
    keep: (refreshToken, until) => {
      const seconds = Math.max(0, Math.floor((until.getTime() - clock().getTime()) / 1000));
      setCookie(`${NAME}=${refreshToken}; Max-Age=${seconds}; ${attributes}`);
    },
    forget: () => {
      if (given !== null) setCookie(`${NAME}=; Max-Age=0; ${attributes}`);
    },
  };
}

/**
 * Whether a page of ours or of CORS_ORIGINS asks, or a client that is not a browser and sends a CSRF header. Browsers tell
 * the truth in `Sec-Fetch-Site` and `Origin`: no script can set them.
 */
function isOwnPage(config: Config, header: Exchange['header']): boolean {
  const site = header('sec-fetch-site');
  if (site === 'same-origin') return true;
  const origin = header('origin');
  if (origin !== null) return origin === new URL(config.publicUrl).origin || config.corsOrigins.includes(origin);
  return site === null && CSRF_HEADERS.some((name) => header(name) !== null);
}

/** The token of the cookie; null also when there are two, of which one must be somebody else's. */
function tokenOf(cookies: string | null): string | null {
  const tokens = (cookies ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === NAME)
    .map(([, value = '']) => value);
  const [token] = tokens;
  return tokens.length === 1 && token !== undefined && token !== '' ? token : null;
}
