import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeDocument, RefreshDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../support/oauth.ts';

describe('revoke a token', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: SERVICE_CLIENTS });
  });
  afterAll(() => latchkey.close());

  const revoke = async (token: string) => {
    const { status, body } = await postForm(latchkey, '/oauth/revoke', { token });
    expect(body).toBeNull();
    return status;
  };
  const state = async ({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }) => {
    const { errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    return [errors?.[0]?.extensions?.['reason'], refresh.__typename];
  };
  const events = (subjectId: string) =>
    latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId, name: 'revoke_token.completed' } });

  test.each(['accessToken', 'refreshToken'] as const)(
    'by its %s the whole session ends, once, and the audit log names the service',
    async (kind) => {
      const person = await latchkey.person();
      const bystander = await latchkey.person();
      expect(await Promise.all([revoke(person[kind]), revoke(person[kind])])).toEqual([200, 200]);
      expect(await revoke(person[kind])).toBe(200);
      expect(await state(person)).toEqual(['SESSION_ENDED', 'SessionEndedError']);
      expect(await state(bystander)).toEqual([undefined, 'RefreshSuccess']);
      expect(await events(person.id)).toMatchObject([
        { outcome: 'SUCCESS', actorId: null, userAgent: 'service billing', sessionRef: expect.any(String) },
      ]);
      const row = await latchkey.app.parts.database.prisma.session.findUniqueOrThrow({
        where: { id: person.sessionId },
      });
      expect(row.endReason).toBe('revoked_by_service');
    },
  );

  test('works with an access token that has expired', async () => {
    const person = await latchkey.person();
    latchkey.advance({ minutes: 20 });
    expect(await revoke(person.accessToken)).toBe(200);
    expect(await state(person)).toEqual(['TOKEN_EXPIRED', 'SessionEndedError']);
  });

  test('a spent refresh token ends the session and raises the alarm', async () => {
    const person = await latchkey.person();
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    await latchkey.ask(MeDocument, {}, { bearer: refresh.tokens.accessToken });
    latchkey.advance({ seconds: 11 });
    expect(await revoke(person.refreshToken)).toBe(200);
    const { prisma } = latchkey.app.parts.database;
    const where = { subjectId: person.id, name: { in: ['refresh.replayed', 'revoke_token.completed'] } };
    expect(await prisma.auditEvent.count({ where })).toBe(2);
    expect((await latchkey.mailTo(person.email, 2)).code).toBeNull();
  });

  test('a token from elsewhere is not an error and ends nothing', async () => {
    for (const token of ['x', 'a.b.c', '\u0000', '.'.repeat(5000)]) expect(await revoke(token)).toBe(200);
  });
});
