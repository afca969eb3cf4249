/** What holds for a session through every door: bearer token, refresh token, cookie, REST. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EndOtherSessionsDocument,
  EndSessionDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  SessionsDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { tokensOf, vaultClient } from '../support/vault.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const NAME = '__Host-latchkey-refresh';

describe('a session', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    latchkey.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const REFRESH = 'mutation { refresh { __typename ... on RefreshSuccess { tokens { accessToken } } } }';
  const refreshByCookie = async (cookie: string) =>
    (await (await post('/graphql', { query: REFRESH }, { ...OWN, cookie: `${NAME}=${cookie}` })).json()).data.refresh;
  const cookieOf = (response: Response) =>
    /^__Host-latchkey-refresh=([^;]*)/.exec(response.headers.getSetCookie()[0] ?? '')?.[1] ?? '';

  /** One person, signed in three times: with tokens, by cookie, and through a documented API. */
  const everywhere = async () => {
    const person = await latchkey.person();
    const query = `mutation { login(input: { identifier: "${person.email}", password: "${PASSWORD}", transport: COOKIE }) { __typename } }`;
    const cookie = cookieOf(await post('/graphql', { query }, OWN));
    const rest = await (await post('/api/auth/login/', { email: person.email, password: PASSWORD })).json();
    return { ...person, cookie, rest: rest as { access: string; refresh: string } };
  };
  /** Which doors let someone with these tokens in. */
  const openDoors = async (person: Awaited<ReturnType<typeof everywhere>>) => {
    const { refreshToken, rest } = person;
    const isViewer = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me != null;
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    const doors = {
      me: await isViewer(person.accessToken),
      'me with a token of REST': await isViewer(rest.access),
      'ending sessions':
        (await latchkey.send(EndOtherSessionsDocument, {}, { bearer: rest.access })).data?.endOtherSessions !==
        undefined,
      refresh: refresh.__typename === 'RefreshSuccess',
      'refresh by cookie': (await refreshByCookie(person.cookie)).__typename === 'RefreshSuccess',
      'refresh by REST': (await post('/api/auth/refresh/', { refresh: rest.refresh })).status === 200,
    };
    return Object.entries(doors)
      .filter(([, isOpen]) => isOpen)
      .map(([name]) => name);
  };

  test('opens every door while nothing has happened', async () => {
    const person = await everywhere();
    expect(await refreshByCookie(person.cookie)).toMatchObject({ __typename: 'RefreshSuccess' });
    expect(await openDoors(person)).toEqual(
      expect.arrayContaining(['me', 'me with a token of REST', 'ending sessions']),
    );
  });

  test('a session ends at its last day through every door, however often it is used', async () => {
    const short = await startLatchkey({ env: { SESSION_TTL: '2h', SESSION_IDLE_TTL: '80m', ACCESS_TOKEN_TTL: '1h' } });
    const client = vaultClient(short);
    const { email } = await short.person();
    const ask = (path: string, body: object) =>
      short.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    let vault = tokensOf(await client.post('/api/login', { email, password: PASSWORD }));
    const { login } = await short.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    let { refreshToken } = login.tokens;
    const rest = (await (await ask('/api/auth/login/', { email, password: PASSWORD })).json()) as { refresh: string };
    const doors = async () => {
      const byVault = await client.get('/api/refresh', vault.userToken);
      if (byVault.status === 200) vault = tokensOf(byVault);
      const { refresh } = await short.ask(RefreshDocument, { input: { refreshToken } });
      if (refresh.__typename === 'RefreshSuccess') refreshToken = refresh.tokens.refreshToken;
      const byRest = await ask('/api/auth/refresh/', { refresh: rest.refresh });
      return [byVault.status, refresh.__typename, byRest.status];
    };
    for (const minutes of [50, 50]) {
      short.advance({ minutes });
      expect(await doors()).toEqual([200, 'RefreshSuccess', 200]);
    }
    short.advance({ minutes: 21 });
    expect(await doors()).toEqual([401, 'SessionEndedError', 401]);
    await short.close();
  });

  test('a provisional session is not prolonged: it ends with the shorter of the two lives', async () => {
    for (const env of [
      { SESSION_IDLE_TTL: '2h', SESSION_TTL: '10h' },
      { SESSION_IDLE_TTL: '10h', SESSION_TTL: '2h' },
    ]) {
      const short = await startLatchkey({ env });
      const client = vaultClient(short);
      let { userToken } = tokensOf(await client.register(short.address()));
      for (const minutes of [50, 50]) {
        short.advance({ minutes });
        userToken = tokensOf(await client.get('/api/refresh', userToken)).userToken;
      }
      short.advance({ minutes: 21 });
      expect((await client.get('/api/refresh', userToken)).status).toBe(401);
      await short.close();
    }
  });

  test('an access token does not outlive the idle end of its session', async () => {
    const short = await startLatchkey({ env: { SESSION_IDLE_TTL: '10m', ACCESS_TOKEN_TTL: '1h' } });
    const { accessToken } = await short.person();
    const reason = async () =>
      (await short.send(MeDocument, {}, { bearer: accessToken })).errors?.[0]?.extensions?.['reason'];
    short.advance({ minutes: 9 });
    expect(await reason()).toBeUndefined();
    short.advance({ minutes: 2 });
    expect(await reason()).toBe('SESSION_ENDED');
    await short.close();
  });

  test('a disabled or deleted user is refused at the next request everywhere', async () => {
    const { user } = latchkey.app.parts.database.prisma;
    const at = latchkey.app.parts.clock();
    const ways: Record<string, (id: string) => Promise<unknown>> = {
      disabled: (id) => user.update({ where: { id }, data: { disabledAt: at } }),
      'about to be deleted': (id) =>
        user.update({ where: { id }, data: { deletesAt: new Date(at.getTime() + 86_400_000) } }),
      deleted: (id) => user.delete({ where: { id } }),
    };
    for (const [way, refuse] of Object.entries(ways)) {
      const person = await everywhere();
      await refuse(person.id);
      expect(await openDoors(person), way).toEqual([]);
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
      expect(login.__typename, way).not.toBe('LoginSuccess');
    }
  });

  test('a session from before the last reset has ended', async () => {
    const person = await everywhere();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: person.email } });
    const { code } = await latchkey.mailTo(person.email, 2);
    const input = { email: person.email, code, newPassword: 'another good passphrase' };
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input });
    expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
    expect(await openDoors(person)).toEqual([]);
  });

  test('session ids and tokens never appear in logs, URLs or the audit', async () => {
    const person = await everywhere();
    const bearer = person.accessToken;
    const secrets = new Set([
      person.accessToken,
      person.refreshToken,
      person.cookie,
      person.rest.access,
      person.rest.refresh,
    ]);
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    if (refresh.__typename === 'RefreshSuccess') {
      secrets.add(refresh.tokens.accessToken).add(refresh.tokens.refreshToken ?? '');
      await latchkey.ask(MeDocument, {}, { bearer: refresh.tokens.accessToken });
    }
    const { me } = await latchkey.ask(SessionsDocument, {}, { bearer });
    const ids = me?.sessions.nodes.map(({ id }) => id) ?? [];
    expect(ids).toHaveLength(3);
    const [other = ''] = ids.filter((id) => id !== person.sessionId);
    await latchkey.ask(EndSessionDocument, { input: { sessionId: other } }, { bearer });
    await latchkey.ask(EndSessionDocument, { input: { sessionId: 'nonsense' } }, { bearer });
    await latchkey.ask(LogoutDocument, {}, { bearer: person.rest.access });
    await latchkey.send(MeDocument, {}, { bearer: person.rest.access });
    latchkey.advance({ seconds: 11 });
    // A replay: the session ends, its owner is told by email.
    await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    await latchkey.mailTo(person.email, 2);
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: login.tokens.accessToken });
    secrets.add(login.tokens.accessToken);

    const { prisma } = latchkey.app.parts.database;
    const events = await prisma.auditEvent.findMany({ where: { subjectId: person.id } });
    expect(events.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'login.completed',
        'end_session.completed',
        'refresh.replayed',
        'logout_everywhere.completed',
      ]),
    );
    const urls = latchkey.smtp.mails.flatMap(({ text }) => text.match(/https?:\S+/g) ?? []);
    const written = { log: latchkey.logged(), audit: JSON.stringify(events), urls: urls.join('\n') };
    for (const [place, text] of Object.entries(written)) {
      for (const id of [...ids, login.session.id]) expect(text, place).not.toContain(id);
      // By its signature: a piece of a token is not to be found either.
      for (const token of secrets) expect(text, place).not.toContain(token.split('.')[2]);
    }
  });
});
