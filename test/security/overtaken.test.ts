/** What a request has looked at may have changed by the time it writes: what it does then, guard by guard. */

import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importUsers } from '#capabilities/import-users/import-users.ts';
import { operatorContext } from '#cli/operator.ts';
import type { NormalizedPassword } from '#outside/passwords/password-hasher.ts';
import {
  AcceptInvitationDocument,
  ConfirmEmailChangeDocument,
  DeleteAccountDocument,
  InviteMemberDocument,
  LoginDocument,
  LogoutEverywhereDocument,
  MeDocument,
  ReauthenticateDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { by, loner, tenant } from '../support/organizations.ts';
import { holdUser, overtaken } from '../support/race.ts';
import { tokensOf, vaultClient } from '../support/vault.ts';

const NEW_PASSWORD = 'an entirely new password';

describe('a request that is overtaken', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql' });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const otherHash = () => latchkey.app.parts.passwordHasher.hash(NEW_PASSWORD as NormalizedPassword);

  test('a mailed proof is refused when the account gets another address meanwhile', async () => {
    const { id, email } = await latchkey.person();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    const { code } = await latchkey.mailTo(email, 2);
    const { resetPassword } = await overtaken(
      latchkey,
      holdUser(id),
      () => latchkey.ask(ResetPasswordDocument, { input: { email, code, newPassword: NEW_PASSWORD } }),
      (tx) => tx.user.update({ where: { id }, data: { email: latchkey.address() } }),
    );
    expect(resetPassword.__typename).toBe('InvalidCodeError');
  });

  test('an import refuses a username and a phone number that are given up while it runs, and so held', async () => {
    const { id } = await latchkey.person();
    const email = latchkey.address();
    const [username, phone] = ['given.up.meanwhile', '+4930557990001'];
    const held = { userId: id, heldUntil: new Date(latchkey.app.parts.clock().getTime() + 86_400_000) };
    const rows = [
      { ...held, value: username, kind: 'USERNAME' as const },
      { ...held, value: phone, kind: 'PHONE' as const },
    ];
    const { imported, problems } = await overtaken(
      latchkey,
      async (tx) => {
        // As everyone who takes one of them does.
        await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${username}, 0))::text`;
        await tx.formerIdentifier.createMany({ data: rows });
      },
      () =>
        importUsers(operatorContext(latchkey.app.parts), {
          records: [{ line: 2, fields: { email, name: 'Late', username, phone } }],
          isTrial: false,
        }),
      async () => {},
    );
    expect([imported, problems.map(({ field, code }) => [field, code])]).toEqual([
      0,
      [
        ['username', 'ALREADY_TAKEN'],
        ['phone', 'ALREADY_TAKEN'],
      ],
    ]);
    expect(await prisma().user.findUnique({ where: { email } })).toBeNull();
  });

  test('an invitation is refused when the account that accepts it gets another address meanwhile', async () => {
    const [owner, guest] = [await loner(latchkey), await loner(latchkey)];
    const team = await tenant(latchkey, [[owner, 'OWNER']]);
    await latchkey.ask(InviteMemberDocument, { input: { email: guest.email, role: 'MEMBER' } }, by(owner, team.id));
    const { link } = await latchkey.mailTo(guest.email, 2);
    const token = /token=([^&]+)/.exec(link ?? '')?.[1] ?? '';
    const { acceptInvitation } = await overtaken(
      latchkey,
      holdUser(guest.id),
      () => latchkey.ask(AcceptInvitationDocument, { input: { token } }, by(guest)),
      (tx) => tx.user.update({ where: { id: guest.id }, data: { email: latchkey.address() } }),
    );
    expect(acceptInvitation.__typename).toBe('InvalidInvitationError');
    expect(await prisma().membership.count({ where: { organizationId: team.id } })).toBe(1);
  });

  test('signing out everywhere also ends a session that is being opened', async () => {
    const { id, accessToken } = await latchkey.person();
    const now = latchkey.app.parts.clock();
    const later = new Date(now.getTime() + 86_400_000);
    const { logoutEverywhere } = await overtaken(
      latchkey,
      holdUser(id),
      () => latchkey.ask(LogoutEverywhereDocument, {}, { bearer: accessToken }),
      (tx) =>
        tx.session.create({
          data: {
            userId: id,
            createdAt: now,
            lastUsedAt: now,
            authenticatedAt: now,
            expiresAt: later,
            absoluteExpiresAt: later,
          },
        }),
    );
    expect(logoutEverywhere).toMatchObject({ endedSessions: 2 });
    expect(await prisma().session.count({ where: { userId: id, endedAt: null } })).toBe(0);
  });

  test('a change of address is not confirmed by a session that ends meanwhile', async () => {
    const { id, accessToken, email } = await latchkey.person();
    const newEmail = latchkey.address();
    await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer: accessToken });
    const { code } = await latchkey.mailTo(newEmail);
    // The session that confirms need not be the one that asked.
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const { errors } = await overtaken(
      latchkey,
      holdUser(id),
      () => latchkey.send(ConfirmEmailChangeDocument, { input: { code } }, { bearer: login.tokens.accessToken }),
      (tx) => tx.session.update({ where: { id: login.session.id }, data: { endedAt: latchkey.app.parts.clock() } }),
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' });
    expect(await prisma().user.count({ where: { email: newEmail } })).toBe(0);
  });

  test('a password that is changed while it is shown again proves nothing', async () => {
    const { id, accessToken, sessionId } = await latchkey.person();
    const before = await prisma().session.findUniqueOrThrow({ where: { id: sessionId } });
    const passwordHash = await otherHash();
    latchkey.advance({ minutes: 5 });
    const { reauthenticate } = await overtaken(
      latchkey,
      holdUser(id),
      () => latchkey.ask(ReauthenticateDocument, { input: { password: PASSWORD } }, { bearer: accessToken }),
      (tx) => tx.user.update({ where: { id }, data: { passwordHash } }),
    );
    expect(reauthenticate.__typename).toBe('InvalidCredentialsError');
    const after = await prisma().session.findUniqueOrThrow({ where: { id: sessionId } });
    expect(after.authenticatedAt).toEqual(before.authenticatedAt);
  });

  test('a password that is changed while someone signs in with it opens no session', async () => {
    const { id, email, sessionId } = await latchkey.person();
    const passwordHash = await otherHash();
    const { login } = await overtaken(
      latchkey,
      holdUser(id),
      () => latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } }),
      (tx) => tx.user.update({ where: { id }, data: { passwordHash } }),
    );
    expect(login.__typename).toBe('InvalidCredentialsError');
    expect(await prisma().session.findMany({ where: { userId: id } })).toMatchObject([{ id: sessionId }]);
  });

  test('a session that ends while it is prolonged is not prolonged', async () => {
    const client = vaultClient(latchkey);
    const { email } = await latchkey.person();
    const { userToken } = tokensOf(await client.post('/api/login', { email, password: PASSWORD }));
    const { sid = '' } = decodeJwt<{ sid: string }>(userToken);
    const { status } = await overtaken(
      latchkey,
      (tx) => tx.$queryRaw`SELECT 1 FROM sessions WHERE id = ${sid}::uuid FOR UPDATE`,
      () => client.get('/api/refresh', userToken),
      (tx) => tx.session.update({ where: { id: sid }, data: { endedAt: latchkey.app.parts.clock() } }),
    );
    expect(status).toBe(401);
  });

  test('an owner does not leave an organization whose other owner is being demoted', async () => {
    const [ada, bob] = [await loner(latchkey), await loner(latchkey)];
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [bob, 'OWNER'],
    ]);
    const { deleteAccount } = await overtaken(
      latchkey,
      (tx) => tx.$queryRaw`SELECT 1 FROM organizations WHERE id = ${team.id}::uuid FOR UPDATE`,
      () => latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer: ada.accessToken }),
      (tx) => tx.membership.update({ where: { id: team.memberships.get(bob.id) ?? '' }, data: { role: 'MEMBER' } }),
    );
    expect(deleteAccount).toMatchObject({
      __typename: 'OwnershipTransferRequiredError',
      organizationIds: [team.id],
    });
    expect((await latchkey.ask(MeDocument, {}, { bearer: ada.accessToken })).me?.id).toBe(ada.id);
  });
});
