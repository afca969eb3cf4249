/**
 * Random requests that look like requests: every field of the schema, every route of the REST APIs, every page, with
 * headers and values that are right, nearly right, or hostile. One seed gives the same requests again.
 */
import { type GraphQLField, getNamedType, isScalarType } from 'graphql';
import { schema } from '#graphql/schema.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';
import { type IdPath, operationOf, type RootField, variablesOf } from './operation-of.ts';

export type RandomRequest = { path: string; init: RequestInit };

/** What a request may have that is right: tokens, ids, addresses, codes. */
export type Known = { bearers: readonly string[]; texts: readonly string[] };

export type Route = { method: string; path: string; mediaType: string | null; fields: Record<string, unknown> };

type Chance = {
  below: (limit: number) => number;
  pick: <T>(items: readonly T[]) => T;
  /** True once in so many times. */
  once: (times: number) => boolean;
};

/** Mulberry32: small, seeded, and good enough to choose with. */
function chanceOf(seed: number): Chance {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    once: (times) => below(times) === 0,
  };
}

const HOSTILE = Object.values(HOSTILE_STRINGS);
const NOT_TEXTS = [null, 0, -1, 2 ** 53, 1.5, true, [], ['a'], {}, { a: 1 }, [[]], [{ __proto__: null }]] as const;
const FIELDS: readonly RootField[] = [
  ...fieldsOf('query', schema.getQueryType()?.getFields()),
  ...fieldsOf('mutation', schema.getMutationType()?.getFields()),
];
const PAGES = [
  ...['/', '/graphql', '/healthz', '/readyz', '/docs', '/openapi.json', '/.well-known/jwks.json', '/favicon.ico'],
  ...['/verify-email', '/reset-password', '/change-email', '/accept-invitation', '/sign-in-with-email'],
  ...['/undo-email-change', '/undo-security-change', '/reject-registration', '/dev/mailbox', '/dev/mailbox.json'],
  ...['/.well-known/oauth-authorization-server', '/.well-known/change-password', '/oauth/introspect', '/oauth/revoke'],
  ...['/metrics', '/brand-logo', '/nothing', '/%ff', '//', '/..%2f', '/graphql/', '/GRAPHQL'],
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];
const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data', ''];

