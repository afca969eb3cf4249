/**
 * What people are told while the database is out of order, and that nobody loses anything. A real one, behind a proxy.
 */

import { print } from 'graphql';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import {
  CreateOrganizationDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, SECRET, startLatchkey } from '../support/latchkey.ts';
import { BILLING, basic, SERVICE_CLIENTS } from '../support/oauth.ts';
import { startService } from '../support/process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

vi.setConfig({ testTimeout: 60_000 });

let proxy: TcpProxy;
let latchkey: Latchkey;
let person: Person;
let databaseUrl: string;
/** From an email that waits for an answer. */
let token: string;

beforeEach(async () => {
  const server = new URL(inject('postgresqlUrl'));
  proxy = await startTcpProxy({ host: server.hostname, port: Number(server.port) });
  latchkey = await startLatchkey({
    engine: 'postgresql',
    env: SERVICE_CLIENTS,
    reachedAt: (url) => {
      databaseUrl = url.href;
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
    },
  });
  person = await latchkey.person();
  const email = latchkey.address();
  await latchkey.ask(RegisterDocument, { input: { name: 'Grace', email, password: PASSWORD } });
  token = new URL((await latchkey.mailTo(email)).link ?? '').searchParams.get('token') ?? '';
});
afterEach(async () => {
  await latchkey.close();
  await proxy.close();
});

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (path: string, headers: Record<string, string>, body: string) =>
  latchkey.fetch(path, { method: 'POST', headers, body });
const graphql = (query: string, variables: object, headers: Record<string, string> = {}) =>
  post('/graphql', { ...json, ...headers }, JSON.stringify({ query, variables }));
const bearer = () => ({ authorization: `Bearer ${person.accessToken}` });

/** One request to every face. */
const REQUESTS: Record<string, () => Promise<Response>> = {
  'GraphQL, signed in': () => graphql(print(MeDocument), {}, bearer()),
  'GraphQL, signing in': () =>
    graphql(print(LoginDocument), { input: { identifier: person.email, password: PASSWORD } }),
  'GraphQL, refreshing': () => graphql(print(RefreshDocument), { input: { refreshToken: person.refreshToken } }),
  ConnectX: () => post('/api/auth/login', json, JSON.stringify({ email: person.email, password: PASSWORD })),
  'Token API': () => post('/auth/login', form, `username=${encodeURIComponent(person.email)}&password=${PASSWORD}`),
  introspection: () =>
    post('/oauth/introspect', { ...form, authorization: basic('billing', BILLING) }, `token=${person.accessToken}`),
  revocation: () =>
    post('/oauth/revoke', { ...form, authorization: basic('billing', BILLING) }, `token=${person.refreshToken}`),
  'the button of a page': () => post('/verify-email', form, `token=${token}`),
  'a page': () => latchkey.fetch(`/verify-email?token=${token}`),
};

