/**
 * The rule for browser requests from another origin (WHATWG Fetch, "CORS protocol"), for GraphQL and REST alike. An
 * origin must be listed exactly in CORS_ORIGINS: no patterns, and never `null`.
 */
import type { Config } from '#config/config.ts';
import { CSRF_HEADERS } from './csrf-headers.ts';

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
