/**
 * The rule for browser requests from another origin (WHATWG Fetch, "CORS protocol"), for GraphQL and REST alike. An
 * origin must be listed exactly in CORS_ORIGINS: no patterns, and never `null`.
 */
import type { Config } from '#config/config.ts';
import { CSRF_HEADERS } from './request-headers.ts';

/** Other headers that clients and tracing send: Apollo's client name, W3C Trace Context and Baggage, and Sentry. */
const COMMON_HEADERS = [
  'apollographql-client-name',
  'apollographql-client-version',
  'baggage',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'x-request-id',
];

type Header = (name: string) => string | null;

type WarningLog = { warn: (details: object, message: string) => void };

/** Whether pages of this origin may call the service: its own, and those in CORS_ORIGINS. */
export function isKnownOrigin({ publicUrl, corsOrigins }: Config, origin: string): boolean {
  return origin === new URL(publicUrl).origin || corsOrigins.includes(origin);
}

/**
 * Whether a GET that changes something was called on purpose: by a script of a known origin, or by a client that is not
 * a browser. A link, an image or a frame on any page is neither (W3C Fetch Metadata, OWASP ASVS 5.0 3.5.3). Browsers
 * without these headers send nothing that distinguishes a link from a script, except `Origin`.
 */
export function isDeliberateCall(config: Config, header: Header): boolean {
  const origin = header('origin');
  if (origin !== null && !isKnownOrigin(config, origin)) return false;
  const [site, mode] = [header('sec-fetch-site'), header('sec-fetch-mode')];
  if (mode !== null && mode !== 'cors' && mode !== 'same-origin') return false;
  return site === null || site === 'same-origin' || origin !== null;
}

/** How many origins are named in the log of a process: anyone can send any origin. */
const MAX_NAMED_ORIGINS = 10;

/**
 * Names in the log, once each, the origins whose pages asked and may not call the service. The browser tells the
 * developer of such a page only that CORS stood in the way, and not which setting is missing.
 * @returns a function that is called with every request
 */
export function createOriginNotice(config: Config, log: WarningLog): (method: string, header: Header) => void {
  const named = new Set<string>();
  return (method, header) => {
    if (method !== 'OPTIONS' || header('access-control-request-method') === null) return;
    const origin = header('origin');
    if (origin === null || isKnownOrigin(config, origin) || named.has(origin) || named.size >= MAX_NAMED_ORIGINS)
      return;
    // Anything else did not come from a browser that opened a page.
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) return;
    named.add(origin);
    log.warn({ origin }, `a page of ${origin} may not call this service: if it is yours, list it in CORS_ORIGINS`);
  };
}

/** The headers of a response to a request with this `Origin`; empty without CORS_ORIGINS. */
export function crossOriginHeaders(config: Config, origin: string | null, method: string): Record<string, string> {
  if (config.corsOrigins.length === 0) return {};
  // A cache must not return the response to another origin.
  const vary = { vary: 'Origin' };
  if (origin === null || !config.corsOrigins.includes(origin)) return vary;
  const allowed = { ...vary, 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
  if (method !== 'OPTIONS') return { ...allowed, 'access-control-expose-headers': 'retry-after, x-request-id' };
  const headers = ['content-type', 'authorization', config.organizationHeader, ...CSRF_HEADERS, ...COMMON_HEADERS];
  return {
    ...allowed,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': [...headers, ...config.corsHeaders].join(', '),
    'access-control-max-age': '600',
  };
}
