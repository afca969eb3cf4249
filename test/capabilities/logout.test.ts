import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('logout on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const reasonOf = async (bearer: string) =>
    (await latchkey.send(MeDocument, {}, { bearer })).errors?.[0]?.extensions?.['reason'];

  test('ends the session of the access token at once', async () => {
    const { accessToken, refreshToken, sessionId } = await latchkey.person();
    const { logout } = await latchkey.ask(LogoutDocument, {}, { bearer: accessToken });
    expect(logout).toEqual({ __typename: 'LogoutSuccess', endedSessionId: sessionId });
    expect(await reasonOf(accessToken)).toBe('SESSION_ENDED');
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
  });

  test('is in the audit log, once, with the session it ended', async () => {
    const { id, refreshToken } = await latchkey.person();
    await Promise.all([1, 2, 3].map(() => latchkey.ask(LogoutDocument, { input: { refreshToken } })));
    const { prisma } = latchkey.app.parts.database;
    const events = await prisma.auditEvent.findMany({ where: { subjectId: id, name: 'logout.completed' } });
    expect(events).toMatchObject([{ actorId: id, outcome: 'SUCCESS', sessionRef: expect.any(String) }]);
  });

  test('ends the session of a refresh token, without an access token', async () => {
    const { accessToken, refreshToken, sessionId } = await latchkey.person();
    const { logout } = await latchkey.ask(LogoutDocument, { input: { refreshToken } });
    expect(logout).toMatchObject({ endedSessionId: sessionId });
    expect(await reasonOf(accessToken)).toBe('SESSION_ENDED');
  });

  test('works with an expired access token, and can be repeated', async () => {
    const { accessToken, sessionId } = await latchkey.person();
    latchkey.advance({ hours: 2 });
    expect((await latchkey.ask(LogoutDocument, {}, { bearer: accessToken })).logout).toMatchObject({
      endedSessionId: sessionId,
    });
    expect((await latchkey.ask(LogoutDocument, {}, { bearer: accessToken })).logout).toMatchObject({
      endedSessionId: null,
    });
  });

  test('without any token, or with a forged one, there is nothing to end', async () => {
    expect((await latchkey.ask(LogoutDocument, {})).logout).toMatchObject({ endedSessionId: null });
    expect((await latchkey.ask(LogoutDocument, { input: { refreshToken: 'forged' } })).logout).toMatchObject({
      endedSessionId: null,
    });
    expect((await latchkey.ask(LogoutDocument, {}, { bearer: 'forged' })).logout).toMatchObject({
      endedSessionId: null,
    });
  });

  test('a spent refresh token signs out and raises the alarm, once', async () => {
    const { id, email, refreshToken, accessToken, sessionId } = await latchkey.person();
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    await latchkey.ask(MeDocument, {}, { bearer: refresh.tokens.accessToken });
    latchkey.advance({ seconds: 11 });
    const answers = await Promise.all([1, 2].map(() => latchkey.ask(LogoutDocument, { input: { refreshToken } })));
    expect(answers.map(({ logout }) => 'endedSessionId' in logout && logout.endedSessionId).sort()).toEqual(
      [sessionId, null].sort(),
    );
    expect(await reasonOf(accessToken)).toBe('SESSION_ENDED');
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.auditEvent.count({ where: { subjectId: id, name: 'refresh.replayed' } })).toBe(1);
    expect((await latchkey.mailTo(email, 2)).code).toBeNull();
  });

  test('the parent of the current refresh token signs out quietly while its grace lasts', async () => {
    const { id, refreshToken, sessionId } = await latchkey.person();
    await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    expect((await latchkey.ask(LogoutDocument, { input: { refreshToken } })).logout).toMatchObject({
      endedSessionId: sessionId,
    });
    const names = await latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId: id } });
    expect(names.map(({ name }) => name)).not.toContain('refresh.replayed');
    expect(names.map(({ name }) => name)).toContain('logout.completed');
  });

  test('leaves the other sessions of the person alone; logoutEverywhere does not', async () => {
    const one = await latchkey.person();
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: one.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(login));
    await latchkey.ask(LogoutDocument, {}, { bearer: one.accessToken });
    expect(await reasonOf(login.tokens.accessToken)).toBeUndefined();
    const { logoutEverywhere } = await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: login.tokens.accessToken });
    expect(logoutEverywhere).toMatchObject({ endedSessions: 1 });
    expect(await reasonOf(login.tokens.accessToken)).toBe('SESSION_ENDED');
  });

  test('logoutEverywhere needs a viewer', async () => {
    const { errors } = await latchkey.send(LogoutEverywhereDocument, {});
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });
});
