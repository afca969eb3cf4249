import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  RemoveTotpDocument,
  RenewRecoveryCodesDocument,
  RequestEmailChangeDocument,
  UndoEmailChangeDocument,
  UndoSecurityChangeDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, confirm, nextStep, protectedPerson, setUpApp } from '../support/second-factor.ts';

describe.each(ENGINES)('undoSecurityChange on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  const undo = async (token: string, ip = '198.51.100.1') =>
    (await latchkey.ask(UndoSecurityChangeDocument, { input: { token } }, { ip })).undoSecurityChange;
  /** The token of the link in the newest of so many emails to someone. */
  const linkOf = async (email: string, count: number) => {
    const { text } = await latchkey.mailTo(email, count);
    return /undo-security-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
  };
  const live = (userId: string) => prisma().session.count({ where: { userId, endedAt: null } });
  const account = (id: string) => prisma().user.findUniqueOrThrow({ where: { id } });

  test('removes what was added, ends every session and the password, and works once', async () => {
    const ada = await protectedPerson(latchkey);
    const token = await linkOf(ada.email, 2);
    const answers = await Promise.all(Array.from({ length: 5 }, () => undo(token)));
    expect(answers.map(({ __typename }) => __typename)).toContain('UndoSecurityChangeSuccess');
    // A double click gets the same answer, and nothing happens twice.
    const undone = { subjectId: ada.id, name: 'undo_security_change.completed' };
    expect(await prisma().auditEvent.count({ where: undone })).toBe(1);
    expect(await live(ada.id)).toBe(0);
    expect(await account(ada.id)).toMatchObject({ hasSecondFactor: false, passwordHash: null });
    expect(await prisma().totpFactor.count({ where: { userId: ada.id } })).toBe(0);
    expect(await prisma().recoveryCode.count({ where: { userId: ada.id } })).toBe(0);
    const secured = await latchkey.mailTo(ada.email, 3);
    expect(secured.text).toContain('/reset-password?token=');
    expect([secured.subject, secured.text]).toEqual([
      'Choose a new password for your account',
      expect.stringContaining('is back in your hands: all devices are signed out'),
    ]);
    expect((await undo(token, '198.51.100.7')).__typename).toBe('InvalidCodeError');
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } });
    expect(login.__typename).toBe('InvalidCredentialsError');
  });

  test('brings back what was removed, and takes away what was added after it', async () => {
    const ada = await protectedPerson(latchkey);
    const bearer = ada.accessToken;
    await latchkey.ask(RemoveTotpDocument, { input: { factorId: ada.factorId } }, { bearer });
    const token = await linkOf(ada.email, 3);
    const intruder = await setUpApp(latchkey, ada, 'Not mine');
    const later = await linkOf(ada.email, 4);
    expect((await undo(token)).__typename).toBe('UndoSecurityChangeSuccess');
    const left = await prisma().totpFactor.findMany({ where: { userId: ada.id, removedAt: null } });
    expect(left.map(({ id }) => id)).toEqual([ada.factorId]);
    expect(left.map(({ id }) => id)).not.toContain(intruder.factorId);
    expect((await account(ada.id)).hasSecondFactor).toBe(true);
    // The link of the later change was the intruder's.
    expect((await undo(later)).__typename).toBe('InvalidCodeError');
    // The first app works again, once the owner has set a password.
    const { passwordHash } = await account((await latchkey.person()).id);
    await prisma().user.update({ where: { id: ada.id }, data: { passwordHash } });
    nextStep(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken, code: ada.app.code() })).__typename).toBe('LoginSuccess');
  });

  test('codes that were renewed are void', async () => {
    const ada = await protectedPerson(latchkey);
    await latchkey.ask(RenewRecoveryCodesDocument, {}, { bearer: ada.accessToken });
    expect((await undo(await linkOf(ada.email, 3))).__typename).toBe('UndoSecurityChangeSuccess');
    expect(await prisma().recoveryCode.count({ where: { userId: ada.id } })).toBe(0);
    expect((await account(ada.id)).hasSecondFactor).toBe(true);
  });

  test('an earlier link still works after a later one was used', async () => {
    const ada = await protectedPerson(latchkey);
    const added = await linkOf(ada.email, 2);
    await latchkey.ask(RenewRecoveryCodesDocument, {}, { bearer: ada.accessToken });
    expect((await undo(await linkOf(ada.email, 3))).__typename).toBe('UndoSecurityChangeSuccess');
    expect((await undo(added)).__typename).toBe('UndoSecurityChangeSuccess');
    expect((await account(ada.id)).hasSecondFactor).toBe(false);
  });

  test('not after seven days, not with another kind of link, not with one of someone else', async () => {
    const ada = await protectedPerson(latchkey);
    const token = await linkOf(ada.email, 2);
    const { text } = await latchkey.mailTo(ada.email, 1);
    const verification = /verify-email\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    for (const wrong of [verification, '', '\0', token.slice(1), 'x'.repeat(64)]) {
      expect((await undo(wrong)).__typename).toBe('InvalidCodeError');
    }
    latchkey.advance({ days: 7, seconds: 1 });
    expect((await undo(token)).__typename).toBe('InvalidCodeError');
    latchkey.advance({ days: -7 });
    expect((await account(ada.id)).hasSecondFactor).toBe(true);
  });

  test('undoing a change of address takes back the factors that were added since', async () => {
    const ada = await latchkey.person();
    const newEmail = latchkey.address();
    await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer: ada.accessToken });
    const { text } = await latchkey.mailTo(ada.email, 2);
    const token = /undo-email-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    await setUpApp(latchkey, ada, 'Not mine');
    const { undoEmailChange } = await latchkey.ask(UndoEmailChangeDocument, { input: { token } });
    expect(undoEmailChange.__typename).toBe('UndoEmailChangeSuccess');
    expect(await account(ada.id)).toMatchObject({ hasSecondFactor: false, passwordHash: null });
  });

  test('the page says when and where, changes nothing when a scanner opens it, and undoes with its button', async () => {
    const ada = await protectedPerson(latchkey);
    const token = await linkOf(ada.email, 2);
    const path = `/undo-security-change?token=${token}&lang=de`;
    for (const method of ['GET', 'HEAD']) expect((await latchkey.fetch(path, { method })).status).toBe(200);
    const page = await (await latchkey.fetch(path)).text();
    expect(page).toContain('Die Änderung wurde am');
    expect((await account(ada.id)).hasSecondFactor).toBe(true);
    const body = new URLSearchParams({ token, lang: 'de' });
    const done = await latchkey.fetch('/undo-security-change', { method: 'POST', body });
    expect(await done.text()).toContain('Ihr Konto ist gesichert');
    expect((await account(ada.id)).hasSecondFactor).toBe(false);
    expect((await latchkey.fetch(path)).status).toBe(410);
  });
});
