/** Bodies over real HTTP, where they may come in pieces, without telling their length, or never end. */
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument } from '../generated/graphql.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD } from '../support/latchkey.ts';
import { BILLING, basic, SERVICE_CLIENTS } from '../support/oauth.ts';
import { type HandSocket, openSocket } from '../support/socket.ts';

const OPERATION = '{"query":"{ me { id } }"}';
const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const PAGES = [
  '/verify-email',
  '/reset-password',
  '/change-email',
  '/undo-email-change',
  '/undo-account-deletion',
  '/accept-invitation',
];

type Post = { path: string; type: string; body: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> };

let http: OverHttp;
let routes: Post[];
beforeAll(async () => {
  http = await startOverHttp(SERVICE_CLIENTS);
  const { paths } = await (await fetch(`${http.url}/openapi.json`)).json();
  const documented = Object.entries<Record<string, Documented>>(paths).flatMap(([path, { post }]) =>
    Object.entries(post?.requestBody?.content ?? {}).map(([type, { example }]) => ({ path, type, example })),
  );
  const authorization = basic('billing', BILLING);
  routes = [
    { path: '/graphql', type: JSON_TYPE, body: OPERATION },
    ...documented.map(({ path, type, example }) => {
      const body = type === FORM ? new URLSearchParams(example).toString() : JSON.stringify(example);
      return { path, type, body };
    }),
    { path: '/oauth/introspect', type: FORM, body: 'token=x', headers: { authorization } },
    { path: '/oauth/revoke', type: FORM, body: 'token=x', headers: { authorization } },
    ...PAGES.map((path) => ({ path, type: FORM, body: `token=${'x'.repeat(43)}&newPassword=${PASSWORD}` })),
  ];
});
afterAll(() => http.close());

type Documented = { requestBody?: { content: Record<string, { example: Record<string, string> }> } };

/** Sends the body in pieces, without its length. */
const postChunked = ({ path, type, body, headers }: Post) =>
  fetch(new URL(path, http.url), {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: new Blob([body]).stream(),
    duplex: 'half',
  } as RequestInit);

const post = ({ path, type, body, headers }: Post) =>
  fetch(new URL(path, http.url), { method: 'POST', headers: { 'content-type': type, ...headers }, body });

