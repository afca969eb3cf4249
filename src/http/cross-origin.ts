/**
 * The one rule for browsers that ask from another origin (WHATWG Fetch, "CORS protocol"), for GraphQL and REST alike.
 * An origin is listed in CORS_ORIGINS as it stands, or it gets nothing: no pattern, and never `null`.
 */
import type { Config } from '#config/config.ts';
import { CSRF_HEADERS } from './csrf-headers.ts';

/** What clients and their tracing send besides: Apollo's names of the client, W3C Trace Context and Baggage, Sentry. */
const COMMON_HEADERS = [
  'apollographql-client-name',
  'apollographql-client-version',
  'baggage',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'x-request-id',
];

/** The headers for an answer to a request with this `Origin`; empty where there are no CORS_ORIGINS. */
export function crossOriginHeaders(config: Config, origin: string | null, method: string): Record<string, string> {
  if (config.corsOrigins.length === 0) return {};
  // Whatever the answer is, a cache must not hand it to another origin.
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
