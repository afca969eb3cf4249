import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  DeleteAccountDocument,
  LoginDocument,
  MeDocument,
  ReauthenticateDocument,
  type ReauthenticateInput,
  RefreshDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  UndoAccountDeletionDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';

describe.each(ENGINES)('deleteAccount on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const network = () => `203.0.113.${++networks}`;
  const remove = async ({ accessToken }: Person, password = PASSWORD, ip = network()) =>
    (await latchkey.ask(DeleteAccountDocument, { input: { password } }, { bearer: accessToken, ip })).deleteAccount;
  const undo = async (token: string, ip = '127.0.0.1') =>
    (await latchkey.ask(UndoAccountDeletionDocument, { input: { token } }, { ip })).undoAccountDeletion;
  const login = async (identifier: string, password = PASSWORD) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, { ip: network() })).login;
  const isAlive = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me != null;
  const prisma = () => latchkey.app.parts.database.prisma;
  const exists = async (id: string) => (await prisma().user.count({ where: { id } })) === 1;
  /** A run of the scheduled job; gives how many accounts it deleted. */
  const purge = async () => (await cleanUp(latchkey.app.parts))['deleted accounts'] ?? 0;
  /** Someone who has asked for it, and the token of the link that undoes it. */
  const leaver = async () => {
    const person = await latchkey.person();
    expect((await remove(person)).__typename).toBe('DeleteAccountSuccess');
    const { link } = await latchkey.mailTo(person.email, 2);
    return { ...person, token: new URL(link ?? '').searchParams.get('token') ?? '' };
  };
  const organization = async (members: Record<string, 'OWNER' | 'ADMIN' | 'MEMBER'>) => {
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const memberships = Object.entries(members).map(([userId, role]) => ({ userId, role, ...times }));
    return prisma().organization.create({
      data: { name: 'Team', slug: randomUUID(), ...times, memberships: { create: memberships } },
    });
  };

  test('ends every session at once; the right password, and only that, is told that it can be undone', async () => {
    const ada = await latchkey.person();
    const answer = await remove(ada);
    if (answer.__typename !== 'DeleteAccountSuccess') throw new Error(answer.__typename);
    const inDays = (Date.parse(answer.deletesAt) - latchkey.app.parts.clock().getTime()) / 86_400_000;
    expect(inDays).toBeCloseTo(7, 1);
    expect(await isAlive(ada.accessToken)).toBe(false);
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: ada.refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
    expect(await login(ada.email)).toMatchObject({
      __typename: 'AccountDeletionPendingError',
      code: 'ACCOUNT_DELETION_PENDING',
      deletesAt: answer.deletesAt,
    });
    expect((await login(ada.email, 'wrong')).__typename).toBe('InvalidCredentialsError');
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ username: ada.email, password: PASSWORD });
    const response = await latchkey.fetch('/auth/login', { method: 'POST', headers, body }, network());
    expect([response.status, (await response.json()).error_code]).toEqual([401, 'inactive-account']);
  });

  test('with a second factor, the password alone is not enough, and is not even tried', async () => {
    const safe = await protectedPerson(latchkey);
    latchkey.advance({ hours: 1 });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: safe.refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    const ada = { ...safe, accessToken: refresh.tokens.accessToken };
    for (const password of [PASSWORD, 'wrong password entirely']) {
      const refused = await remove(ada, password);
      expect(refused).toMatchObject({
        __typename: 'ReauthenticationRequiredError',
        proofMethods: ['TOTP', 'RECOVERY_CODE'],
      });
    }
    // A proof by the password makes the sign-in recent, and not strong.
    const prove = async (input: ReauthenticateInput) => {
      const { reauthenticate } = await latchkey.ask(ReauthenticateDocument, { input }, { bearer: ada.accessToken });
      if (reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error(JSON.stringify(reauthenticate));
      return { ...ada, accessToken: reauthenticate.accessToken };
    };
    expect((await remove(await prove({ password: PASSWORD }))).__typename).toBe('ReauthenticationRequiredError');
    expect((await prisma().user.findUniqueOrThrow({ where: { id: ada.id } })).deletesAt).toBeNull();
    const strong = await prove({ code: ada.app.code() });
    expect((await remove(strong, 'wrong password entirely')).__typename).toBe('InvalidCredentialsError');
    expect((await remove(strong)).__typename).toBe('DeleteAccountSuccess');
  });

  test('the emailed link undoes it once, on a page whose GET changes nothing', async () => {
    const { email, token, id } = await leaver();
    const page = await latchkey.fetch(`/undo-account-deletion?token=${token}&lang=fr`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Conserver mon compte')]);
    expect((await login(email)).__typename).toBe('AccountDeletionPendingError');
    expect(await undo(token)).toMatchObject({ __typename: 'UndoAccountDeletionSuccess', user: { id } });
    expect((await login(email)).__typename).toBe('LoginSuccess');
    expect((await undo(token, network())).__typename).toBe('InvalidCodeError');
    latchkey.advance({ days: 8 });
    await purge();
    expect(await exists(id)).toBe(true);
  });

  test('a stolen access token gives no free guesses: they draw on the budget of the login', async () => {
    const ada = await latchkey.person();
    const ip = network();
    for (let guess = 0; guess < 5; guess++)
      expect((await remove(ada, `guess ${guess}`, ip)).__typename).toBe('InvalidCredentialsError');
    expect((await remove(ada, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
    expect(await isAlive(ada.accessToken)).toBe(true);
  });

  test('after the grace period all personal data is deleted, and the audit log stays without it', async () => {
    const { id, email } = await leaver();
    await latchkey.ask(LoginDocument, { input: { identifier: email, password: 'wrong' } }, { ip: network() });
    const membership = await prisma().membership.findFirstOrThrow({ where: { userId: id } });
    const host = await latchkey.person();
    const { tenantId } = await prisma().user.findUniqueOrThrow({ where: { id: host.id } });
    const times = { createdAt: new Date(), expiresAt: new Date() };
    await prisma().invitation.create({
      data: { organizationId: tenantId ?? '', email, role: 'MEMBER', locale: 'en', ...times },
    });
    const before = await prisma().auditEvent.findMany({ where: { subjectId: id }, orderBy: { id: 'asc' } });
    await purge();
    expect(await exists(id)).toBe(true);
    latchkey.advance({ days: 7, minutes: 1 });
    await purge();

    const where = { userId: id };
    expect(await exists(id)).toBe(false);
    expect([
      await prisma().session.count({ where }),
      await prisma().challenge.count({ where }),
      await prisma().membership.count({ where }),
      await prisma().organization.count({ where: { id: membership.organizationId } }),
      await prisma().invitation.count({ where: { email } }),
    ]).toEqual([0, 0, 0, 0, 0]);
    const events = await prisma().auditEvent.findMany({ where: { subjectId: id }, orderBy: { id: 'asc' } });
    expect(events.map(({ name }) => name)).toEqual([...before.map(({ name }) => name), 'delete_account.completed']);
    expect(events.every(({ ipAddress, userAgent }) => ipAddress === null && userAgent === null)).toBe(true);
    expect(JSON.stringify(events)).not.toContain(email);
    expect((await login(email)).__typename).toBe('InvalidCredentialsError');
    // The address is free.
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada again', email, password: PASSWORD } });
    expect((await latchkey.mailTo(email, 3)).code).toMatch(/^\d{6}$/);
  });

  test('what an administrator did to the account keeps the address of the administrator', async () => {
    const [gone, admin] = [await leaver(), await latchkey.person()];
    const event = await prisma().auditEvent.create({
      data: {
        name: 'send_password_reset.completed',
        outcome: 'SUCCESS',
        subjectId: gone.id,
        actorId: admin.id,
        ipAddress: '198.51.100.7',
        requestId: randomUUID(),
        occurredAt: new Date(),
      },
    });
    latchkey.advance({ days: 8 });
    await purge();
    expect((await prisma().auditEvent.findUniqueOrThrow({ where: { id: event.id } })).ipAddress).toBe('198.51.100.7');
  });

  test('an email that still waits for a deleted account is dropped', async () => {
    const ada = await leaver();
    await latchkey.smtp.pause();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    latchkey.advance({ days: 8 });
    await purge();
    await latchkey.smtp.resume();
    const other = await latchkey.person();
    expect(other.id).not.toBe(ada.id);
    const mails = latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(ada.email));
    expect(mails.map(({ subject }) => subject)).not.toContain('Reset your password');
  });

  test('the last owner of an organization with other members hands it over first', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const team = await organization({ [ada.id]: 'OWNER', [bob.id]: 'ADMIN' });
    expect(await remove(ada)).toMatchObject({
      __typename: 'OwnershipTransferRequiredError',
      code: 'OWNERSHIP_TRANSFER_REQUIRED',
      organizationIds: [team.id],
    });
    expect(await isAlive(ada.accessToken)).toBe(true);
    const place = { userId_organizationId: { userId: bob.id, organizationId: team.id } };
    await prisma().membership.update({ where: place, data: { role: 'OWNER' } });
    expect((await remove(ada)).__typename).toBe('DeleteAccountSuccess');
    // Bob is the only owner who stays.
    expect((await remove(bob)).__typename).toBe('DeleteAccountSuccess');
    latchkey.advance({ days: 8 });
    await purge();
    expect(await prisma().organization.count({ where: { id: team.id } })).toBe(0);
  });

  test('an owner whose account is disabled does not count as another owner', async () => {
    const [ada, bob, eve] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
    const team = await organization({ [ada.id]: 'OWNER', [bob.id]: 'OWNER', [eve.id]: 'MEMBER' });
    await prisma().user.update({ where: { id: bob.id }, data: { disabledAt: new Date() } });
    expect(await remove(ada)).toMatchObject({ organizationIds: [team.id] });
  });

  test('of two owners who leave at once, the second hands it over first', async () => {
    for (let round = 0; round < 2; round++) {
      const [ada, bob, eve] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
      await organization({ [ada.id]: 'OWNER', [bob.id]: 'OWNER', [eve.id]: 'MEMBER' });
      const answers = await Promise.all([remove(ada), remove(bob)]);
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
        'DeleteAccountSuccess',
        'OwnershipTransferRequiredError',
      ]);
    }
  });

  test('an organization whose other owners left meanwhile has one again; a group goes and what is in it stays', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const team = await organization({ [ada.id]: 'OWNER', [bob.id]: 'OWNER' });
    const group = await organization({ [ada.id]: 'OWNER' });
    await prisma().organization.update({ where: { id: team.id }, data: { parentId: group.id } });
    expect((await remove(ada)).__typename).toBe('DeleteAccountSuccess');
    const place = { userId_organizationId: { userId: bob.id, organizationId: team.id } };
    await prisma().membership.update({ where: place, data: { role: 'MEMBER' } });
    latchkey.advance({ days: 8 });
    await purge();
    expect((await prisma().membership.findUniqueOrThrow({ where: place })).role).toBe('OWNER');
    const where = { organizationId: { in: [team.id, group.id] } };
    expect(await prisma().auditEvent.findMany({ where, orderBy: { name: 'asc' } })).toMatchObject([
      { name: 'purge_organization.completed', organizationId: group.id },
      { name: 'transfer_ownership.completed', organizationId: team.id, subjectId: bob.id },
    ]);
    expect((await prisma().organization.findUniqueOrThrow({ where: { id: team.id } })).parentId).toBeNull();
    expect(await prisma().organization.count({ where: { id: group.id } })).toBe(0);
  });

  test('the grace outlasts a link that could give the account back', async () => {
    const ada = await latchkey.person();
    await latchkey.ask(
      RequestEmailChangeDocument,
      { input: { newEmail: latchkey.address() } },
      { bearer: ada.accessToken },
    );
    const { expiresAt } = await prisma().challenge.findFirstOrThrow({
      where: { userId: ada.id, purpose: 'undo-email-change' },
    });
    const longer = new Date(expiresAt.getTime() + 86_400_000);
    await prisma().challenge.updateMany({ where: { userId: ada.id }, data: { expiresAt: longer } });
    expect(await remove(ada)).toMatchObject({ deletesAt: longer.toISOString() });
  });

  test('an undo and the purge at once: the account stays whole or is gone, and the answer is true', async () => {
    const people = [await leaver(), await leaver(), await leaver(), await leaver()];
    const { deletesAt } = await prisma().user.findUniqueOrThrow({ where: { id: people[0]?.id ?? '' } });
    const toGo = (deletesAt?.getTime() ?? 0) - latchkey.app.parts.clock().getTime();
    // Around the moment the grace ends: some links are just good, some accounts just due.
    latchkey.advance({ seconds: toGo / 1000 });
    const [, , ...answers] = await Promise.all([purge(), purge(), ...people.map(({ token }) => undo(token))]);
    latchkey.advance({ minutes: 1 });
    await purge();
    for (const [index, { id, email }] of people.entries()) {
      const isKept = answers[index]?.__typename === 'UndoAccountDeletionSuccess';
      expect(await exists(id)).toBe(isKept);
      expect((await login(email)).__typename).toBe(isKept ? 'LoginSuccess' : 'InvalidCredentialsError');
    }
  });

  test('a login at the same time leaves no live session', async () => {
    for (let round = 0; round < 3; round++) {
      const ada = await latchkey.person();
      const logins = Array.from({ length: 3 }, () => login(ada.email));
      const [removed, ...results] = await Promise.all([remove(ada), ...logins]);
      expect(removed.__typename).toBe('DeleteAccountSuccess');
      for (const result of results) {
        if (result.__typename === 'LoginSuccess') expect(await isAlive(result.tokens.accessToken)).toBe(false);
      }
    }
  });

  test('two replicas purge an account once', async () => {
    const { id } = await leaver();
    latchkey.advance({ days: 8 });
    const counts = await Promise.all([purge(), purge(), purge()]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(1);
    const completed = { subjectId: id, name: 'delete_account.completed' };
    expect(await prisma().auditEvent.count({ where: completed })).toBe(1);
  });

  test('the last administrator stays', async () => {
    const ada = await latchkey.person();
    await prisma().user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    expect((await remove(ada)).__typename).toBe('LastAdminError');
    await prisma().user.update({ where: { id: ada.id }, data: { role: 'customer' } });
  });
});