/** Headers by name, each with what it may hold besides hostile texts. */
const HEADERS: Record<string, readonly string[]> = {
  accept: ['application/json', 'application/graphql-response+json', 'text/html', '*/*', 'text/event-stream', 'x'],
  'accept-language': ['de', 'en;q=0.5, *', 'xx-YY-zz'],
  'accept-encoding': ['gzip', 'br', 'identity;q=0'],
  'content-encoding': ['identity', 'gzip'],
  'x-organization-id': ['0190a0b0-0000-7000-8000-000000000000', 'x'],
  origin: ['null', 'https://evil.example', 'https://auth.example.test'],
  cookie: ['__Host-latchkey-refresh=x.y.z', '__Host-latchkey-device=x', '=', ';;'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0'],
  'user-agent': ['Mozilla/5.0', '-'],
  'x-graphql-yoga-csrf': ['1'],
  'apollo-require-preflight': ['1'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'none'],
  'sec-fetch-mode': ['navigate', 'cors'],
  forwarded: ['for=192.0.2.1;proto=https', 'for="[2001:db8::1]:4711"'],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE'],
  'if-none-match': ['*', '"x"'],
  range: ['bytes=0-1', 'bytes=-'],
};

function fieldsOf(kind: RootField['kind'], fields: Record<string, GraphQLField<unknown, unknown>> = {}): RootField[] {
  return Object.values(fields).map((field) => ({ kind, field }));
}

export function createRandomRequests(seed: number, known: Known, routes: readonly Route[]) {
  const { below, pick, once } = chanceOf(seed);
  let networks = 0;

  function text(): string {
    return once(3) ? pick(HOSTILE) : pick(known.texts);
  }
  function value(): unknown {
    return once(8) ? pick(NOT_TEXTS) : text();
  }
  /** Nothing for an input object, most of the time, so that its fields are chosen one by one. */
  function variable(field: GraphQLField<unknown, unknown>, path: IdPath): unknown {
    const isWhole = path.length === 1 && !isScalarType(getNamedType(field.args[0]?.type));
    return once(isWhole ? 20 : 2) ? value() : undefined;
  }

  function headers(): Headers {
    // A network of its own for most, so that budgets refuse few.
    const ip = once(10) ? '192.0.2.1' : `10.${(++networks >> 16) & 255}.${(networks >> 8) & 255}.${networks & 255}`;
    const set = new Headers({ 'x-forwarded-for': ip });
    if (!once(3)) set.set('authorization', once(6) ? headerValue(text()) : `Bearer ${pick(known.bearers)}`);
    for (let number = below(4); number > 0; number -= 1) {
      const [name, values] = pick(Object.entries(HEADERS));
      set.set(name, once(5) ? headerValue(text()) : pick(values));
    }
    return set;
  }

  function damaged(body: string): string {
    if (!once(20)) return body;
    const at = below(body.length + 1);
    return body.slice(0, at) + pick(['', '{', '"', '\\', ',', '\u0000', '}']) + body.slice(at + below(3));
  }

  function graphql(): RandomRequest {
    const { kind, field } = pick(FIELDS);
    const query = damaged(operationOf({ kind, field }, below(4)));
    const operation = { query, variables: once(30) ? value() : variablesOf(field, (path) => variable(field, path)) };
    const set = headers();
    if (once(10)) {
      set.set('x-graphql-yoga-csrf', '1');
      const variables = JSON.stringify(operation.variables) ?? '';
      return {
        path: `/graphql?${new URLSearchParams({ query: wellFormed(query), variables })}`,
        init: { headers: set },
      };
    }
    set.set('content-type', once(15) ? pick(TYPES) : 'application/json');
    const more = once(10) ? { [pick(['operationName', 'extensions', 'documentId', 'more'])]: value() } : {};
    return {
      path: '/graphql',
      init: { method: 'POST', headers: set, body: damaged(JSON.stringify({ ...operation, ...more })) },
    };
  }

  function rest(): RandomRequest {
    const route = pick(routes);
    const path = route.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(wellFormed(text()).slice(0, 2000)));
    const set = headers();
    const method = once(10) ? pick(METHODS) : route.method;
    const init: RequestInit = { method, headers: set };
    const query = once(8) ? `?${new URLSearchParams({ capcha: wellFormed(text()).slice(0, 2000) })}` : '';
    if (method !== 'GET' && method !== 'HEAD' && route.mediaType !== null) {
      const fields = Object.entries(route.fields).map(([name, example]) => [
        name,
        once(3) ? value() : once(3) ? text() : example,
      ]);
      const kept = Object.fromEntries(fields.filter(() => !once(12)));
      set.set('content-type', once(12) ? pick(TYPES) : route.mediaType);
      const isForm = route.mediaType !== 'application/json';
      init.body = damaged(isForm ? String(new URLSearchParams(asTexts(kept))) : JSON.stringify(kept));
    }
    return { path: path + query, init };
  }

  function page(): RandomRequest {
    const set = headers();
    const method = once(3) ? pick(METHODS) : 'GET';
    const query = once(2)
      ? `?token=${encodeURIComponent(wellFormed(text()).slice(0, 2000))}&lang=${pick(['de', 'xx', '%ff'])}`
      : '';
    const init: RequestInit = { method, headers: set };
    if (method !== 'GET' && method !== 'HEAD') {
      set.set('content-type', pick(TYPES));
      init.body = damaged(
        String(new URLSearchParams(asTexts({ token: value(), password: value(), newPassword: value() }))),
      );
    }
    return { path: pick(PAGES) + query, init };
  }

  return { next: (): RandomRequest => pick([graphql, graphql, graphql, rest, rest, page])() };
}

function asTexts(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      wellFormed(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')),
    ]),
  );
}

/** Lone surrogates cannot be in a URL at all. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** What a header can hold (RFC 9110 section 5.5); a longer one is refused as a whole. */
function headerValue(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4000);
}
