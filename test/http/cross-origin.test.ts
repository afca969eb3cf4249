/** The rule for browsers on another origin, the same at GraphQL and REST, with one origin listed and with two. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { ConfigError } from '#config/environment.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

const APP = 'https://app.example.test';
const WANTED = [
  'content-type',
  'authorization',
  'x-organization-id',
  'x-graphql-yoga-csrf',
  'apollographql-client-name',
  'apollographql-client-version',
  'traceparent',
  'tracestate',
  'baggage',
  'sentry-trace',
  'x-request-id',
  'x-of-our-own',
];

describe.each([APP, `${APP},https://admin.example.test`])('with CORS_ORIGINS=%s', (CORS_ORIGINS) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { CORS_ORIGINS, CORS_HEADERS: 'X-Of-Our-Own' } });
  });
  afterAll(() => latchkey.close());

  describe.each(['/graphql', '/api/auth/login/'])('%s', (path) => {
    const ask = (origin: string | null, method: 'POST' | 'OPTIONS') =>
      latchkey.fetch(path, {
        method,
        headers: {
          ...(origin === null ? {} : { origin }),
          ...(method === 'POST'
            ? { 'content-type': 'application/json' }
            : { 'access-control-request-method': 'POST', 'access-control-request-headers': WANTED.join() }),
        },
        ...(method === 'POST' ? { body: '{"query":"{ me { id } }"}' } : {}),
      });

    test('a listed origin may send what its libraries send, and reads what it needs', async () => {
      const preflight = await ask(APP, 'OPTIONS');
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(APP);
      expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
      const allowed = preflight.headers.get('access-control-allow-headers')?.split(', ');
      expect(allowed).toEqual(expect.arrayContaining(WANTED));
      const answer = await ask(APP, 'POST');
      expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
      expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after, x-request-id');
    });

    test.each([
      null,
      'null',
      'https://evil.example',
      `${APP}.evil.example`,
      `${APP}:444`,
      'http://app.example.test',
      '*',
    ])('the origin %s gets nothing, and no cache may share the answer', async (origin) => {
      for (const method of ['OPTIONS', 'POST'] as const) {
        const { headers } = await ask(origin, method);
        expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(headers.get('vary')).toBe('Origin');
      }
    });
  });
});

test.each([
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://*.example.com'],
  ['CORS_ORIGINS', 'null'],
  ['CORS_ORIGINS', 'https://app.example.com/'],
  ['CORS_HEADERS', '*'],
  ['CORS_HEADERS', 'x-a b'],
])('%s=%s is refused', (variable, value) => {
  const parse = () => parseConfig({ [variable]: value });
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(variable);
});

describe('the log tells the developer of a page which setting is missing', () => {
  const preflight = (latchkey: Latchkey, origin: string, path = '/graphql') =>
    latchkey.fetch(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  const noticesOf = (latchkey: Latchkey) => latchkey.logged().match(/a page of \S+ may not call this service/g) ?? [];

  test.each(['fetch', 'listener'] as const)('once for each origin, however often it asks (%s)', async (front) => {
    const latchkey = await startLatchkey({ front, env: { CORS_ORIGINS: APP } });
    for (const path of ['/graphql', '/graphql', '/api/auth/login/']) {
      await preflight(latchkey, 'http://localhost:5173', path);
      await preflight(latchkey, APP, path);
    }
    expect(noticesOf(latchkey)).toEqual(['a page of http://localhost:5173 may not call this service']);
    expect(latchkey.logged()).toContain('if it is yours, list it in CORS_ORIGINS');
    await latchkey.close();
  });

  test('of a few origins only, and of nothing that is not one', async () => {
    const latchkey = await startLatchkey();
    for (const odd of ['null', 'not an origin', 'https://x.example/path']) await preflight(latchkey, odd);
    expect(noticesOf(latchkey)).toEqual([]);
    for (let port = 1; port <= 30; port++) await preflight(latchkey, `https://x.example:${port}`);
    expect(noticesOf(latchkey)).toHaveLength(10);
    await latchkey.close();
  });
});
