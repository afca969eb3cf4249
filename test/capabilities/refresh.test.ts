import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogoutDocument, MeDocument, RefreshDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('refresh on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const refresh = async (refreshToken: string, bearer?: string) =>
    (await latchkey.ask(RefreshDocument, { input: { refreshToken } }, bearer === undefined ? {} : { bearer })).refresh;
  const successor = async (refreshToken: string) => {
    const result = await refresh(refreshToken);
    return result.__typename === 'RefreshSuccess' ? (result.tokens.refreshToken ?? '') : result.__typename;
  };
  /** The successor, of which an access token has been used. */
  const usedSuccessor = async (refreshToken: string) => {
    const result = await refresh(refreshToken);
    if (result.__typename !== 'RefreshSuccess') return result.__typename;
    expect(await isSignedIn(result.tokens.accessToken)).toBe(true);
    return result.tokens.refreshToken ?? '';
  };
  const isSignedIn = async (accessToken: string) =>
    (await latchkey.send(MeDocument, {}, { bearer: accessToken })).data?.me != null;

  test('gives new tokens, and the session continues', async () => {
    const { id, sessionId, refreshToken } = await latchkey.person();
    latchkey.advance({ minutes: 20 });
    const result = await refresh(refreshToken);
    if (result.__typename !== 'RefreshSuccess') throw new Error(JSON.stringify(result));
    expect(result).toMatchObject({ user: { id }, session: { id: sessionId } });
    expect(result.tokens.refreshToken).not.toBe(refreshToken);
    expect(await isSignedIn(result.tokens.accessToken)).toBe(true);
  });

  test('works with an expired access token in the header', async () => {
    const { refreshToken, accessToken } = await latchkey.person();
    latchkey.advance({ hours: 1 });
    const { errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' });
    expect((await refresh(refreshToken, accessToken)).__typename).toBe('RefreshSuccess');
    expect((await refresh(refreshToken, 'nonsense')).__typename).toBe('RefreshSuccess');
  });

  test('fifty parallel refreshes of one token give one successor to all', async () => {
    const { refreshToken } = await latchkey.person();
    const successors = await Promise.all(Array.from({ length: 50 }, () => successor(refreshToken)));
    expect(new Set(successors).size).toBe(1);
    expect(successors[0]).toMatch(/^ey/);
    expect(await successor(successors[0] ?? '')).toMatch(/^ey/);
  });

  test('of tokens that arrive together, each gives those of its own session, and a spent one ends its own only', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => latchkey.person()));
    const spent = people.slice(0, 3);
    const current = await Promise.all(
      people.map(async ({ refreshToken }) => usedSuccessor(await usedSuccessor(refreshToken))),
    );
    const presented = people.flatMap((person, at) => [
      ...Array.from({ length: 3 }, () => ({ person, refreshToken: current[at] ?? '' })),
      ...(spent.includes(person) ? [{ person, refreshToken: person.refreshToken }] : []),
    ]);
    const answers = await Promise.all(
      presented.map(async ({ person, refreshToken }) => ({
        person,
        refreshToken,
        result: await refresh(refreshToken),
      })),
    );
    for (const { person, refreshToken, result } of answers) {
      if (refreshToken === person.refreshToken) expect(result.__typename).toBe('SessionEndedError');
      else if (result.__typename === 'RefreshSuccess')
        expect([result.user.id, result.session.id]).toEqual([person.id, person.sessionId]);
      else expect(spent).toContain(person);
    }
    for (const person of people) {
      const given = answers.flatMap((it) => {
        return it.person === person && it.result.__typename === 'RefreshSuccess' ? [it.result.tokens] : [];
      });
      expect(new Set(given.map(({ refreshToken }) => refreshToken)).size).toBeLessThanOrEqual(1);
      const isAlive = await Promise.all(given.map(({ accessToken }) => isSignedIn(accessToken)));
      expect(isAlive).toEqual(given.map(() => !spent.includes(person)));
      if (!spent.includes(person)) expect(given).toHaveLength(3);
    }
    const replays = await latchkey.app.parts.database.prisma.auditEvent.groupBy({
      by: ['subjectId'],
      where: { name: 'refresh.replayed', subjectId: { in: people.map(({ id }) => id) } },
      _count: true,
    });
    expect(replays.map(({ subjectId, _count }) => [subjectId, _count]).sort()).toEqual(
      spent.map(({ id }) => [id, 1]).sort(),
    );
  });

  test('a lost answer can be asked for again within the grace window', async () => {
    const { refreshToken } = await latchkey.person();
    const first = await successor(refreshToken);
    latchkey.advance({ seconds: 8 });
    expect(await successor(refreshToken)).toBe(first);
  });

  test('the grace window is anchored at the first rotation and never extends', async () => {
    const { refreshToken } = await latchkey.person();
    const first = await usedSuccessor(refreshToken);
    for (let step = 0; step < 3; step++) {
      latchkey.advance({ seconds: 3 });
      expect(await successor(refreshToken)).toBe(first);
    }
    latchkey.advance({ seconds: 2 });
    expect(await successor(refreshToken)).toBe('SessionEndedError');
  });

  test('a replayed old token ends the session, although the answer is an error', async () => {
    const { id, email, sessionId, refreshToken, accessToken } = await latchkey.person();
    const current = await usedSuccessor(refreshToken);
    latchkey.advance({ seconds: 11 });
    expect(await successor(refreshToken)).toBe('SessionEndedError');
    expect(await successor(current)).toBe('SessionEndedError');
    expect(await isSignedIn(accessToken)).toBe(false);
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.session.findUniqueOrThrow({ where: { id: sessionId } })).toMatchObject({ endReason: 'replay' });
    expect(await prisma.auditEvent.count({ where: { subjectId: id, name: 'refresh.replayed' } })).toBe(1);
    const mail = await latchkey.mailTo(email, 2);
    expect(mail.envelope.to).toEqual([email]);
    expect(mail.code).toBeNull();
  });

  test('an organization header does not hide a replay', async () => {
    const { id, refreshToken } = await latchkey.person();
    const current = await usedSuccessor(refreshToken);
    latchkey.advance({ seconds: 11 });
    const organization = { 'x-organization-id': '0197a000-0000-7000-8000-000000000000' };
    const { refresh: answer } = await latchkey.ask(
      RefreshDocument,
      { input: { refreshToken } },
      { headers: organization },
    );
    expect(answer.__typename).toBe('SessionEndedError');
    expect(await successor(current)).toBe('SessionEndedError');
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.auditEvent.count({ where: { subjectId: id, name: 'refresh.replayed' } })).toBe(1);
  });

  test('a header that is refused spends nothing: the same token goes on without it', async () => {
    const { refreshToken } = await latchkey.person();
    const organization = { 'x-organization-id': '0197a000-0000-7000-8000-000000000000' };
    const { data, errors } = await latchkey.send(
      RefreshDocument,
      { input: { refreshToken } },
      { headers: organization },
    );
    expect(JSON.stringify(data?.refresh ?? errors)).toMatch(/ForbiddenError|FORBIDDEN/);
    latchkey.advance({ seconds: 60 });
    expect(await successor(refreshToken)).toMatch(/^ey/);
  });

  test('the grandparent never works', async () => {
    const { refreshToken } = await latchkey.person();
    const second = await successor(refreshToken);
    const third = await successor(second);
    expect(third).toMatch(/^ey/);
    expect(await successor(refreshToken)).toBe('SessionEndedError');
    expect(await successor(third)).toBe('SessionEndedError');
  });

  test('fifty replays at once write one event and one email', async () => {
    const { id, refreshToken } = await latchkey.person();
    await usedSuccessor(refreshToken);
    latchkey.advance({ seconds: 30 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => successor(refreshToken)));
    expect(new Set(answers)).toEqual(new Set(['SessionEndedError']));
    expect(
      await latchkey.app.parts.database.prisma.auditEvent.count({ where: { subjectId: id, name: 'refresh.replayed' } }),
    ).toBe(1);
  });

  test('refresh and sign-out at once never leave a live token', async () => {
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = await latchkey.person();
      const [refreshed] = await Promise.all([
        refresh(refreshToken),
        latchkey.ask(LogoutDocument, { input: { refreshToken } }),
      ]);
      if (refreshed.__typename === 'RefreshSuccess') {
        expect(await isSignedIn(refreshed.tokens.accessToken)).toBe(false);
        expect(await successor(refreshed.tokens.refreshToken ?? '')).toBe('SessionEndedError');
      }
    }
  });

  test('an unused session ends after its idle life, a used one after its absolute life', async () => {
    const idle = await latchkey.person();
    latchkey.advance({ days: 14, seconds: 1 });
    expect(await successor(idle.refreshToken)).toBe('SessionEndedError');

    let { refreshToken } = await latchkey.person();
    for (let day = 10; day < 30; day += 10) {
      latchkey.advance({ days: 10 });
      refreshToken = await successor(refreshToken);
      expect(refreshToken).toMatch(/^ey/);
    }
    latchkey.advance({ days: 10, seconds: 1 });
    expect(await successor(refreshToken)).toBe('SessionEndedError');
  });

  test('a disabled account is not refreshed', async () => {
    const { id, refreshToken } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: new Date() } });
    expect(await successor(refreshToken)).toBe('SessionEndedError');
  });

  test('an access token or a forged token is not accepted as a refresh token, and ends no session', async () => {
    const { refreshToken, accessToken } = await latchkey.person();
    const [header, payload, signature] = refreshToken.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'refresh+jwt' })).toString('base64url');
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()), gen: 7 }),
    ).toString('base64url');
    for (const forged of [
      '',
      accessToken,
      `${none}.${payload}.`,
      `${header}.${other}.${signature}`,
      'x.y.z',
      '\u0000',
    ]) {
      expect(await successor(forged)).toBe('SessionEndedError');
    }
    expect(await successor(refreshToken)).toMatch(/^ey/);
  });
});

describe('the refresh token across restarts and replicas', () => {
  test('a second replica continues the session, and both see its end', async () => {
    const latchkey = await startLatchkey({ engine: 'postgresql' });
    const { createApp } = await import('#app.ts');
    const replica = await createApp(latchkey.config, { log: latchkey.app.parts.log, clock: latchkey.app.parts.clock });
    const { refreshToken, accessToken } = await latchkey.person();
    const answer = await replica.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify({ query: '{ me { id } }' }),
      }),
    );
    expect(await answer.json()).toMatchObject({ data: { me: { id: expect.any(String) } } });
    expect(await replica.parts.keyRing.jwks()).toEqual(await latchkey.app.parts.keyRing.jwks());
    await latchkey.ask(LogoutDocument, { input: { refreshToken } });
    const after = await replica.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify({ query: '{ me { id } }' }),
      }),
    );
    expect(await after.json()).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' } }],
    });
    await replica.close();
    await latchkey.close();
  });
});