describe('a body that does not tell its length', () => {
  test('is read by every route that takes one', async () => {
    expect(routes.length).toBeGreaterThan(20);
    const answers = [];
    for (const route of routes) {
      const { status } = await postChunked(route);
      // A page knows no such token; the rest is about what stands in the body.
      answers.push({ path: route.path, isRead: status < 500 && ![411, 413, 415].includes(status), status });
    }
    expect(answers.filter(({ isRead }) => !isRead)).toEqual([]);
  });

  test('means what it says: sign-in, page and introspection', async () => {
    const { email, accessToken } = await http.latchkey.person();
    const login = { email, password: PASSWORD };
    const signedIn = await postChunked({ path: '/api/auth/login/', type: JSON_TYPE, body: JSON.stringify(login) });
    expect(await signedIn.json()).toMatchObject({ user: { email } });
    const form = new URLSearchParams({ username: email, password: PASSWORD }).toString();
    expect((await postChunked({ path: '/auth/login', type: FORM, body: form })).status).toBe(200);
    const headers = { authorization: basic('billing', BILLING) };
    const asked = await postChunked({ path: '/oauth/introspect', type: FORM, body: `token=${accessToken}`, headers });
    expect(await asked.json()).toMatchObject({ active: true });
    const page = await postChunked({ path: '/verify-email', type: FORM, body: `token=${'x'.repeat(43)}&lang=de` });
    expect([page.status, page.headers.get('content-language')]).toEqual([410, 'de']);
  });

  test('comes out whole when a character is cut in two', async () => {
    const { email } = await http.latchkey.person({ password: 'grüne teekannen, acht davon' });
    const body = JSON.stringify({ email, password: 'grüne teekannen, acht davon' });
    const bytes = Buffer.from(body);
    const middle = bytes.indexOf(0xc3) + 1;
    const socket = await openSocket(http.port);
    const chunk = (data: Uint8Array) => Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, CRLF]);
    socket.write(
      `POST /api/auth/login/ HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    socket.write(chunk(bytes.subarray(0, middle)));
    await fetch(`${http.url}/healthz`); // Meanwhile the first piece has arrived.
    socket.write(Buffer.concat([chunk(bytes.subarray(middle)), Buffer.from('0\r\n\r\n')]));
    await expect.poll(socket.received).toContain(`"email":"${email}"`);
    socket.end();
  });
});

const CRLF = Buffer.from('\r\n');

describe('a body that is too large', () => {
  const tooMuch = 'x'.repeat(100_001);

  test('is refused by every route, whether it tells its length or not', async () => {
    for (const route of routes) {
      const large = { ...route, body: `${route.body}${tooMuch}` };
      expect([route.path, (await post(large)).status]).toEqual([route.path, 413]);
      expect([route.path, (await postChunked(large)).status]).toEqual([route.path, 413]);
    }
  });

  /** A request with a body that its sender goes on with after the answer is there; then another one. */
  async function answersTwice(path: string, framing: string, pieces: [string, string]): Promise<string> {
    const socket: HandSocket = await openSocket(http.port);
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`);
    socket.write(pieces[0]);
    await expect.poll(socket.received).toContain('413');
    socket.write(`${pieces[1]}GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await expect.poll(socket.received).toContain('{"status":"ok"}');
    socket.end();
    return socket.received();
  }

  test.each(['/graphql', '/api/auth/login/', '/oauth/introspect', '/verify-email'])(
    'leaves the connection as it says: %s',
    async (path) => {
      const length = `content-length: ${tooMuch.length * 2}`;
      expect(await answersTwice(path, length, [tooMuch, tooMuch])).not.toMatch(/connection: close/i);
      const chunk = `${tooMuch.length.toString(16)}\r\n${tooMuch}\r\n`;
      const chunked = 'transfer-encoding: chunked';
      expect(await answersTwice(path, chunked, [chunk, `${chunk}0\r\n\r\n`])).not.toMatch(/connection: close/i);
    },
  );
});

describe('a body that never ends', () => {
  test('is nothing that anyone answers, and is in the log as such', async () => {
    const head = 'host: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"email":';
    for (const path of ['/api/auth/resend-verification/', '/graphql']) {
      const socket = await openSocket(http.port);
      socket.write(`POST ${path} HTTP/1.1\r\n${head}`);
      await fetch(`${http.url}/healthz`);
      socket.end();
      await expect.poll(http.latchkey.logged).toMatch(new RegExp(`"path":"${path}","status":499`));
    }
    expect(http.latchkey.logged()).not.toContain('"level":"error"');
  });
});

describe('bytes that are not UTF-8', () => {
  const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

  test('are refused wherever a password is set or compared', async () => {
    const variables = { input: { identifier: 'ada@example.test', password: 'pässword' } };
    const login = JSON.stringify({ query: print(LoginDocument), variables });
    const token = 'x'.repeat(43);
    const headers = { authorization: basic('billing', BILLING) };
    const bodies: Post[] = [
      { path: '/graphql', type: JSON_TYPE, body: latin1(login) },
      { path: '/api/auth/login/', type: JSON_TYPE, body: latin1('{"email":"a@example.test","password":"pässword"}') },
      { path: '/auth/login', type: FORM, body: latin1('username=a@example.test&password=pässword') },
      { path: '/reset-password', type: FORM, body: latin1(`token=${token}&newPassword=pässword long enough`) },
      { path: '/reset-password', type: FORM, body: `token=${token}&newPassword=p%e4ssword+long+enough` },
      { path: '/oauth/introspect', type: FORM, body: latin1('token=ä'), headers },
      { path: '/oauth/introspect', type: FORM, body: 'token=%e4', headers },
    ];
    for (const body of bodies) {
      for (const send of [post, postChunked]) {
        const response = await send(body);
        expect([body.path, response.status]).toEqual([body.path, 400]);
      }
    }
  });

  test('are refused in a URL too: in a path, in a query string, and in an operation that comes by GET', async () => {
    const query = encodeURIComponent('query ($slug: String!) { organizationBySlug(slug: $slug) { id } }');
    const token = 'x'.repeat(43);
    const get = (path: string) => http.latchkey.fetch(path, { headers: { 'apollo-require-preflight': '1' } });
    for (const bad of ['%ff', '%E4', '%c0%80', '%ed%a0%80', '%E2%82', 'a%FFb']) {
      for (const path of [
        `/graphql?query=${query}&variables={"slug":"${bad}"}`,
        `/graphql?query={me{id}}%23${bad}`,
        `/graphql?query={me{id}}&operationName=${bad}`,
        `/api/exist-email/${bad}@example.test`,
        `/api/verify-email/${bad}`,
        `/api/verify-email/x?y=${bad}`,
        `/api/resend-email-verification?capcha=${bad}`,
        `/verify-email?token=${token}&lang=${bad}`,
        `/reset-password?token=${token}${bad}`,
      ]) {
        const response = await get(path);
        expect([path, response.status]).toEqual([path, 400]);
        expect(await response.text()).not.toContain('Unexpected');
      }
    }
    // What is UTF-8 is read as what it is.
    expect((await get('/api/exist-email/%C3%A4@example.test')).status).toBe(400);
    expect((await get('/api/exist-email/a@m%C3%BCnchen.de')).status).toBe(200);
    expect((await get('/graphql?query={me{id}}%23%C3%A4%20100%')).status).toBe(200);
  });

  test('are told from a good form: the same page takes the token of the same password in UTF-8', async () => {
    const form = { token: 'x'.repeat(43), newPassword: 'pässword long enough' };
    const response = await post({ path: '/reset-password', type: FORM, body: new URLSearchParams(form).toString() });
    expect(response.status).toBe(410);
  });
});

describe('an operation', () => {
  const ME = '{"data":{"me":null}}';
  test.each([
    ['a media type in capitals', 'Application/JSON; Charset=UTF-8', OPERATION],
    ['a byte order mark', JSON_TYPE, `\ufeff${OPERATION}`],
    ['an empty name', JSON_TYPE, '{"query":"{ me { id } }","operationName":""}'],
    ['a name that is null', JSON_TYPE, '{"query":"{ me { id } }","operationName":null}'],
  ])('may come with %s', async (_, type, body) => {
    for (const send of [post, postChunked]) {
      const response = await send({ path: '/graphql', type, body });
      expect(await response.text()).toBe(ME);
      expect(response.status).toBe(200);
    }
  });
});
