import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EndOtherSessionsDocument,
  EndSessionDocument,
  LoginDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
  SessionsDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

const CHROME_ON_WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const SAFARI_ON_IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

describe.each(ENGINES)('sessions on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const login = async (identifier: string, { ip = '192.0.2.1', agent = 'test' } = {}) => {
    const sending = { ip, headers: { 'user-agent': agent } };
    const answer = (await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } }, sending)).login;
    if (answer.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(answer));
    const { tokens, session } = answer;
    return { id: session.id, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? '' };
  };
  const sessions = async (bearer: string, variables: { first?: number } = {}) =>
    (await latchkey.ask(SessionsDocument, variables, { bearer })).me?.sessions.nodes ?? [];
  const end = async (bearer: string, sessionId: string) =>
    (await latchkey.ask(EndSessionDocument, { input: { sessionId } }, { bearer })).endSession;
  const isLive = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me != null;
  const eventsOf = async (id: string) =>
    (
      await latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId: id }, orderBy: { id: 'asc' } })
    ).map(({ name }) => name);

  test('are shown with device, address, times and method, the one used last first', async () => {
    const { email } = await latchkey.person();
    latchkey.advance({ minutes: 1 });
    const phone = await login(email, { ip: '198.51.100.7', agent: SAFARI_ON_IPHONE });
    latchkey.advance({ minutes: 1 });
    const desk = await login(email, { ip: '203.0.113.9', agent: CHROME_ON_WINDOWS });
    latchkey.advance({ minutes: 1 });
    await latchkey.ask(RefreshDocument, { input: { refreshToken: phone.refreshToken } });
    const shown = await sessions(desk.accessToken);
    expect(shown).toHaveLength(3);
    expect(shown.slice(0, 2)).toMatchObject([
      {
        id: phone.id,
        isCurrent: false,
        method: 'PASSWORD',
        ipAddress: '198.51.100.7',
        device: { browser: 'Safari', operatingSystem: 'iOS', kind: 'MOBILE' },
      },
      {
        id: desk.id,
        isCurrent: true,
        ipAddress: '203.0.113.9',
        device: { browser: 'Chrome', operatingSystem: 'Windows', kind: 'DESKTOP' },
      },
    ]);
    const [first] = shown;
    expect(Date.parse(String(first?.lastUsedAt)) - Date.parse(String(first?.createdAt))).toBeGreaterThanOrEqual(
      120_000,
    );
  });

  test('a user agent that names nothing known is repeated nowhere', async () => {
    const { email } = await latchkey.person();
    const { accessToken } = await login(email, { agent: 'Call +1 555 0100 now http://evil.example/x y' });
    expect((await sessions(accessToken))[0]?.device).toEqual({ browser: null, operatingSystem: null, kind: 'UNKNOWN' });
  });

  test('only live ones are shown: none that ended, expired or is provisional', async () => {
    const { id, email, refreshToken } = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    const ended = await login(email);
    await end(ended.accessToken, ended.id);
    latchkey.advance({ days: 14, seconds: 1 });
    const current = await login(email);
    const row = await prisma.session.findUniqueOrThrow({ where: { id: current.id } });
    await prisma.session.create({
      data: { ...row, id: '019302aa-0000-7000-8000-000000000001', isProvisional: true, method: 'registration' },
    });
    expect(refreshToken).not.toBe('');
    expect((await sessions(current.accessToken)).map((session) => session.id)).toEqual([current.id]);
    await prisma.session.deleteMany({ where: { userId: id, isProvisional: true } });
  });

  test('a user that is reached another way shows no sessions', async () => {
    const { email } = await latchkey.person();
    const stranger = await latchkey.person();
    const query = `mutation { login(input: { identifier: "${email}", password: "${PASSWORD}" }) {
      ... on LoginSuccess { session { isCurrent } user { sessions { nodes { id } } } } } }`;
    for (const authorization of [undefined, `Bearer ${stranger.accessToken}`]) {
      const response = await latchkey.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
        body: JSON.stringify({ query }),
      });
      const { data } = await response.json();
      expect(data.login).toEqual({ session: { isCurrent: false }, user: { sessions: { nodes: [] } } });
    }
  });

  test('one can be ended, which takes effect immediately', async () => {
    const { id, email, accessToken } = await latchkey.person();
    const other = await login(email);
    expect(await end(accessToken, other.id.toUpperCase())).toEqual({
      __typename: 'EndSessionSuccess',
      endedSessionId: other.id,
    });
    expect(await isLive(other.accessToken)).toBe(false);
    expect(await isLive(accessToken)).toBe(true);
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: other.refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
    expect(await eventsOf(id)).toContain('end_session.completed');
  });

  test('a foreign, an unknown, an ended and a malformed id are one answer', async () => {
    const { email, accessToken } = await latchkey.person();
    const foreign = await latchkey.person();
    const ended = await login(email);
    await end(accessToken, ended.id);
    const answers = [];
    for (const id of [foreign.sessionId, '019302aa-0000-7000-8000-000000000000', ended.id, 'nonsense', '']) {
      answers.push(await end(accessToken, id));
    }
    expect(answers[0]).toMatchObject({ __typename: 'SessionNotFoundError', code: 'SESSION_NOT_FOUND' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await isLive(foreign.accessToken)).toBe(true);
  });

  test('all others can be ended, or all', async () => {
    const { id, email, accessToken } = await latchkey.person();
    const others = [await login(email), await login(email)];
    const { endOtherSessions } = await latchkey.ask(EndOtherSessionsDocument, {}, { bearer: accessToken });
    expect(endOtherSessions).toMatchObject({ endedSessions: 2 });
    for (const other of others) expect(await isLive(other.accessToken)).toBe(false);
    expect(await isLive(accessToken)).toBe(true);
    await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: accessToken });
    expect(await isLive(accessToken)).toBe(false);
    expect(await eventsOf(id)).toEqual(
      expect.arrayContaining(['end_other_sessions.completed', 'logout_everywhere.completed']),
    );
  });

  test('of two sessions that end all others at once, one stays', async () => {
    const { email, accessToken } = await latchkey.person();
    const tokens = [accessToken, await login(email).then((other) => other.accessToken)];
    await Promise.all(tokens.map((bearer) => latchkey.send(EndOtherSessionsDocument, {}, { bearer })));
    expect((await Promise.all(tokens.map(isLive))).filter(Boolean)).toHaveLength(1);
  });

  test('nobody ends or sees anything', async () => {
    for (const document of [
      EndOtherSessionsDocument,
      LogoutEverywhereDocument,
    ] as (typeof EndOtherSessionsDocument)[]) {
      const { errors } = await latchkey.send(document, {});
      expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    }
    const { errors } = await latchkey.send(EndSessionDocument, { input: { sessionId: 'x' } });
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });

  test('the 51st ends the one that was used longest ago', async () => {
    const { id, email, accessToken, sessionId, refreshToken } = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    const row = await prisma.session.findUniqueOrThrow({ where: { id: sessionId } });
    await prisma.session.createMany({
      data: Array.from({ length: 49 }, (_, i) => ({
        ...row,
        id: `019302aa-0000-7000-8000-0000000001${String(i).padStart(2, '0')}`,
        lastUsedAt: new Date(row.lastUsedAt.getTime() + (i + 1) * 1000),
      })),
    });
    latchkey.advance({ minutes: 5 });
    // The oldest by its start, but used now.
    await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    latchkey.advance({ seconds: 1 });
    await login(email);
    expect(await isLive(accessToken)).toBe(true);
    expect(await prisma.session.findMany({ where: { userId: id, endedAt: { not: null } } })).toMatchObject([
      { id: '019302aa-0000-7000-8000-000000000100', endReason: 'too_many_sessions' },
    ]);
    expect(await eventsOf(id)).toContain('session_limit.reached');
    await prisma.session.deleteMany({ where: { userId: id } });
  });

  test('many logins at once leave at most 50', async () => {
    const { id, email } = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    await Promise.all(Array.from({ length: 70 }, (_, i) => login(email, { ip: `198.51.100.${i}` })));
    expect(await prisma.session.count({ where: { userId: id, endedAt: null } })).toBe(50);
    expect(await prisma.session.count({ where: { userId: id } })).toBe(71);
  });
});
