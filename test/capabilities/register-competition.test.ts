/** Who could have prepared an account? Registrations of one address compete, and only its mailbox decides. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CurrentOrganizationDocument,
  LoginDocument,
  MyMembershipsDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { tenant } from '../support/organizations.ts';
import { restClient } from '../support/rest.ts';
import { tokensOf, vaultClient } from '../support/vault.ts';

const STRANGER = 'the password of a stranger';
const OWNER = 'the password of the owner';

describe.each(ENGINES)('registrations that compete, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const { signIn, register, resend, verify, choosePassword, expectOwnersAlone } = (() => {
    const register = async (email: string, password: string, input: Record<string, unknown> = {}) => {
      const { register } = await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password, ...input } });
      expect(register.__typename).toBe('RegisterSuccess');
    };
    const login = async (identifier: string, password: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login;
    const signIn = async (identifier: string, password: string) => (await login(identifier, password)).__typename;
    const resend = (email: string) => latchkey.ask(ResendVerificationDocument, { input: { email } });
    const verify = async (email: string, mails: number) => {
      const { code } = await latchkey.mailTo(email, mails);
      const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
      expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
    };
    /** With the email that comes by itself to the owner of an account without a password. */
    const choosePassword = async (email: string, mails: number) => {
      const { code } = await latchkey.mailTo(email, mails);
      const { resetPassword } = await latchkey.ask(ResetPasswordDocument, {
        input: { email, code, newPassword: OWNER },
      });
      expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
    };
    /** The newest of `mails` emails verifies; then no password counts, and the next email lets the owner in. */
    const expectOwnersAlone = async (email: string, mails: number) => {
      await verify(email, mails);
      expect([await signIn(email, STRANGER), await signIn(email, OWNER)]).toEqual(
        Array(2).fill('InvalidCredentialsError'),
      );
      await choosePassword(email, mails + 1);
      expect([await signIn(email, STRANGER), await signIn(email, OWNER)]).toEqual([
        'InvalidCredentialsError',
        'LoginSuccess',
      ]);
    };
    return { signIn, register, resend, verify, choosePassword, expectOwnersAlone };
  })();

  test.each([
    ['before the next email may go', 0, 1],
    ['with an email of its own', 2, 2],
  ])('a second password voids both, %s', async (_, minutes, mails) => {
    const email = latchkey.address();
    await register(email, STRANGER);
    await latchkey.mailTo(email);
    latchkey.advance({ minutes });
    await register(email, OWNER);
    await expectOwnersAlone(email, mails);
  });

  test('registered at once with two passwords, neither counts', async () => {
    for (let round = 0; round < 3; round++) {
      const email = latchkey.address();
      await Promise.all([OWNER, STRANGER, OWNER, STRANGER].map((password) => register(email, password)));
      await expectOwnersAlone(email, 1);
    }
  });

  test('a registration is never replaced: after its proof has expired neither password counts either', async () => {
    const email = latchkey.address();
    await register(email, OWNER);
    await latchkey.mailTo(email);
    latchkey.advance({ hours: 25 });
    await register(email, STRANGER);
    await latchkey.mailTo(email, 2);
    latchkey.advance({ minutes: 2 });
    await resend(email);
    await expectOwnersAlone(email, 3);
  });

  test.each([
    ['by GraphQL', 'graphql'],
    ['over REST', 'rest'],
  ])('a stranger who spends the emails of an address beforehand gains nothing, %s', async (_, face) => {
    const email = latchkey.address();
    const enter = (password: string) =>
      face === 'graphql' ? register(email, password) : vaultClient(latchkey).register(email, password);
    // The day's ten emails of each kind are asked for while the address has no account.
    for (let time = 0; time < 12; time++) {
      await resend(email);
      await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
      latchkey.advance({ minutes: 13 });
    }
    await resend(email);
    await enter(OWNER);
    await latchkey.mailTo(email);
    await enter(STRANGER);
    await expectOwnersAlone(email, 1);
  });

  test('a stranger who spends the minute’s email while there is no account does not keep the owner’s from leaving', async () => {
    const email = latchkey.address();
    await resend(email);
    await register(email, OWNER);
    await latchkey.mailTo(email);
    await register(email, STRANGER);
    latchkey.advance({ minutes: 2 });
    await resend(email);
    await expectOwnersAlone(email, 2);
  });

  test('the owner gets an email however often a stranger asked for one before there was an account', async () => {
    const email = latchkey.address();
    await resend(email);
    await register(email, OWNER);
    await verify(email, 1);
    expect(await signIn(email, OWNER)).toBe('LoginSuccess');
  });

  test('an account that takes the place of the one that was compared with is not taken for it', async () => {
    const { passwordHasher, database } = latchkey.app.parts;
    const { verify: compare } = passwordHasher;
    const email = latchkey.address();
    await register(email, OWNER);
    await latchkey.mailTo(email);
    latchkey.advance({ minutes: 2 });
    // While the owner's password is compared, their registration is removed and a stranger registers.
    passwordHasher.verify = async (...typed) => {
      passwordHasher.verify = compare;
      const answer = await compare(...typed);
      await database.prisma.user.delete({ where: { email } });
      await register(email, STRANGER);
      return answer;
    };
    try {
      await register(email, OWNER);
    } finally {
      passwordHasher.verify = compare;
    }
    await expectOwnersAlone(email, 2);
  });

  test('where an account came from outlives the audit log', async () => {
    const email = latchkey.address();
    await register(email, STRANGER);
    await latchkey.mailTo(email);
    const { prisma } = latchkey.app.parts.database;
    await prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL latchkey.audit_retention = 'on'`;
      await tx.$executeRaw`DELETE FROM audit_events WHERE name = 'register.completed'`;
    });
    latchkey.advance({ minutes: 2 });
    await register(email, OWNER);
    await expectOwnersAlone(email, 2);
  });

  describe('what a stranger chose at registration does not survive the owner', () => {
    let strangers = 0;
    const claimed = async (face: 'graphql' | 'rest') => {
      const boss = await latchkey.person();
      const team = await tenant(latchkey, [[boss, 'OWNER']]);
      const { prisma } = latchkey.app.parts.database;
      await prisma.organization.update({ where: { id: team.id }, data: { openRegistration: true } });
      const email = latchkey.address();
      const number = `${engine === 'embedded' ? 1 : 2}${++strangers}${String(process.pid % 10_000).padStart(4, '0')}`;
      const chosen = { username: `mallory.${number}`, phone: `+4930155${number}` };
      if (face === 'graphql') {
        await register(email, STRANGER, { name: 'Mallory', locale: 'fr', organizationId: team.id, ...chosen });
      } else {
        const body = { name: 'Mallory', email, password: STRANGER, tenant: team.id };
        expect((await restClient(latchkey).post('/api/users/', body)).body.tenant).toBe(team.id);
        await prisma.user.update({ where: { email }, data: { ...chosen, locale: 'fr' } });
      }
      await latchkey.mailTo(email);
      latchkey.advance({ minutes: 2 });
      return { email, ...chosen, organizationId: team.id };
    };
    /** Over every face: the account has a team of its own, and nothing by which the stranger was known. */
    const expectBlank = async ({ email, username, phone, organizationId }: Awaited<ReturnType<typeof claimed>>) => {
      const { prisma } = latchkey.app.parts.database;
      const user = await prisma.user.findUniqueOrThrow({ where: { email }, include: { memberships: true } });
      const name = email.split('@')[0];
      expect(user).toMatchObject({
        name,
        username: null,
        phone: null,
        locale: 'en',
        role: 'customer',
        invitationId: null,
      });
      expect(user.memberships).toMatchObject([{ role: 'OWNER', organizationId: user.tenantId }]);
      expect(user.tenantId).not.toBe(organizationId);
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: OWNER } });
      if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
      const bearer = login.tokens.accessToken;
      expect((await latchkey.ask(MyMembershipsDocument, {}, { bearer })).me).toMatchObject({
        tenant: { id: user.tenantId },
      });
      const { currentOrganization } = await latchkey.ask(CurrentOrganizationDocument, {}, { bearer });
      expect(currentOrganization).toMatchObject({ role: 'OWNER', organization: { id: user.tenantId } });
      const vault = tokensOf(await vaultClient(latchkey).post('/api/login', { email, password: OWNER }));
      expect(decodeJwt(vault.vaultToken)['org_id']).toBe(user.tenantId);
      const connectx = await restClient(latchkey).post('/api/auth/login/', { email, password: OWNER });
      expect(connectx.body.user.tenant).toBe(user.tenantId);
      for (const identifier of [username, phone])
        expect(await signIn(identifier, OWNER)).toBe('InvalidCredentialsError');
    };

    test.each(['graphql', 'rest'] as const)('who resets the password (registered over %s)', async (face) => {
      const claim = await claimed(face);
      await latchkey.ask(RequestPasswordResetDocument, { input: { email: claim.email } });
      await choosePassword(claim.email, 2);
      await expectBlank(claim);
    });

    test.each(['graphql', 'rest'] as const)('who registers again (over %s)', async (face) => {
      const claim = await claimed(face);
      if (face === 'graphql') await register(claim.email, OWNER);
      else await restClient(latchkey).post('/api/users/', { name: 'Ada', email: claim.email, password: OWNER });
      await verify(claim.email, 2);
      await choosePassword(claim.email, 3);
      await expectBlank(claim);
    });

    test('an invitation that one of two registrations named accepts nothing; it still waits to be accepted', async () => {
      const boss = await latchkey.person();
      const team = await tenant(latchkey, [[boss, 'OWNER']]);
      const { prisma } = latchkey.app.parts.database;
      const email = latchkey.address();
      await register(email, OWNER);
      await latchkey.mailTo(email);
      const times = { createdAt: latchkey.app.parts.clock(), expiresAt: new Date(Date.now() + 9 * 86_400_000) };
      const invitation = await prisma.invitation.create({
        data: { organizationId: team.id, email, role: 'ADMIN', locale: 'en', ...times },
      });
      await prisma.user.update({ where: { email }, data: { invitationId: invitation.id } });
      latchkey.advance({ minutes: 2 });
      await register(email, STRANGER);
      await expectOwnersAlone(email, 2);
      const { id } = await prisma.user.findUniqueOrThrow({ where: { email } });
      expect(await prisma.membership.count({ where: { userId: id, organizationId: team.id } })).toBe(0);
      expect(await prisma.invitation.findUnique({ where: { id: invitation.id } })).toMatchObject({ acceptedAt: null });
    });
  });
});
