/** What access tokens say to other services: whom they are for, and claims that the operator declares. */
import type { Environment } from '../environment.ts';

export const JWT_ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256', 'HS256'] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/**
 * What a claim can be filled from, each with the most bytes that it takes as JSON. The sum decides whether TOKEN_CLAIMS
 * are too large, so that no token ever is.
 */
export const CLAIM_SOURCES = {
  'user.id': 38,
  'user.name': 420,
  'user.email': 260,
  'user.username': 40,
  'user.phone': 24,
  'user.role': 40,
  'user.locale': 12,
  'session.id': 38,
  'organization.id': 38,
  'organization.name': 420,
  'organization.slug': 70,
  'organization.role': 12,
  permissions: 600,
} as const;

export type ClaimSource = keyof typeof CLAIM_SOURCES;

/** The value of a claim as it is declared: JSON, in which a source stands for what the holder of the token has. */
export type ClaimTemplate =
  | string
  | number
  | boolean
  | null
  | { readonly source: ClaimSource }
  | { readonly list: readonly ClaimTemplate[] }
  | { readonly members: ReadonlyMap<string, ClaimTemplate> };

export type TokenClaims = ReadonlyMap<string, ClaimTemplate>;

/** Claims that Latchkey sets itself, or whose meaning is taken (RFC 7519, 7800, 8693, 9068; OpenID Connect). */
const RESERVED = new Set(
  [
    'iss sub aud exp nbf iat jti client_id sid gen role email_verified auth_time acr amr mfa_time org_id org_role',
    'refreshable scope azp cnf act may_act nonce at_hash c_hash s_hash sub_jwk typ',
  ].flatMap((names) => names.split(' ')),
);

const MAX_CLAIMS_BYTES = 2048;
const MAX_AUDIENCE_BYTES = 512;

/** The claim `aud`: Latchkey itself, always first, and then the services of TOKEN_AUDIENCE. */
export function tokenAudienceOf(env: Environment, publicUrl: string): readonly string[] {
  const named = env.list('TOKEN_AUDIENCE', []);
  for (const audience of named) {
    if (/^[\x21-\x7e]+$/.test(audience)) continue;
    env.problem('TOKEN_AUDIENCE', `${JSON.stringify(audience)} must be a URL or a name without spaces`);
  }
  if (named.join().length > MAX_AUDIENCE_BYTES) {
    env.problem('TOKEN_AUDIENCE', `must have at most ${MAX_AUDIENCE_BYTES} characters: every token carries it`);
  }
  return [...new Set([publicUrl, ...named])];
}

/** The claims that the operator declares; null for none, so that tokens cost nothing more. */
export function tokenClaimsOf(env: Environment): TokenClaims | null {
  const text = env.text('TOKEN_CLAIMS');
  if (text === undefined) return null;
  const declared = objectOf(text);
  if (declared === null) {
    env.problem('TOKEN_CLAIMS', 'must be a JSON object such as {"name":"{user.name}"}');
    return null;
  }
  const names = Object.keys(declared);
  const reserved = names.find((name) => RESERVED.has(name));
  if (reserved !== undefined) {
    env.problem('TOKEN_CLAIMS', `must not set ${JSON.stringify(reserved)}: the claim has a meaning of its own`);
    return null;
  }
  const problems: string[] = [];
  const claims = membersOf(declared, problems);
  const size = [...claims].reduce((sum, [name, value]) => sum + name.length + 4 + sizeOf(value), 0);
  if (size > MAX_CLAIMS_BYTES) {
    problems.push(`can take up to ${size} bytes in a token; the limit is ${MAX_CLAIMS_BYTES}`);
  }
  const [problem] = problems;
  if (problem !== undefined) env.problem('TOKEN_CLAIMS', problem);
  return names.length === 0 ? null : claims;
}

function objectOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** JavaScript moves a name that is a number in front of the others, and `__proto__` is more than a name. */
const UNUSABLE_NAME = /^(\d*|__proto__)$/;

function membersOf(declared: object, problems: string[]): Map<string, ClaimTemplate> {
  const members = Object.entries(declared).map(([name, value]): [string, ClaimTemplate] => {
    if (UNUSABLE_NAME.test(name)) problems.push(`must not have the name ${JSON.stringify(name)}`);
    return [name, templateOf(value, problems)];
  });
  return new Map(members);
}

function templateOf(value: unknown, problems: string[]): ClaimTemplate {
  if (Array.isArray(value)) return { list: value.map((each) => templateOf(each, problems)) };
  if (typeof value === 'object' && value !== null) return { members: membersOf(value, problems) };
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  if (!/[{}]/.test(value)) return value;
  const source = value.slice(1, -1);
  if (value === `{${source}}` && isSource(source)) return { source };
  problems.push(`${JSON.stringify(value)} is not one of {${Object.keys(CLAIM_SOURCES).join('}, {')}}`);
  return null;
}

function isSource(name: string): name is ClaimSource {
  return Object.hasOwn(CLAIM_SOURCES, name);
}

/** The most bytes that a value takes as JSON. */
function sizeOf(template: ClaimTemplate): number {
  if (typeof template !== 'object' || template === null) return Buffer.byteLength(JSON.stringify(template));
  if ('source' in template) return CLAIM_SOURCES[template.source];
  if ('list' in template) return template.list.reduce<number>((sum, each) => sum + sizeOf(each) + 1, 2);
  return [...template.members].reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(JSON.stringify(name)) + 2 + sizeOf(value),
    2,
  );
}

/** A service that people can get tokens for which open nothing else. */
export type Service = {
  name: string;
  /** The claim `aud` of these tokens: its URL. */
  audience: string;
};

/** `name:URL`, separated by commas. No other token opens such a service. */
export function servicesOf(env: Environment, publicUrl: string): readonly Service[] {
  const services: Service[] = [];
  const taken = new Map([[canonical(publicUrl), 'PUBLIC_URL: its tokens would open Latchkey itself']]);
  for (const audience of env.list('TOKEN_AUDIENCE', [])) {
    taken.set(canonical(audience), 'in TOKEN_AUDIENCE: every access token would open it');
  }
  for (const item of env.list('SERVICES', [])) {
    const [, name = '', audience = ''] = /^([A-Za-z0-9._-]{1,64}):(https?:\/\/[\x21-\x7e]{1,256})$/.exec(item) ?? [];
    if (!URL.canParse(audience) || /[#@]/.test(audience)) {
      env.problem(
        'SERVICES',
        `${JSON.stringify(item)} is not a name and a URL, as in billing:https://billing.example.com`,
      );
      continue;
    }
    const problem = taken.get(canonical(audience));
    if (problem !== undefined) env.problem('SERVICES', `${audience} is ${problem}`);
    if (services.some((other) => other.name === name)) env.problem('SERVICES', `must not name ${name} twice`);
    taken.set(canonical(audience), 'the URL of two services: a token for one would open the other');
    services.push({ name, audience });
  }
  return services;
}

/** URLs that verifiers may take for the same. */
function canonical(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/\/+$/, '') : url;
}
