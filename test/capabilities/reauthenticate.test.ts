import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, ReauthenticateDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

describe('reauthenticate', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  const reauthenticate = async ({ accessToken }: Pick<Person, 'accessToken'>, password: string, ip = '203.0.113.1') =>
    (await latchkey.ask(ReauthenticateDocument, { input: { password } }, { bearer: accessToken, ip })).reauthenticate;

  test('the right password makes the proof of this session new, and says until when', async () => {
    const ada = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    const before = await prisma.session.findUniqueOrThrow({ where: { id: ada.sessionId } });
    latchkey.advance({ minutes: 10 });
    const answer = await reauthenticate(ada, PASSWORD);
    if (answer.__typename !== 'ReauthenticateSuccess') throw new Error(answer.__typename);
    const after = await prisma.session.findUniqueOrThrow({ where: { id: ada.sessionId } });
    expect(after.authenticatedAt.getTime() - before.authenticatedAt.getTime()).toBeGreaterThanOrEqual(10 * 60_000);
    expect(Date.parse(answer.validUntil) - after.authenticatedAt.getTime()).toBe(15 * 60_000);
  });

  test('needs a session', async () => {
    const { errors } = await latchkey.send(ReauthenticateDocument, { input: { password: PASSWORD } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });

  test('a stolen access token gives no free guesses: they draw on the budget of the login', async () => {
    const ada = await latchkey.person();
    const ip = '203.0.113.2';
    const answers = [];
    for (let guess = 0; guess < 3; guess++) answers.push((await reauthenticate(ada, `guess ${guess}`, ip)).__typename);
    for (let guess = 0; guess < 2; guess++) {
      const input = { identifier: ada.email, password: `guess ${guess}` };
      answers.push((await latchkey.ask(LoginDocument, { input }, { ip })).login.__typename);
    }
    expect(answers).toEqual(Array(5).fill('InvalidCredentialsError'));
    expect((await reauthenticate(ada, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
    const input = { identifier: ada.email, password: PASSWORD };
    expect((await latchkey.ask(LoginDocument, { input }, { ip })).login.__typename).toBe('TooManyAttemptsError');
  });

  test('it is recorded, also when the password is wrong, and the audit log holds no password', async () => {
    const ada = await latchkey.person();
    await reauthenticate(ada, 'a wrong pass phrase', '203.0.113.3');
    await reauthenticate(ada, PASSWORD, '203.0.113.3');
    const events = await latchkey.app.parts.database.prisma.auditEvent.findMany({
      where: { subjectId: ada.id, name: { startsWith: 'reauthenticate.' } },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ name, outcome, actorId }) => [name, outcome, actorId])).toEqual([
      ['reauthenticate.failed', 'FAILURE', ada.id],
      ['reauthenticate.completed', 'SUCCESS', ada.id],
    ]);
    expect(JSON.stringify(events) + latchkey.logged()).not.toMatch(/a wrong pass phrase|correct horse/);
  });
});
