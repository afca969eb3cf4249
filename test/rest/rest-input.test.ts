/**
 * Bad input, in a table, to every route of every API: refused in the shape of that API, never a fault, nothing looked
 * up.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REST_APIS } from '#config/rest-settings.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { type Answer, type RestClient, restClient } from '../support/rest.ts';

type Api = (typeof REST_APIS)[number];

/** How a failure of each API looks; the first of `documentOf` tells which routes there are. */
const SHAPES: Record<Api, (body: unknown) => void> = {
  connectx: (body) => expect(body).toEqual({ error: expect.any(String) }),
  organization: (body) =>
    expect(body).toEqual({
      error_code: expect.stringMatching(/^[a-z-]+$/),
      message: expect.any(String),
      trace_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    }),
  vault: (body) =>
    expect(body).toEqual({ statusCode: expect.any(Number), message: expect.any(String), error: expect.any(String) }),
  token: (body) => expect(body).toEqual({ error: expect.any(String) }),
};
const TAGS: Record<Api, string> = {
  connectx: 'ConnectX',
  organization: 'Organization API',
  vault: 'Vault API',
  token: 'Token API',
};

type Schema = { properties?: Record<string, unknown>; required?: string[] };
type Operation = {
  tags: string[];
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, { schema: Schema; example: Record<string, string> }> };
};
type Route = { api: Api; method: string; path: string; operation: Operation };

/** What stands where a string belongs. */
const NO_STRINGS: [name: string, value: unknown][] = [
  ['a number', 1],
  ['a truth', true],
  ['an array', ['a']],
  ['an object', { contains: '' }],
  ['an empty array', []],
  ['an empty object', {}],
  ['NUL', 'a\0b'],
  ['a lone surrogate', 'a\ud800b'],
  ['what is left of bytes that are not UTF-8', 'a\ufffdb'],
  ['a text beyond all measure', 'a'.repeat(20_000)],
];

/** Bodies that are none, as JSON. */
const NO_BODIES: [name: string, body: string][] = [
  ['nothing', ''],
  ['half an object', '{"email":'],
  ['an array', '[]'],
  ['an array of objects', '[{"email":"a@example.test"}]'],
  ['null', 'null'],
  ['a text', '"email"'],
  ['a number', '1'],
  ['no JSON', 'email=a@example.test'],
  ['a deep nest', `${'['.repeat(40_000)}${']'.repeat(40_000)}`],
  ['an object without fields', '{}'],
  ['a prototype', '{"__proto__":{"email":"a@example.test","username":"a","password":"b"}}'],
];

