/** A username or phone number that was given up is held for its former owner, who gets it back with a change undone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importUsers } from '#capabilities/import-users/import-users.ts';
import { createUser } from '#capabilities/users/create-user.ts';
import { operatorContext } from '#cli/operator.ts';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  ConfirmEmailChangeDocument,
  ExportMyDataDocument,
  LoginDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  UndoEmailChangeDocument,
  UpdateProfileDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import type { ReceivedMail } from '../support/smtp.ts';

type Input = { username?: string | null; phone?: string | null; locale?: string };

describe.each(ENGINES)('a former username or phone number, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  let [names, networks] = [0, 0];
  const aName = () => `name${++names}`;
  const aNumber = () => `+4930557${String(++names).padStart(4, '0')}`;
  const sending = () => ({ ip: `10.2.${networks >> 8}.${networks++ & 255}` });
  const update = async ({ accessToken }: Pick<Person, 'accessToken'>, input: Input, ip = sending().ip) =>
    (await latchkey.ask(UpdateProfileDocument, { input }, { bearer: accessToken, ip })).updateProfile;
  const signIn = async (identifier: string, password = PASSWORD) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, sending())).login;
  const again = async ({ email }: Person): Promise<{ accessToken: string }> => {
    const login = await signIn(email);
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    return { accessToken: login.tokens.accessToken };
  };
  const identifiersOf = ({ id }: Pick<Person, 'id'>) =>
    prisma().user.findUnique({ where: { id }, select: { username: true, phone: true } });
  const tokenOf = ({ link }: ReceivedMail) => new URL(link ?? '').searchParams.get('token') ?? '';
  const undo = async (token: string) =>
    (await latchkey.ask(UndoEmailChangeDocument, { input: { token } })).undoEmailChange.__typename;
  const TAKEN = {
    __typename: 'ValidationError',
    fieldErrors: [
      { path: ['username'], code: 'ALREADY_TAKEN' },
      { path: ['phone'], code: 'ALREADY_TAKEN' },
    ],
  };

  /** Someone who gave up a username and a phone number. */
  const freed = async () => {
    const former = { username: aName(), phone: aNumber() };
    const owner = await latchkey.person(former);
    expect(await update(owner, { username: aName(), phone: null })).toMatchObject({ user: { phone: null } });
    return { owner, ...former };
  };

  test('is nobody else’s, in the words of one that is in use, and its owner may take it back', async () => {
    const { owner, username, phone } = await freed();
    const other = await latchkey.person();
    const used = await latchkey.person({ username: aName(), phone: aNumber() });
    const inUse = await update(other, (await identifiersOf(used)) ?? {});
    const held = await update(other, { username, phone });
    expect(held).toMatchObject(TAKEN);
    expect(held).toEqual(inUse);
    const input = { name: 'Eve', email: latchkey.address(), password: PASSWORD, username, phone };
    expect((await latchkey.ask(RegisterDocument, { input }, sending())).register).toMatchObject(TAKEN);
    const admin = createUser(operatorContext(latchkey.app.parts), {
      name: 'Eve',
      email: latchkey.address(),
      username,
      phone,
    });
    await expect(admin).rejects.toMatchObject({ fieldErrors: TAKEN.fieldErrors });
    const fields = { name: 'Eve', email: latchkey.address(), username, phone };
    const imported = await importUsers(operatorContext(latchkey.app.parts), {
      records: [{ line: 1, fields }],
      isTrial: false,
    });
    expect(imported.problems.map(({ field, code }) => [field, code])).toEqual([
      ['username', 'ALREADY_TAKEN'],
      ['phone', 'ALREADY_TAKEN'],
    ]);
    for (const identifier of [username, phone])
      expect((await signIn(identifier)).__typename).toBe('InvalidCredentialsError');
    expect(await update(owner, { username, phone })).toMatchObject({ user: { username, phone } });
    expect((await signIn(username)).__typename).toBe('LoginSuccess');
  });

  test('costs a guesser the budget of the network, as one in use does', async () => {
    const { username } = await freed();
    const asker = await latchkey.person();
    const { ip } = sending();
    for (let n = 0; n < 30; n++) expect((await update(asker, { username }, ip)).__typename).toBe('ValidationError');
    expect((await update(asker, { username }, ip)).__typename).toBe('TooManyAttemptsError');
  });

  test('is free after 30 days, or before if the account is deleted; of two who want it, one gets it', async () => {
    const [first, second] = [await freed(), await freed()];
    const others = [await latchkey.person(), await latchkey.person()];
    await prisma().user.update({ where: { id: second.owner.id }, data: { deletesAt: new Date() } });
    latchkey.advance({ days: 1 });
    await cleanUp(latchkey.app.parts);
    expect(await prisma().formerIdentifier.count({ where: { userId: second.owner.id } })).toBe(0);
    const [one, two] = [await again(others[0] ?? first.owner), await again(others[1] ?? first.owner)];
    expect((await update(one, { username: second.username })).__typename).toBe('UpdateProfileSuccess');
    latchkey.advance({ days: 29, minutes: -5 });
    const [oneLater, twoLater] = [await again(others[0] ?? first.owner), await again(others[1] ?? first.owner)];
    expect((await update(twoLater, { username: first.username })).__typename).toBe('ValidationError');
    latchkey.advance({ minutes: 6 });
    const { username, phone } = first;
    const answers = await Promise.all([update(oneLater, { username, phone }), update(twoLater, { username, phone })]);
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['UpdateProfileSuccess', 'ValidationError']);
    expect(two.accessToken).not.toBe(one.accessToken);
    await cleanUp(latchkey.app.parts);
    expect(await prisma().formerIdentifier.count({ where: { userId: first.owner.id } })).toBe(0);
  });

  test('stays held whatever an intruder renames; only so many names are held for one account', async () => {
    const [username, phone] = [aName(), aNumber()];
    const owner = await latchkey.person({ username, phone });
    const other = await latchkey.person();
    const added = Array.from({ length: 12 }, aName);
    for (const name of added) await update(owner, { username: name });
    for (const number of Array.from({ length: 12 }, aNumber)) await update(owner, { phone: number });
    await update(owner, { username, phone });
    await update(owner, { username: aName(), phone: aNumber() });
    expect(await update(other, { username, phone })).toMatchObject(TAKEN);
    expect(await prisma().formerIdentifier.count({ where: { userId: owner.id } })).toBe(20);
    expect((await update(other, { username: added[11] ?? null })).__typename).toBe('UpdateProfileSuccess');
  });

  test('is told to its owner by email, without naming it, and not kept in the queue', async () => {
    const { owner, username, phone } = await freed();
    const mail = await latchkey.mailTo(owner.email, 2);
    expect(mail.subject).toBe('Your username and phone number were changed');
    expect(mail.text).toMatch(/If this was not you, someone else is using your account\. Reset your password/);
    expect(mail.text).toMatch(/What you had before is reserved for you until .* UTC/);
    for (const part of [mail.subject, mail.text, mail.html]) {
      for (const value of [username, phone]) expect(part).not.toContain(value);
    }
    const jobs = await prisma().$queryRaw<{ data: object }[]>`
      SELECT data FROM pgboss.job WHERE data->>'userId' = ${owner.id} AND data->>'mail' = 'identifiers-changed'`;
    expect(jobs.map(({ data }) => data)).toEqual([
      { mail: 'identifiers-changed', userId: owner.id, changed: 'both', isHeld: true, at: expect.any(String) },
    ]);
    // Nothing changes, so nobody is told; nothing was given up, so nothing is reserved.
    await update(owner, await identifiersOf(owner).then((now) => ({ ...now })));
    await update(owner, { phone: aNumber() });
    const next = await latchkey.mailTo(owner.email, 3);
    expect(next.subject).toBe('Your phone number was changed');
    expect(next.text).not.toContain('reserved');
  });

  test.each([
    ['en', 'username', 'Your username was changed', /reserved for you until/],
    ['de', 'username', 'Ihr Benutzername wurde geändert', /bleibt bis zum .* für Sie reserviert/],
    ['es', 'phone', 'Se ha cambiado su número de teléfono', /queda reservado para usted hasta el/],
    ['fr', 'phone', 'Votre numéro de téléphone a été modifié', /vous reste réservé jusqu’au/],
  ] as const)('is told in the language of the account: %s', async (locale, kind, subject, reserved) => {
    const owner = await latchkey.person({ username: aName(), phone: aNumber() });
    await update(owner, { [kind]: kind === 'username' ? aName() : null, locale });
    const mail = await latchkey.mailTo(owner.email, 2);
    expect(mail.subject).toBe(subject);
    expect(mail.text).toMatch(reserved);
    expect(mail.html).toContain(`<html lang="${locale}"`);
  });

  test('is in the export of its owner', async () => {
    const { owner, username, phone } = await freed();
    const { exportMyData } = await latchkey.ask(ExportMyDataDocument, {}, { bearer: owner.accessToken });
    if (exportMyData.__typename !== 'ExportMyDataSuccess') throw new Error(exportMyData.__typename);
    expect(exportMyData.data).toMatchObject({
      formerIdentifiers: [
        { value: phone, kind: 'PHONE', heldUntil: expect.any(String) },
        { value: username, kind: 'USERNAME', heldUntil: expect.any(String) },
      ],
    });
  });

  describe('comes back with the address', () => {
    /** Someone whose address a thief changed, with the link that undoes it. */
    const robbed = async (identifiers: { username?: string; phone?: string }) => {
      const owner = await latchkey.person(identifiers);
      const newEmail = latchkey.address();
      await latchkey.ask(
        RequestEmailChangeDocument,
        { input: { newEmail } },
        { bearer: owner.accessToken, ...sending() },
      );
      const undoToken = tokenOf(await latchkey.mailTo(owner.email, 2));
      const { code } = await latchkey.mailTo(newEmail);
      const confirm = async () => {
        const answer = await latchkey.ask(
          ConfirmEmailChangeDocument,
          { input: { code } },
          { bearer: owner.accessToken },
        );
        expect(answer.confirmEmailChange.__typename).toBe('ConfirmEmailChangeSuccess');
      };
      return { owner, undoToken, confirm };
    };

    test('however often both were changed, before and after the confirmation', async () => {
      const former = { username: aName(), phone: aNumber() };
      const { owner, undoToken, confirm } = await robbed(former);
      const thiefs = { username: aName(), phone: aNumber() };
      await update(owner, thiefs);
      await confirm();
      await update(owner, { username: null });
      await update(owner, { username: aName(), phone: null });
      await latchkey.ask(
        RequestEmailChangeDocument,
        { input: { newEmail: latchkey.address() } },
        { bearer: owner.accessToken, ...sending() },
      );
      expect(await undo(undoToken)).toBe('UndoEmailChangeSuccess');
      expect(await identifiersOf(owner)).toEqual(former);
      // What the intruder used is held for the account for a while, too.
      expect(await update(await latchkey.person(), thiefs)).toMatchObject(TAKEN);
    });

    test('and what was not there before goes', async () => {
      const { owner, undoToken, confirm } = await robbed({});
      await confirm();
      await update(owner, { username: aName(), phone: aNumber() });
      expect(await undo(undoToken)).toBe('UndoEmailChangeSuccess');
      expect(await identifiersOf(owner)).toEqual({ username: null, phone: null });
    });

    test('also when the change was never confirmed', async () => {
      const former = { username: aName(), phone: aNumber() };
      const { owner, undoToken } = await robbed(former);
      await update(owner, { username: aName(), phone: null });
      expect(await undo(undoToken)).toBe('UndoEmailChangeSuccess');
      expect(await identifiersOf(owner)).toEqual(former);
    });

    test('in today’s form where it was stored before the form changed', async () => {
      const { owner, undoToken, confirm } = await robbed({ phone: '+442079460958' });
      await prisma().challenge.updateMany({
        where: { userId: owner.id, purpose: 'undo-email-change' },
        data: { phone: '+4402079460958' },
      });
      await confirm();
      await update(owner, { phone: null });
      expect(await undo(undoToken)).toBe('UndoEmailChangeSuccess');
      expect(await identifiersOf(owner)).toMatchObject({ phone: '+442079460958' });
    });

    test('unless someone else has it by now', async () => {
      const { owner, undoToken, confirm } = await robbed({ username: aName(), phone: aNumber() });
      const former = await identifiersOf(owner);
      await confirm();
      await update(owner, { username: aName(), phone: aNumber() });
      await prisma().formerIdentifier.deleteMany({ where: { userId: owner.id } });
      const lucky = await latchkey.person();
      await update(lucky, { username: former?.username ?? null });
      expect(await undo(undoToken)).toBe('UndoEmailChangeSuccess');
      expect(await identifiersOf(owner)).toEqual({ username: null, phone: former?.phone });
      expect(await identifiersOf(lucky)).toMatchObject({ username: former?.username });
    });

    test('although others reach for it at the same moment', async () => {
      for (let round = 0; round < 3; round++) {
        const former = { username: aName(), phone: aNumber() };
        const { owner, undoToken, confirm } = await robbed(former);
        await confirm();
        await update(owner, { username: aName(), phone: null });
        const others = [await latchkey.person(), await latchkey.person()];
        const [undone, ...answers] = await Promise.all([
          undo(undoToken),
          ...others.map((other) => update(other, former)),
          latchkey
            .send(UpdateProfileDocument, { input: { username: aName() } }, { bearer: owner.accessToken })
            .then(({ data }) => data?.updateProfile),
        ]);
        expect(undone).toBe('UndoEmailChangeSuccess');
        for (const answer of answers.slice(0, 2)) expect(answer).toMatchObject(TAKEN);
        expect(await identifiersOf(owner)).toEqual(former);
      }
    });

    test('or to exactly one account where it was free to take', async () => {
      for (let round = 0; round < 3; round++) {
        const former = { username: aName(), phone: aNumber() };
        const { owner, undoToken, confirm } = await robbed(former);
        await confirm();
        await update(owner, { username: aName(), phone: null });
        await prisma().formerIdentifier.deleteMany({ where: { userId: owner.id } });
        const other = await latchkey.person();
        const [undone, taken] = await Promise.all([undo(undoToken), update(other, former)]);
        expect(undone).toBe('UndoEmailChangeSuccess');
        const isTaken = taken.__typename === 'UpdateProfileSuccess';
        expect(await identifiersOf(owner)).toEqual(isTaken ? { username: null, phone: null } : former);
      }
    });
  });
});