async function askAll(): Promise<Record<string, { status: number; retryAfter: string | null; text: string }>> {
  const answers = Object.entries(REQUESTS).map(async ([name, request]) => {
    const response = await request();
    return [
      name,
      { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() },
    ] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

const readiness = async () => (await latchkey.fetch('/readyz')).json();

describe.each(['refuse', 'vanish'] as const)('a database host that does this to connections: %s', (ailment) => {
  test('every face answers 503 with Retry-After, and everything works again by itself', async () => {
    await proxy[ailment]();
    // Twice: at first there are connections to lose, later none.
    for (const answers of [await askAll(), await askAll()]) {
      for (const [name, { status, retryAfter, text }] of Object.entries(answers)) {
        expect({ name, status, retryAfter }).toEqual({ name, status: 503, retryAfter: '5' });
        expect(text).not.toMatch(/credential|incorrect|sign in|expired|INTERNAL|Unexpected/i);
      }
      expect(JSON.parse(answers['GraphQL, signed in']?.text ?? '')).toMatchObject({
        data: { me: null },
        errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5 } }],
      });
      expect(JSON.parse(answers['introspection']?.text ?? '')).toMatchObject({ error: 'temporarily_unavailable' });
      expect(answers['a page']?.text).toContain('temporarily unavailable');
    }
    expect(await readiness()).toEqual({ status: 'unavailable', reason: 'database-unreachable' });

    await proxy.heal();
    await vi.waitFor(async () => expect(await readiness()).toEqual({ status: 'ok' }), { timeout: 20_000 });
    await vi.waitFor(() => latchkey.ask(MeDocument, {}, { bearer: person.accessToken }), { timeout: 20_000 });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    expect(refresh.__typename).toBe('RefreshSuccess');

    const lines = latchkey.logged().split('\n');
    expect(lines.filter((line) => line.includes('unexpected error'))).toEqual([]);
    const outages = lines.filter((line) => line.includes('database outage'));
    expect(outages.length).toBeGreaterThan(0);
    const seconds = new Set(outages.map((line) => Math.floor(JSON.parse(line).time / 1000)));
    // One line a second touches a second at most twice.
    expect(outages.length).toBeLessThanOrEqual(2 * seconds.size);
    expect(outages.join()).not.toContain('stack');
  });

  test('a browser keeps its cookie until its session has ended', async () => {
    const input = { identifier: person.email, password: PASSWORD, transport: 'COOKIE' };
    const own = { 'sec-fetch-site': 'same-origin' };
    const signedIn = await graphql(print(LoginDocument), { input }, own);
    const [cookie = ''] = signedIn.headers.getSetCookie()[0]?.split(';') ?? [];
    const { accessToken } = (await signedIn.json()).data.login.tokens;
    await proxy[ailment]();
    const headers = { ...own, cookie, authorization: `Bearer ${accessToken}` };
    for (const document of [LogoutDocument, LogoutEverywhereDocument, RefreshDocument]) {
      const response = await graphql(print(document), { input: {} }, headers);
      expect([response.status, response.headers.getSetCookie()]).toEqual([503, []]);
    }
    await proxy.heal();
    const again = await vi.waitFor(
      async () => {
        const response = await graphql(print(LogoutDocument), {}, headers);
        expect(response.status).toBe(200);
        return response;
      },
      { timeout: 20_000 },
    );
    expect((await again.json()).data.logout.endedSessionId).not.toBeNull();
    expect(again.headers.getSetCookie()[0]).toMatch(/Max-Age=0/);
  });
});

/** Runs a statement beside the service, on a connection of its own that stays open until `end`. */
async function beside(...statements: string[]): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  for (const statement of statements) await client.query(statement);
  return client;
}

test('a database that became read-only is not ready; reading still works, and writing is refused with 503', async () => {
  const other = await beside(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
  );
  proxy.cut();
  await vi.waitFor(async () =>
    expect(await readiness()).toEqual({ status: 'unavailable', reason: 'database-read-only' }),
  );
  const { me } = await vi.waitFor(() => latchkey.ask(MeDocument, {}, { bearer: person.accessToken }));
  expect(me?.id).toBe(person.id);
  const login = await REQUESTS['GraphQL, signing in']?.();
  expect([login?.status, login?.headers.get('retry-after')]).toEqual([503, '5']);
  await other.end();
});

test('part of an answer is an answer: the rest is null, with the code', async () => {
  const lock = await beside('BEGIN', 'LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE');
  const query = '{ me { id } other: me { auditEvents(first: 1) { nodes { id } } } }';
  const response = await graphql(query, {}, bearer());
  const { data, errors } = await response.json();
  expect(response.status).toBe(200);
  expect(data.me).toEqual({ id: person.id });
  expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  await lock.end();
});

test('a table that another session locks stops what needs it for a moment, and nothing of what does not', async () => {
  const other = await latchkey.person();
  const lock = await beside('BEGIN', 'LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
  // More than there are connections.
  const stuck = Array.from({ length: 16 }, (_, i) =>
    graphql(print(CreateOrganizationDocument), { input: { name: `Team ${i}` } }, bearer()),
  );
  for (let i = 0; i < 20; i++) await latchkey.ask(MeDocument, {}, { bearer: other.accessToken });
  await lock.query('ROLLBACK');
  await lock.end();
  for (const { status } of await Promise.all(stuck)) expect([200, 503]).toContain(status);
});

test('a process whose database host has vanished is still told to stop, and ends in time', async () => {
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${proxy.port}`;
  const service = await startService({ DATABASE_URL: url.href, SECRET, SHUTDOWN_TIMEOUT: '6s' });
  expect((await service.fetch('/readyz')).status).toBe(200);
  proxy.vanish();
  const asked = service.fetch('/graphql', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      query: print(LoginDocument),
      variables: { input: { identifier: 'ada', password: PASSWORD } },
    }),
  });
  const hung = asked.then(
    ({ status }) => status,
    () => 'cut off',
  );
  const { stdout, signal } = await service.stop();
  expect(signal).toBeNull();
  expect(stdout).toMatch(/"msg":"(stopped|not stopped within SHUTDOWN_TIMEOUT; ending anyway)"/);
  expect(['cut off', 503]).toContain(await hung);
  await proxy.heal();
});