describe('bad input to the REST APIs', () => {
  let latchkey: Latchkey;
  let api: RestClient;
  let routes: Route[];
  beforeAll(async () => {
    latchkey = await startLatchkey();
    api = restClient(latchkey);
    await latchkey.person({ email: 'someone@example.test', username: 'someone' });
    const { body } = await api.get('/openapi.json');
    routes = Object.entries<Record<string, Operation>>(body.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        REST_APIS.filter((name) => operation.tags.includes(TAGS[name])).map((name) => ({
          api: name,
          method: method.toUpperCase(),
          path,
          operation,
        })),
      ),
    );
  });
  afterAll(() => latchkey.close());

  const withBody = (type: string) =>
    routes.flatMap((route) => {
      const content = route.operation.requestBody?.content[type];
      const isOwn = (type === 'application/json') === (route.api !== 'token');
      return content === undefined || !isOwn ? [] : [{ ...route, ...content }];
    });
  const send = (route: Route, body: string, type?: string) =>
    api.send(route.path, {
      method: route.method,
      body,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
  const refused = (route: Route, what: string, { status, body, headers }: Answer, expected = 400) => {
    expect([route.path, what, status]).toEqual([route.path, what, expected]);
    SHAPES[route.api](body);
    expect(headers.get('cache-control')).toBe('no-store');
  };
  /** Rows that a request which was looked at would have left. */
  const traces = async () => {
    const { user, session, challenge, auditEvent, throttle } = latchkey.app.parts.database.prisma;
    return Promise.all([user.count(), session.count(), challenge.count(), auditEvent.count(), throttle.count()]);
  };

  test('the table knows routes of every API that is made', () => {
    for (const name of ['connectx', 'organization', 'token'] as const) {
      expect(routes.filter((route) => route.api === name).length).toBeGreaterThan(0);
    }
  });

  test('a missing, null or unusable field is a 400, and nothing is looked up', async () => {
    const before = await traces();
    for (const route of withBody('application/json')) {
      for (const field of route.schema.required ?? []) {
        const { [field]: _, ...others } = route.example;
        refused(route, `no ${field}`, await send(route, JSON.stringify(others), 'application/json'));
        for (const [name, value] of [...NO_STRINGS, ['null', null] as const]) {
          const body = JSON.stringify({ ...route.example, [field]: value });
          refused(route, `${field}: ${name}`, await send(route, body, 'application/json'));
        }
      }
    }
    expect(await traces()).toEqual(before);
  });

  test('an unusable value of an optional field is a 400 too; null is the same as absent', async () => {
    const before = await traces();
    for (const route of withBody('application/json')) {
      const required = new Set(route.schema.required);
      for (const field of Object.keys(route.schema.properties ?? {}).filter((name) => !required.has(name))) {
        for (const [name, value] of NO_STRINGS) {
          const body = JSON.stringify({ ...route.example, [field]: value });
          refused(route, `${field}: ${name}`, await send(route, body, 'application/json'));
        }
      }
    }
    expect(await traces()).toEqual(before);
  });

  test('an unusable body is a 400, and nothing is looked up', async () => {
    const before = await traces();
    for (const route of withBody('application/json')) {
      for (const [name, body] of NO_BODIES) refused(route, name, await send(route, body, 'application/json'));
    }
    expect(await traces()).toEqual(before);
  });

  test('a wrong content type answers 400, and nothing is looked up', async () => {
    const before = await traces();
    for (const route of withBody('application/json')) {
      const body = JSON.stringify(route.example);
      const types = ['text/json', 'application/xml', 'application/jsonx', 'x', 'multipart/form-data'];
      if (route.path !== '/auth/login') types.push('application/x-www-form-urlencoded');
      for (const type of types) refused(route, type, await send(route, body, type));
      const noJson = new TextEncoder().encode('email=a@example.test&username=a&password=b');
      refused(route, 'text', await send(route, 'email=a@example.test&username=a&password=b', 'text/plain'));
      refused(route, 'no type', await api.send(route.path, { method: 'POST', body: noJson }));
    }
    expect(await traces()).toEqual(before);
  });

  test('a body over 100 kB answers 413, one that does not tell its length too', async () => {
    const body = JSON.stringify({ email: 'a@example.test', padding: 'x'.repeat(100_000) });
    for (const route of withBody('application/json')) {
      refused(route, 'large', await send(route, body, 'application/json'), 413);
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      refused(route, 'large and said so', await api.send(route.path, { method: 'POST', body, headers }), 413);
    }
    for (const route of withBody('application/x-www-form-urlencoded')) {
      refused(route, 'large', await send(route, `username=${body}`, 'application/x-www-form-urlencoded'), 413);
    }
  });

  test('a form with fields that are missing, twice there or not decent answers 400', async () => {
    const before = await traces();
    for (const route of withBody('application/x-www-form-urlencoded')) {
      for (const field of route.schema.required ?? []) {
        const others = new URLSearchParams(route.example);
        others.delete(field);
        for (const bad of [
          '',
          `&${field}=a&${field}=b`,
          `&${field}[]=a`,
          `&${field}[contains]=a`,
          `&${field}=%00`,
          `&${field}=p%e4ss`,
        ]) {
          const type = 'application/x-www-form-urlencoded';
          refused(route, `${field}: ${bad}`, await send(route, others.toString() + bad, type));
        }
      }
    }
    expect(await traces()).toEqual(before);
  });

  test('an unusable path parameter is a 400, and nothing is looked up', async () => {
    const before = await traces();
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      for (const bad of ['%00', 'a%00b', 'a'.repeat(20_000)]) {
        refused(route, bad, await api.send(route.path.replace(/\{\w+\}/, bad), { method: route.method }));
      }
    }
    expect(await traces()).toEqual(before);
  });

  test('fields that no document knows are ignored', async () => {
    const extra = { remember_me: true, where: { id: 1 }, isAdmin: 1, __proto__: null };
    const asked = { ...extra, email: 'someone@example.test', username: 'someone', password: PASSWORD };
    expect((await api.post('/api/auth/login/', asked)).status).toBe(200);
    expect((await api.post('/auth/login', asked)).status).toBe(200);
    expect((await api.form('/auth/login?x=1', { username: 'someone', password: PASSWORD, scope: 'a' })).status).toBe(
      200,
    );
  });

  test('another method answers 405 with Allow, in the shape of the API', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      const here = routes.filter((route) => route.path === path);
      const allowed = [...new Set(here.map(({ method }) => method))];
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (allowed.includes(method)) continue;
        const { status, headers, body } = await api.send(path.replace(/\{\w+\}/, 'x'), { method });
        expect([method, path, status, headers.get('allow')]).toEqual([method, path, 405, allowed.join(', ')]);
        if (method !== 'HEAD' && here[0] !== undefined) SHAPES[here[0].api](body);
      }
    }
  });

  test('an address that nobody knows answers 404 as JSON; those beside the APIs go on working', async () => {
    for (const path of [
      '/api',
      '/api/',
      '/api/user',
      '/auth',
      '/auth/login/x',
      '/api/auth/login//',
      '/api/%00',
      '/api/%',
    ]) {
      const { status, body } = await api.post(path, {});
      expect([path, status, body]).toEqual([path, 404, { error: 'Not found.' }]);
    }
    for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json', '/docs', '/openapi.json']) {
      expect([path, (await api.get(path)).status]).toEqual([path, 200]);
    }
  });

  describe('whatever the text,', () => {
    const noFault = (what: unknown[], { status }: { status: number }) =>
      expect([...what, status < 500]).toEqual([...what, true]);
    let networks = 0;
    /** Each from another network, so that no budget ends the sweep early. */
    const network = () => `10.1.${++networks >> 8}.${networks & 255}`;

    test.each(Object.entries(HOSTILE_STRINGS))(
      '%s is never a fault: fields, paths and query strings',
      async (name, text) => {
        for (const route of routes) {
          const [[type, content] = []] = Object.entries(route.operation.requestBody?.content ?? {});
          for (const field of Object.keys(content?.schema.properties ?? {})) {
            const fields = { ...content?.example, [field]: text };
            const isForm = type === 'application/x-www-form-urlencoded';
            const body = isForm ? new URLSearchParams(fields).toString() : JSON.stringify(fields);
            const init = { method: route.method, body, headers: { 'content-type': type ?? '' } };
            noFault([route.path, field, name], await api.send(route.path, init, network()));
          }
          const encoded = text.isWellFormed() ? encodeURIComponent(text) : encodeURIComponent(text.toWellFormed());
          const path = route.path.replace(/\{\w+\}/, encoded);
          const names = [...(route.operation.parameters ?? []).map((each) => each.name), 'lang', text];
          for (const parameter of names) {
            const query = `${encodeURIComponent(parameter.toWellFormed())}=${encoded}`;
            const answer = await latchkey.fetch(`${path}?${query}`, { method: route.method }, network());
            noFault([route.path, parameter, name], answer);
          }
        }
      },
    );

    test('headers that every face reads are never a fault', async () => {
      const names = ['authorization', 'x-organization-id', 'traceparent', 'accept', 'accept-language', 'user-agent']
        .concat(['content-type', 'content-length', 'x-forwarded-for', 'forwarded', 'origin', 'cookie', 'referer'])
        .concat(['sec-fetch-site', 'host', 'if-none-match', 'range', 'expect', 'access-control-request-headers']);
      const values = [
        '',
        ' ',
        ',',
        ';',
        '=',
        '"',
        '\u00ff\u00fe',
        '\u0001',
        '%00',
        '%ff',
        '-1',
        '1e400',
        '[::',
        'a'.repeat(15_000),
      ]
        .concat(['Bearer', 'Bearer \u00ff', '00-ff', ';q=9'.repeat(500), '__Host-latchkey-refresh=\u00ff', '*'])
        .concat(['__Host-latchkey-refresh=;'.repeat(300), 'null', 'http://', 'for="[::1]:99999"']);
      const query = JSON.stringify({ query: '{ me { id } viewer: organization(id: "x") { id } }' });
      // The routes of an API read headers in one place.
      const oneOfEach = [...new Map(routes.map((route) => [`${route.api} ${route.method}`, route])).values()];
      const asked: [path: string, init: RequestInit][] = [
        ['/graphql', { method: 'POST', body: query, headers: { 'content-type': 'application/json' } }],
        ['/graphql?query={me{id}}', { headers: { 'apollo-require-preflight': '1' } }],
        ['/verify-email?token=xxxxxxxxxxxxxxxx', {}],
        ['/.well-known/jwks.json', {}],
        ['/docs', {}],
        ...oneOfEach.map(({ path, method }): [string, RequestInit] => [path.replace(/\{\w+\}/, 'x'), { method }]),
      ];
      for (const name of names) {
        for (const value of values) {
          const ask = async ([path, init]: [string, RequestInit]) => {
            const headers = new Headers(init.headers);
            headers.set(name, value);
            noFault([path, name, value], await latchkey.fetch(path, { ...init, headers }));
          };
          await Promise.all(asked.map(ask));
        }
      }
    });
  });

  test('none of these requests caused an unexpected error', () => {
    expect(latchkey.logged()).not.toContain('"msg":"unexpected error"');
  });
});

