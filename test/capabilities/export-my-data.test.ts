import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ExportMyDataByQueryDocument,
  ExportMyDataDocument,
  ReauthenticateDocument,
  RequestPasswordResetDocument,
  SetUserRoleDocument,
  UpdateProfileDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe('exportMyData', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { ACCESS_TOKEN_TTL: '1h' } });
  });
  afterAll(() => latchkey.close());

  const exportData = async (bearer: string) => (await latchkey.ask(ExportMyDataDocument, {}, { bearer })).exportMyData;

  test('holds everything about the viewer, of every table that names them', async () => {
    const ada = await latchkey.person({ username: 'ada.exports', phone: '+491513333333' });
    const bearer = ada.accessToken;
    await latchkey.ask(UpdateProfileDocument, { input: { locale: 'de' } }, { bearer });
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const { prisma } = latchkey.app.parts.database;
    const { organizationId } = await prisma.membership.findFirstOrThrow({ where: { userId: ada.id } });
    const times = { createdAt: new Date(), expiresAt: new Date() };
    await prisma.invitation.create({
      data: {
        organizationId,
        email: 'guest@example.test',
        role: 'MEMBER',
        locale: 'en',
        invitedById: ada.id,
        ...times,
      },
    });
    const answer = await exportData(bearer);
    if (answer.__typename !== 'ExportMyDataSuccess') throw new Error(answer.__typename);
    expect(answer.data).toMatchObject({
      account: {
        id: ada.id,
        email: ada.email,
        username: 'ada.exports',
        phone: '+491513333333',
        locale: 'de',
        hasPassword: true,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
      sessions: [{ id: ada.sessionId, method: 'password', endedAt: null }],
      memberships: [{ role: 'OWNER', organization: { id: organizationId, name: 'Ada Example' } }],
      invitationsSent: [{ email: 'guest@example.test', role: 'MEMBER' }],
      invitationsReceived: [],
      proofs: [
        { purpose: 'reset-password', address: ada.email, consumedAt: null },
        { purpose: 'verify-email', address: ada.email, consumedAt: expect.any(String) },
      ],
    });
    expect(answer.data.events.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['register.completed', 'verify_email.completed', 'login.completed']),
    );
  });

  test('the deprecated query does the same: one budget, one event', async () => {
    const { accessToken: bearer } = await latchkey.person();
    for (let round = 0; round < 5; round++) {
      expect((await exportData(bearer)).__typename).toBe('ExportMyDataSuccess');
      const { exportMyData } = await latchkey.ask(ExportMyDataByQueryDocument, {}, { bearer });
      expect(exportMyData?.__typename).toBe('ExportMyDataSuccess');
    }
    expect((await exportData(bearer)).__typename).toBe('TooManyAttemptsError');
  });

  test('holds no hash, no token and nothing they could be made of', async () => {
    const ada = await latchkey.person();
    const answer = JSON.stringify(await exportData(ada.accessToken));
    const { prisma } = latchkey.app.parts.database;
    const user = await prisma.user.findUniqueOrThrow({ where: { id: ada.id }, include: { challenges: true } });
    for (const secret of [user.passwordHash, ada.accessToken, ada.refreshToken, ...user.challenges.map(({ id }) => id)])
      expect(answer).not.toContain(secret ?? '?');
    expect(answer).not.toMatch(/argon2|passwordHash|generation/);
  });

  test('holds nothing of anyone else', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const { prisma } = latchkey.app.parts.database;
    // An administrator acts on the account, from a network and with a device of their own.
    await prisma.user.update({ where: { id: bob.id }, data: { role: 'admin' } });
    const sending = { bearer: bob.accessToken, ip: '198.51.100.23', headers: { 'user-agent': 'BobsBrowser/1.0' } };
    const input = { userId: ada.id, role: 'admin' };
    await latchkey.ask(SetUserRoleDocument, { input }, sending);
    await latchkey.ask(SetUserRoleDocument, { input: { ...input, role: 'customer' } }, sending);
    const answer = JSON.stringify(await exportData(ada.accessToken));
    expect(answer).toContain('set_user_role.completed');
    for (const theirs of [bob.id, bob.email, '198.51.100.23', 'BobsBrowser']) expect(answer).not.toContain(theirs);
  });

  test('a proof that is not recent is asked for again', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 15 });
    expect((await exportData(ada.accessToken)).__typename).toBe('ReauthenticationRequiredError');
    const input = { password: PASSWORD };
    const { reauthenticate } = await latchkey.ask(ReauthenticateDocument, { input }, { bearer: ada.accessToken });
    if (reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error(reauthenticate.__typename);
    expect((await exportData(reauthenticate.accessToken)).__typename).toBe('ExportMyDataSuccess');
  });

  test('needs a session, is recorded, and may be asked for ten times an hour', async () => {
    const { errors } = await latchkey.send(ExportMyDataDocument, {});
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    const ada = await latchkey.person();
    for (let n = 0; n < 10; n++) await exportData(ada.accessToken);
    expect((await exportData(ada.accessToken)).__typename).toBe('TooManyAttemptsError');
    const recorded = { subjectId: ada.id, name: 'export_my_data.completed' };
    expect(await latchkey.app.parts.database.prisma.auditEvent.count({ where: recorded })).toBe(10);
  });
});
