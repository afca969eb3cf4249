import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CurrentOrganizationDocument,
  DisableUserDocument,
  LoginDocument,
  MeDocument,
  RefreshDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('what a request leaves behind on %s', (engine) => {
  let latchkey: Latchkey;
  let person: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    person = await latchkey.person();
  });
  afterAll(() => latchkey.close());

  /** The log line of the last request. */
  const lastLine = (): Record<string, unknown> => {
    const lines = latchkey.logged().trim().split('\n');
    return JSON.parse(lines.findLast((line) => line.includes('"msg":"request"')) ?? '{}');
  };

  test('a successful and a failed sign-in have different log lines, and both name the account', async () => {
    const login = (password: string) =>
      latchkey.ask(LoginDocument, { input: { identifier: person.email, password } }, { ip: '203.0.113.9' });
    await login(PASSWORD);
    expect(lastLine()).toMatchObject({ operation: 'mutation login', outcome: null, userId: person.id, status: 200 });
    await login('wrong');
    const wrong = { operation: 'mutation login', outcome: 'INVALID_CREDENTIALS', userId: person.id, status: 200 };
    expect(lastLine()).toMatchObject(wrong);
    for (let attempt = 0; attempt < 5; attempt++) await login('wrong');
    expect(lastLine()).toMatchObject({ operation: 'mutation login', outcome: 'TOO_MANY_ATTEMPTS' });
    await latchkey.ask(LoginDocument, { input: { identifier: 'nobody@example.test', password: 'wrong' } });
    expect(lastLine()).toMatchObject({ outcome: 'INVALID_CREDENTIALS', userId: null });
  });

  test('what the viewer asks for is theirs, and an expired session says so', async () => {
    const { id, accessToken, refreshToken } = await latchkey.person();
    await latchkey.ask(MeDocument, {}, { bearer: accessToken });
    expect(lastLine()).toMatchObject({ operation: 'query me', outcome: null, userId: id });
    await latchkey.send(MeDocument, {}, { bearer: 'nonsense' });
    expect(lastLine()).toMatchObject({ operation: 'query me', outcome: 'UNAUTHENTICATED', userId: null });
    await latchkey.ask(RefreshDocument, { input: { refreshToken: `${refreshToken}x` } });
    expect(lastLine()).toMatchObject({ operation: 'mutation refresh', outcome: 'SESSION_ENDED' });
  });

  test('an operation is called by its fields: what a client calls it is not written down', async () => {
    const query = 'query MySecretName { a: me { id } ...F } fragment F on Query { currentOrganization { role } }';
    await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(lastLine()).toMatchObject({ operation: 'query me …' });
    expect(latchkey.logged()).not.toContain('MySecretName');
  });

  test('a REST call is named by its route, with the code of its failure', async () => {
    await latchkey.fetch('/api/auth/login/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'nobody@example.test', password: 'wrong' }),
    });
    expect(lastLine()).toMatchObject({ operation: 'POST /api/auth/login', outcome: 'INVALID_CREDENTIALS' });
  });

  test('so is the page of a sign-in email', async () => {
    for (const fields of [{ token: 'x'.repeat(64) }, { challenge: 'x'.repeat(64), code: '123456' }]) {
      await latchkey.fetch('/sign-in-with-email', {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      expect(lastLine()).toMatchObject({ outcome: 'token' in fields ? 'INVALID_CODE' : 'LOGIN_EXPIRED' });
    }
  });

  test('a refused administrator call and a foreign organization are in the audit log, up to twenty an hour', async () => {
    const { id, accessToken } = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    const events = () =>
      prisma.auditEvent.findMany({ where: { subjectId: id, name: { startsWith: 'access.' } }, orderBy: { id: 'asc' } });
    await latchkey.send(DisableUserDocument, { input: { userId: person.id } }, { bearer: accessToken });
    expect(lastLine()).toMatchObject({ operation: 'mutation disableUser', outcome: 'FORBIDDEN', userId: id });
    const foreign = '0197a000-0000-7000-8000-000000000000';
    const headers = { 'x-organization-id': foreign };
    await latchkey.send(CurrentOrganizationDocument, {}, { bearer: accessToken, headers });
    expect(lastLine()).toMatchObject({ operation: 'query currentOrganization', outcome: 'FORBIDDEN', userId: id });
    expect(await events()).toMatchObject([
      { name: 'access.denied', outcome: 'FAILURE', actorId: id, organizationId: null },
      { name: 'access.denied', outcome: 'FAILURE', actorId: id, organizationId: foreign },
    ]);
    await Promise.all(
      Array.from({ length: 30 }, () =>
        latchkey.send(CurrentOrganizationDocument, {}, { bearer: accessToken, headers }),
      ),
    );
    const names = (await events()).map(({ name }) => name);
    expect(names.filter((name) => name === 'access.denied')).toHaveLength(20);
    expect(names.filter((name) => name === 'access.throttled')).toHaveLength(1);
  });
});

describe('LOG_SAMPLE', () => {
  const isLogged = (latchkey: Latchkey, requestId: string | null) =>
    latchkey
      .logged()
      .split('\n')
      .some((line) => line.includes('"msg":"request"') && line.includes(`"${requestId}"`));

  test('leaves out successful reads only, by the id of the request, which no client chooses', async () => {
    const latchkey = await startLatchkey({ env: { LOG_SAMPLE: '0.5' } });
    const share: boolean[] = [];
    for (let request = 0; request < 40; request++) {
      const traceparent = '00-ffffffffffffffffffffffffffffffff-00f067aa0ba902b7-01';
      const id = (await latchkey.fetch('/healthz', { headers: { traceparent } })).headers.get('x-request-id');
      const isKept = Number.parseInt(id?.slice(0, 8) ?? '', 16) < 2 ** 31;
      expect(isLogged(latchkey, id)).toBe(isKept);
      share.push(isKept);
    }
    expect(new Set(share)).toEqual(new Set([true, false]));
    await latchkey.close();
  });

  test('with 0, changes, failures, and GETs that change something are logged', async () => {
    const latchkey = await startLatchkey({ env: { LOG_SAMPLE: '0' } });
    const { email, accessToken } = await latchkey.person();
    const idAfter = async (path: string, init: RequestInit = {}) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}`, ...init.headers };
      return (await latchkey.fetch(path, { ...init, headers })).headers.get('x-request-id');
    };
    const graphql = (query: string) => idAfter('/graphql', { method: 'POST', body: JSON.stringify({ query }) });
    const quiet = [await idAfter('/healthz'), await graphql('{ me { id } }')];
    const told = [
      await idAfter('/nowhere'),
      await graphql('{ me { id '),
      await graphql('mutation { endOtherSessions { __typename } }'),
      await idAfter('/api/refresh'),
      await idAfter(`/api/exist-email/${email}`),
      await idAfter('/graphql', {
        method: 'POST',
        body: JSON.stringify({ query: '{ me { id } }' }),
        headers: { authorization: 'Bearer wrong' },
      }),
    ];
    expect(quiet.map((id) => isLogged(latchkey, id))).toEqual(quiet.map(() => false));
    expect(told.map((id) => isLogged(latchkey, id))).toEqual(told.map(() => true));
    await latchkey.close();
  });
});