describe('a fault of ours', () => {
  test('answers 500 in the shape of the API, without a word of what it was, and the log has it with the request id', async () => {
    const latchkey = await startLatchkey();
    const api = restClient(latchkey);
    const { passwordHasher } = latchkey.app.parts;
    passwordHasher.verify = () => Promise.reject(new Error('the disk is on fire'));
    const asked = { email: 'a@example.test', username: 'a', password: 'b' };
    for (const [name, answer] of [
      ['connectx', await api.post('/api/auth/login/', asked)],
      ['organization', await api.post('/auth/login', asked)],
      ['token', await api.form('/auth/login', { username: 'a', password: 'b' })],
    ] as const) {
      expect([name, answer.status]).toEqual([name, 500]);
      SHAPES[name](answer.body);
      expect(JSON.stringify(answer.body)).not.toContain('fire');
      const line = latchkey
        .logged()
        .split('\n')
        .find(
          (each) =>
            each.includes('"msg":"unexpected error"') && each.includes(answer.headers.get('x-request-id') ?? '?'),
        );
      expect(line).toContain('the disk is on fire');
    }
    await latchkey.close();
  });
});

describe('a service that is busy', () => {
  test('answers 503 with Retry-After in the shape of the API, and has counted nothing', async () => {
    const latchkey = await startLatchkey({ env: { HASH_SLOTS: '1', HASH_QUEUE: '0', HASH_MEMORY_KIB: '65536' } });
    const api = restClient(latchkey);
    const doors = {
      connectx: (name: string) => api.post('/api/auth/login/', { email: name, password: 'b' }),
      organization: (name: string) => api.post('/auth/login', { username: name, password: 'b' }),
      token: (name: string) => api.form('/auth/login', { username: name, password: 'b' }),
    };
    let wrong = 0;
    for (const name of ['connectx', 'organization', 'token'] as const) {
      const answers = await Promise.all(Array.from({ length: 4 }, (_, i) => doors[name](`nobody${i}@example.test`)));
      const busy = answers.filter(({ status }) => status === 503);
      expect(busy.length).toBeGreaterThan(0);
      for (const { body, headers } of busy) {
        SHAPES[name](body);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // Every password that was not checked was given back: what is left is what was really wrong.
      wrong += answers.length - busy.length;
      const counted = await latchkey.app.parts.database.prisma.throttle.findMany({
        where: { key: { startsWith: 'login-network:' } },
      });
      expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(wrong);
    }
    await latchkey.close();
  });
});

describe('browsers of other origins', () => {
  test('are let in where CORS_ORIGINS names them, and nowhere else', async () => {
    const latchkey = await startLatchkey({ env: { CORS_ORIGINS: 'https://app.example.test' } });
    const api = restClient(latchkey);
    const preflight = (origin: string) =>
      api.send('/auth/login', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
    const listed = await preflight('https://app.example.test');
    expect(listed.status).toBe(204);
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    expect(listed.headers.get('access-control-allow-headers')).toMatch(/authorization.*x-organization-id/);
    expect((await preflight('https://evil.example.test')).headers.get('access-control-allow-origin')).toBeNull();
    const refused = await api.post('/auth/login', {}, { headers: { origin: 'https://app.example.test' } });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    await latchkey.close();
  });
});
