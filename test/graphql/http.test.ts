import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const SPEC = 'application/graphql-response+json';

// The listener answers a plain POST without Yoga's HTTP layer; `fetch` is answered by Yoga.
describe.each(['fetch', 'listener'] as const)('GraphQL over HTTP, through %s', (front) => {
  let latchkey: Latchkey;
  let locked: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ front, env: { CORS_ORIGINS: 'https://app.example.test' } });
    locked = await startLatchkey({ front, env: { GRAPHQL_INTROSPECTION: 'off', GRAPHIQL: 'off' } });
  });
  afterAll(() => Promise.all([latchkey.close(), locked.close()]));

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { ...JSON_TYPE, accept: SPEC, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const codes = async (response: Response) =>
    ((await response.json()) as { errors?: { extensions?: { code?: string } }[] }).errors?.map(
      (error) => error.extensions?.code,
    );

  test.each(
    serverAudits({
      url: 'http://localhost/graphql',
      fetchFn: (url: string, init?: RequestInit) => audited(url, init),
    }).map((audit) => [audit.name, audit] as const),
  )('graphql-http audit: %s', async (_, audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
  });
  async function audited(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, search } = new URL(url);
    const headers = new Headers(init.headers);
    headers.set('x-graphql-yoga-csrf', '1');
    return latchkey.fetch(`${pathname}${search}`, { ...init, headers });
  }

  test('answers carry a request id and may not be cached', async () => {
    const response = await post({ query: '{ me { id } }' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(latchkey.logged()).toContain(response.headers.get('x-request-id'));
  });

  test('a mutation by GET is refused', async () => {
    const query = encodeURIComponent('mutation { logout { __typename } }');
    const response = await latchkey.fetch(`/graphql?query=${query}`, {
      headers: { 'x-graphql-yoga-csrf': '1', accept: SPEC },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'query=mutation%7Blogout%7B__typename%7D%7D'],
    [
      'a multipart form',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{me{id}}"}\r\n--x--',
    ],
    ['plain text', 'text/plain', '{"query":"mutation{logout{__typename}}"}'],
    ['no type', '', '{"query":"{me{id}}"}'],
  ])('%s cannot run an operation', async (_, type, body) => {
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: type === '' ? {} : { 'content-type': type },
      body: new TextEncoder().encode(body),
    });
    expect(response.status).toBe(415);
    expect(await response.json()).not.toHaveProperty('data');
  });

  test.each([
    ['text/html', 406],
    ['text/html, application/json;q=0.1', 200],
    ['text/plain', 406],
    ['application/json; charset=latin1', 406],
    ['application/json; charset=utf-8', 200],
    ['application/*', 200],
    ['application/xml, */*;q=0.1', 200],
  ])('an operation whose answer cannot be read is not run: Accept: %s', async (accept, status) => {
    const { email } = await latchkey.person();
    const input = { identifier: email, password: PASSWORD };
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { __typename } }';
    const response = await post({ query, variables: { input } }, { accept });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(status === 200 ? 'LoginSuccess' : 'NOT_ACCEPTABLE');
    const { prisma } = latchkey.app.parts.database;
    // The first session is that of the person.
    expect(await prisma.session.count({ where: { user: { email } } })).toBe(status === 200 ? 2 : 1);
  });

  test('a GET without a header that forces a preflight is refused', async () => {
    const response = await latchkey.fetch('/graphql?query=%7Bme%7Bid%7D%7D', { headers: { accept: SPEC } });
    expect(response.status).toBe(403);
    expect(await codes(response)).toEqual(['CSRF_BLOCKED']);
  });

  test('only listed origins may ask from a browser', async () => {
    const preflight = (origin: string) =>
      latchkey.fetch('/graphql', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,authorization,x-organization-id',
        },
      });
    const listed = await preflight('https://app.example.test');
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    expect(listed.headers.get('access-control-allow-headers')).toMatch(
      /content-type.*authorization.*x-organization-id/,
    );
    for (const origin of [
      'https://evil.example',
      'null',
      'https://app.example.test.evil.example',
      'http://app.example.test',
    ]) {
      const response = await preflight(origin);
      expect([null, 'null', 'https://app.example.test']).toContain(response.headers.get('access-control-allow-origin'));
      expect(response.headers.get('access-control-allow-origin')).not.toBe(origin);
    }
    const closed = await locked.fetch('/graphql', {
      method: 'POST',
      headers: { ...JSON_TYPE, origin: 'https://app.example.test' },
      body: '{"query":"{me{id}}"}',
    });
    expect(closed.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    ['no JSON', '{"query": "{ me { id } } hunter2', 400],
    ['an array', '[{"query":"{me{id}}"},{"query":"{me{id}}"}]', 400],
    ['a number', '7', 400],
    ['null', 'null', 400],
    ['an empty body', '', 400],
    ['no query', '{}', 400],
    ['a query that is not a string', '{"query": 7}', 400],
    ['variables that are not an object', '{"query":"{me{id}}","variables":[]}', 400],
    ['an unknown parameter', '{"query":"{me{id}}","foo":1}', 400],
    ['an unknown operation', '{"query":"query A{me{id}}","operationName":"B"}', 400],
  ])('%s is a clear 400 and echoes nothing', async (_, body, status) => {
    const response = await post(body);
    const text = await response.text();
    expect(response.status, text).toBe(status);
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text).errors[0].extensions.code).toMatch(/^[A-Z_]+$/);
  });

  test('a body over 100 kB is refused', async () => {
    const response = await post({ query: `{ me { id } } # ${'x'.repeat(100_000)}` });
    expect(response.status).toBe(413);
  });

  test('a document that does not parse or does not match the schema gets an error code', async () => {
    expect(await codes(await post({ query: '{ me {' }))).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(await codes(await post({ query: '{ you { id } }' }))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test.each([
    ['a password that is not a string', { identifier: 'ada', password: ['hunter2'] }],
    ['an unknown field', { identifier: 'ada', password: 'hunter2', hunter2: 1 }],
    ['a missing field', { password: 'hunter2' }],
    ['a null', { identifier: null, password: 'hunter2' }],
    ['text where an object belongs', 'hunter2'],
  ])('coercion errors do not echo variables: %s', async (_, input) => {
    const response = await post({
      query: 'mutation ($input: LoginInput!) { login(input: $input) { __typename } }',
      variables: { input },
    });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(JSON.parse(text).errors[0].message).toContain('input');
  });

  test('a GET with variables that are not JSON is a 400, and they are not logged', async () => {
    const query = encodeURIComponent('{ me { id } }');
    const response = await latchkey.fetch(
      `/graphql?query=${query}&variables=${encodeURIComponent('{"password":hunter2')}`,
      {
        headers: { 'x-graphql-yoga-csrf': '1', accept: SPEC },
      },
    );
    expect(response.status).toBe(400);
    expect(await codes(response)).toEqual(['BAD_REQUEST']);
    expect(latchkey.logged()).not.toContain('hunter2');
  });

  test.each([
    'mutation { login(input: "hunter2") { __typename } }',
    'mutation { login(input: { identifier: "ada", password: hunter2 }) { __typename } }',
    'mutation { login(input: { identifier: "ada", password: ["hunter2"] }) { __typename } }',
    'mutation { login(input: { identifier: "ada" "hunter2" }) { __typename } }',
  ])('a literal is never echoed: %s', async (query) => {
    const response = await post({ query });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('hunter2');
  });

  test.each([
    [
      'two logins',
      'mutation { a: login(input: {identifier: "a", password: "b"}) { __typename } b: login(input: {identifier: "a", password: "c"}) { __typename } }',
    ],
    [
      'a login and a reset',
      'mutation { login(input: {identifier: "a", password: "b"}) { __typename } resetPassword(input: {newPassword: "x"}) { __typename } }',
    ],
    [
      'logins behind fragments',
      'mutation { ...F ...F2 } fragment F on Mutation { a: login(input: {identifier: "a", password: "b"}) { __typename } } fragment F2 on Mutation { b: login(input: {identifier: "a", password: "c"}) { __typename } }',
    ],
  ])('a document may hold one credential mutation: %s', async (_, query) => {
    const response = await post({ query });
    expect(response.status).toBe(400);
    expect(await codes(response)).toContain('TOO_MANY_OPERATIONS');
  });

  const nested = (levels: number) => {
    const [viewer, person] = [
      ['me', 'auditEvents(first: 1)', 'nodes', 'actor'],
      ['members(first: 1)', 'nodes', 'user'],
    ];
    const fields = [...viewer, 'memberships(first: 1)', 'nodes', 'organization', ...person].slice(0, levels - 1);
    return `{ ${fields.join(' { ')} { id ${'}'.repeat(levels)}`;
  };
  const times = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => part(i)).join(' ');
  /** Of each limit a document that is just within it; one more is refused. */
  const LIMITS: Record<string, { most: number; document: (count: number) => string }> = {
    depth: { most: 10, document: nested },
    aliases: { most: 20, document: (count) => `{ me { ${times(count, (i) => `a${i}: id`)} } }` },
    directives: { most: 20, document: (count) => `{ me { ${times(count, () => 'id @include(if: true)')} } }` },
    'aliases of the introspection': {
      most: 20,
      document: (count) => `{ __schema { ${times(count, (i) => `a${i}: description`)} } }`,
    },
    mutations: {
      most: 5,
      document: (count) => `mutation { ${times(count, () => 'endOtherSessions { __typename }')} }`,
    },
    'root fields': { most: 20, document: (count) => `{ ${times(count, () => 'me { id }')} }` },
    'fragment spreads': {
      most: 50,
      document: (count) => `{ me { ${times(count, () => '...F')} } } fragment F on User { id }`,
    },
    // 140 fields are 9,730 pairs.
    'repeated fields': { most: 140, document: (count) => `{ me { ${times(count, () => 'id')} } }` },
    'repeated fields behind fragments': {
      most: 40,
      document: (count) =>
        `{ me { ${times(3, (i) => `...F${i}`)} } } ${times(3, (i) => `fragment F${i} on User { ${times(count, () => 'id')} }`)}`,
    },
  };
  test.each(Object.keys(LIMITS))('%s are limited to what is needed', async (name) => {
    const { most, document } = LIMITS[name] ?? expect.fail(name);
    const within = await post({ query: document(most) });
    expect([within.status, await codes(within)].flat()).not.toContain('QUERY_TOO_COMPLEX');
    expect(within.status).not.toBe(400);
    const beyond = await post({ query: document(most + 1) });
    expect(beyond.status).toBe(400);
    expect(await codes(beyond)).toContain('QUERY_TOO_COMPLEX');
  });

  test.each([
    ['fragments', times(100, (i) => `...F${i}`), times(100, (i) => `fragment F${i} on User { id name email }`)],
    ['fields', times(200, () => 'memberships { nodes { id } }'), ''],
    ['inline fragments', times(300, () => '... on User { id }'), ''],
  ])(
    'of a document over a limit, graphql-js sees nothing: hundreds of overlapping %s',
    async (_, fields, fragments) => {
      // Three mistakes that its rules would report: an unknown field, a conflict, an argument that is missing.
      const query = `{ me { unknown id: name id organization { id } ${fields} } } ${fragments}`;
      const response = await post({ query });
      expect(response.status).toBe(400);
      expect(new Set(await codes(response))).toEqual(new Set(['QUERY_TOO_COMPLEX']));
    },
  );

  test.each([
    '{ ...A } fragment A on Query { me { tenant { ...A } } }',
    '{ me { ...A } } fragment A on User { tenant { ...A } }',
    '{ me { ...A } } fragment A on User { tenant { ...B } } fragment B on Organization { id members { nodes { user { ...A ...B } } } }',
    '{ ...A } fragment A on Query { ...A }',
  ])('fragments that lead back to themselves are a mistake of the document: %s', async (query) => {
    const response = await post({ query });
    expect(response.status).toBe(400);
    expect(new Set(await codes(response))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  });

  test('a document has at most 2,000 tokens, and fragments are not a way around its limits', async () => {
    const tokens = (count: number) =>
      `mutation { createRole(input: {name: "x", permissions: [${'PROJECTS_READ '.repeat(count - 20)}]}) { __typename } }`;
    expect(await codes(await post({ query: tokens(2000) }))).toEqual(['UNAUTHENTICATED']);
    const tooMany = await post({ query: tokens(2001) });
    expect(tooMany.status).toBe(400);
    expect(await codes(tooMany)).not.toContain('UNAUTHENTICATED');
    const bomb = times(30, (index) => `fragment F${index} on User { ...F${index + 1} ...F${index + 1} }`);
    const started = await post({ query: `{ me { ...F0 } } ${bomb} fragment F30 on User { a: id }` });
    expect(started.status).toBe(400);
    expect(await codes(started)).toContain('QUERY_TOO_COMPLEX');
  });

  test.each(['subscription { me { id } }', 'query A { me { id } } subscription B { me { id } }'])(
    '%s is refused with a code',
    async (query) => {
      const response = await post({ query, operationName: query.startsWith('query') ? 'B' : null });
      expect(response.status).toBe(400);
      expect(await codes(response)).toContain('OPERATION_NOT_SUPPORTED');
    },
  );

  test('a hash without a document says that documents have to be sent', async () => {
    const persistedQuery = { version: 1, sha256Hash: '0'.repeat(64) };
    const byPost = await post({ extensions: { persistedQuery } });
    const query = `extensions=${encodeURIComponent(JSON.stringify({ persistedQuery }))}`;
    const byGet = await latchkey.fetch(`/graphql?${query}`, { headers: { accept: SPEC, 'x-graphql-yoga-csrf': '1' } });
    for (const response of [byPost, byGet]) {
      expect(response.status).toBe(400);
      expect(await codes(response)).toEqual(['PERSISTED_QUERY_NOT_SUPPORTED']);
    }
    expect((await post({ query: '{ me { id } }', extensions: { persistedQuery } })).status).toBe(200);
  });

  test('what is off is off: introspection, suggestions, GraphiQL', async () => {
    const ask = (query: string) =>
      locked.fetch('/graphql', {
        method: 'POST',
        headers: { ...JSON_TYPE, accept: SPEC },
        body: JSON.stringify({ query }),
      });
    const introspection = await ask('{ __schema { types { name } } }');
    expect(introspection.status).toBe(400);
    expect(await (await ask('{ mee { id } }')).text()).not.toContain('Did you mean');
    const page = async ({ fetch }: Latchkey) => (await fetch('/graphql', { headers: { accept: 'text/html' } })).text();
    expect(await page(locked)).not.toContain('GraphiQL');
    expect(await page(latchkey)).toContain('GraphiQL');
  });

  test('an unforeseen fault shows one sentence and the request id; the log tells the rest', async () => {
    const { prisma } = latchkey.app.parts.database;
    const { accessToken } = await latchkey.person();
    await prisma.$executeRaw`ALTER TABLE sessions RENAME TO sessions_away`;
    const response = await post({ query: '{ me { id } }' }, { authorization: `Bearer ${accessToken}` });
    await prisma.$executeRaw`ALTER TABLE sessions_away RENAME TO sessions`;
    const body = (await response.json()) as {
      errors: { message: string; extensions: { code: string; requestId: string } }[];
    };
    expect(body.errors[0]?.message).toBe('Unexpected error.');
    expect(body.errors[0]?.extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      requestId: response.headers.get('x-request-id'),
    });
    expect(JSON.stringify(body)).not.toContain('sessions');
    expect(latchkey.logged()).toContain('sessions');
  });
});
