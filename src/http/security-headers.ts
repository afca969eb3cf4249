/**
 * Headers of every answer, be it of a page, an API, a library, or node:http itself, which refuses what it cannot read.
 * Answers that have one of these of their own, such as the policy of a page, keep it.
 */
import type { Config } from '#config/config.ts';

export type SecurityHeaders = readonly (readonly [name: string, value: string])[];

/** A year (RFC 6797 section 6.1.1), as browsers' preload lists require at least. */
const HSTS_SECONDS = 31_536_000;

export function securityHeadersOf({ strictTransport }: Pick<Config, 'strictTransport'>): SecurityHeaders {
  const headers: [string, string][] = [
    ['x-content-type-options', 'nosniff'],
    // Whatever a browser makes of an answer that is not a page, it loads nothing, runs nothing, and is not framed.
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"],
    ['referrer-policy', 'no-referrer'],
  ];
  if (strictTransport !== 'off') {
    const scope = strictTransport === 'include-subdomains' ? '; includeSubDomains' : '';
    headers.push(['strict-transport-security', `max-age=${HSTS_SECONDS}${scope}`]);
  }
  return headers;
}
