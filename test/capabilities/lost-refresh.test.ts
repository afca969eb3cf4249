/** The answer to a refresh is lost: who gets the new tokens again, and how a copied token is found all the same. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EndOtherSessionsDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  SwitchOrganizationDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../support/oauth.ts';
import { by, loner, tenant } from '../support/organizations.ts';
import { overtaken } from '../support/race.ts';

type Tokens = { accessToken: string; refreshToken: string };
const ENDED = 'SessionEndedError';

describe.each(ENGINES)('a lost answer to refresh on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: SERVICE_CLIENTS });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const attempt = async (refreshToken: string): Promise<Tokens | string> => {
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') return refresh.__typename;
    return { accessToken: refresh.tokens.accessToken, refreshToken: refresh.tokens.refreshToken ?? '' };
  };
  const refresh = async (refreshToken: string): Promise<Tokens> => {
    const tokens = await attempt(refreshToken);
    if (typeof tokens === 'string') throw new Error(tokens);
    return tokens;
  };
  const use = (bearer: string) => latchkey.ask(MeDocument, {}, { bearer });
  const alarms = (subjectId: string) => prisma().auditEvent.count({ where: { subjectId, name: 'refresh.replayed' } });
  const rowOf = (id: string) => prisma().session.findUniqueOrThrow({ where: { id } });

  test('while nothing of the successor was used, its parent gets it again, however late and however often', async () => {
    const { id, email, sessionId, refreshToken } = await latchkey.person();
    const lost = await refresh(refreshToken);
    for (const wait of [{ seconds: 12 }, { hours: 5 }, { days: 13 }]) {
      latchkey.advance(wait);
      expect((await refresh(refreshToken)).refreshToken).toBe(lost.refreshToken);
    }
    const { accessToken, refreshToken: next } = await refresh(refreshToken);
    await use(accessToken);
    expect((await refresh(next)).refreshToken).not.toBe(next);
    expect(await alarms(id)).toBe(0);
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email))).toHaveLength(1);
    expect(await rowOf(sessionId)).toMatchObject({ generation: 3, endedAt: null });
  });

  test('from the first use of the new access token on, the parent is a replay once its grace is over', async () => {
    const { id, sessionId, refreshToken } = await latchkey.person();
    const { accessToken } = await refresh(refreshToken);
    await use(accessToken);
    expect((await refresh(refreshToken)).refreshToken).toMatch(/^ey/);
    latchkey.advance({ seconds: 11 });
    expect(await attempt(refreshToken)).toBe(ENDED);
    expect(await rowOf(sessionId)).toMatchObject({ endReason: 'replay' });
    expect(await alarms(id)).toBe(1);
  });

  test('an operation that changes something is a use, and so is introspection by another service', async () => {
    const uses = [
      (bearer: string) => latchkey.ask(EndOtherSessionsDocument, {}, { bearer }),
      (token: string) => postForm(latchkey, '/oauth/introspect', { token }),
    ];
    for (const useIt of uses) {
      const { id, refreshToken } = await latchkey.person();
      await useIt((await refresh(refreshToken)).accessToken);
      latchkey.advance({ seconds: 11 });
      expect(await attempt(refreshToken)).toBe(ENDED);
      expect(await alarms(id)).toBe(1);
    }
  });

  test('the access token from before the refresh says nothing about the new one, also by switchOrganization', async () => {
    const ada = await loner(latchkey);
    const { id: organizationId } = await tenant(latchkey, [[ada, 'OWNER']]);
    const lost = await refresh(ada.refreshToken);
    await use(ada.accessToken);
    const { switchOrganization } = await latchkey.ask(
      SwitchOrganizationDocument,
      { input: { organizationId } },
      by(ada),
    );
    if (!('accessToken' in switchOrganization)) throw new Error(switchOrganization.__typename);
    await use(switchOrganization.accessToken);
    latchkey.advance({ minutes: 1 });
    expect((await refresh(ada.refreshToken)).refreshToken).toBe(lost.refreshToken);
    expect(decodeJwt(switchOrganization.accessToken)).toMatchObject({ gen: 1 });
    expect(decodeJwt(lost.accessToken)).toMatchObject({ gen: 2 });
  });

  test('with the refresh token before a lost answer, people sign out without an alarm', async () => {
    const { id, sessionId, refreshToken } = await latchkey.person();
    await refresh(refreshToken);
    latchkey.advance({ hours: 1 });
    const { logout } = await latchkey.ask(LogoutDocument, { input: { refreshToken } });
    expect(logout).toMatchObject({ endedSessionId: sessionId });
    expect(await alarms(id)).toBe(0);
  });

  test('a thief who gets the lost tokens is found when the owner refreshes, if the thief used them', async () => {
    const { id, refreshToken } = await latchkey.person();
    await refresh(refreshToken);
    latchkey.advance({ minutes: 1 });
    const stolen = await refresh(refreshToken);
    await use(stolen.accessToken);
    expect(await attempt(refreshToken)).toBe(ENDED);
    expect(await attempt(stolen.refreshToken)).toBe(ENDED);
    expect(await alarms(id)).toBe(1);
  });

  test('a thief who never shows an access token here is found at the next rotation', async () => {
    const { id, refreshToken } = await latchkey.person();
    const one = await refresh(refreshToken);
    latchkey.advance({ minutes: 1 });
    const other = await refresh(refreshToken);
    expect(other.refreshToken).toBe(one.refreshToken);
    latchkey.advance({ minutes: 14 });
    const { refreshToken: next } = await refresh(one.refreshToken);
    latchkey.advance({ seconds: 11 });
    expect(await attempt(other.refreshToken)).toBe(ENDED);
    expect(await attempt(next)).toBe(ENDED);
    expect(await alarms(id)).toBe(1);
  });

  test('after a rotation whose answer arrived, a lost answer is forgiven again', async () => {
    let { id, refreshToken } = await latchkey.person();
    for (let round = 0; round < 3; round++) {
      await refresh(refreshToken);
      latchkey.advance({ minutes: 1 });
      const again = await refresh(refreshToken);
      await use(again.accessToken);
      ({ refreshToken } = await refresh(again.refreshToken));
    }
    expect(await alarms(id)).toBe(0);
  });

  test('a grandparent is a replay, used or not', async () => {
    const { id, refreshToken } = await latchkey.person();
    await refresh((await refresh(refreshToken)).refreshToken);
    latchkey.advance({ minutes: 1 });
    expect(await attempt(refreshToken)).toBe(ENDED);
    expect(await alarms(id)).toBe(1);
  });

  test('only the first use of a generation writes', async () => {
    const { sessionId, refreshToken, accessToken } = await latchkey.person();
    const versionOf = async () =>
      (
        await prisma().$queryRaw<{ version: string }[]>`
        SELECT xmin::text AS version FROM sessions WHERE id = ${sessionId}::uuid`
      )[0]?.version;
    const opened = await versionOf();
    await use(accessToken);
    expect(await versionOf()).toBe(opened);
    const next = await refresh(refreshToken);
    const rotated = await versionOf();
    await Promise.all(Array.from({ length: 10 }, () => use(next.accessToken)));
    const used = await versionOf();
    expect(used).not.toBe(rotated);
    await Promise.all([...Array.from({ length: 10 }, () => use(next.accessToken)), use(accessToken)]);
    expect(await versionOf()).toBe(used);
    expect(await rowOf(sessionId)).toMatchObject({ generation: 2, usedGeneration: 2, reissuedGeneration: null });
  });

  test('fifty who ask for a lost answer at once all get it', async () => {
    const { id, refreshToken } = await latchkey.person();
    const lost = await refresh(refreshToken);
    latchkey.advance({ minutes: 1 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)));
    expect(new Set(answers.map((answer) => answer.refreshToken))).toEqual(new Set([lost.refreshToken]));
    expect(await alarms(id)).toBe(0);
  });

  test('the first use and the late parent at once: the parent got it before, or it is a replay', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, sessionId, refreshToken } = await latchkey.person();
      const lost = await refresh(refreshToken);
      latchkey.advance({ minutes: 1 });
      const [, again] = await Promise.all([
        latchkey.send(MeDocument, {}, { bearer: lost.accessToken }),
        attempt(refreshToken),
      ]);
      const row = await rowOf(sessionId);
      if (typeof again === 'string') expect(row).toMatchObject({ endReason: 'replay', reissuedGeneration: null });
      else expect(row).toMatchObject({ endedAt: null, reissuedGeneration: 2 });
      expect(await alarms(id)).toBe(typeof again === 'string' ? 1 : 0);
    }
  });
});

describe('a late parent that is overtaken', () => {
  test.each([
    ['the first use of the new access token', { usedGeneration: 2 }],
    ['another refresh', { generation: 3 }],
  ])('by %s gets nothing', async (_what, data) => {
    const latchkey = await startLatchkey({ engine: 'postgresql' });
    const { sessionId, refreshToken } = await latchkey.person();
    const ask = async () => (await latchkey.ask(RefreshDocument, { input: { refreshToken } })).refresh.__typename;
    await ask();
    latchkey.advance({ minutes: 1 });
    const answer = await overtaken(
      latchkey,
      (tx) => tx.$queryRaw`SELECT 1 FROM sessions WHERE id = ${sessionId}::uuid FOR UPDATE`,
      ask,
      (tx) => tx.session.update({ where: { id: sessionId }, data }),
    );
    expect(answer).toBe(ENDED);
    await latchkey.close();
  });
});
