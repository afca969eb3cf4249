import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  ConfirmEmailChangeDocument,
  DeleteAccountDocument,
  LoginDocument,
  MeDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoEmailChangeDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, type Sending, startLatchkey } from '../support/latchkey.ts';
import type { ReceivedMail } from '../support/smtp.ts';

const NEW_PASSWORD = 'an entirely new password';

describe.each(ENGINES)('changing the address on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  type Signed = Pick<Person, 'accessToken'>;
  const request = async ({ accessToken }: Signed, newEmail: string) =>
    (await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer: accessToken }))
      .requestEmailChange;
  const confirm = async (input: { token?: string; code?: string }, sending: Sending = {}) =>
    (await latchkey.ask(ConfirmEmailChangeDocument, { input }, sending)).confirmEmailChange;
  const undo = async (token: string) =>
    (await latchkey.ask(UndoEmailChangeDocument, { input: { token } })).undoEmailChange;
  let networks = 0;
  const login = async (identifier: string, password = PASSWORD) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, { ip: `203.0.113.${++networks}` })).login;
  const isAlive = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me != null;
  const tokenOf = ({ link }: ReceivedMail) => new URL(link ?? '').searchParams.get('token') ?? '';
  const mailsTo = (email: string) => latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email));

  /** Someone who has asked for another address; the undo link is in the email to the old one. */
  const mover = async () => {
    const person = await latchkey.person();
    const newEmail = latchkey.address();
    expect(await request(person, newEmail)).toMatchObject({ __typename: 'RequestEmailChangeSuccess', newEmail });
    const [mail, notice] = [await latchkey.mailTo(newEmail), await latchkey.mailTo(person.email, 2)];
    return { ...person, newEmail, code: mail.code ?? '', token: tokenOf(mail), undoToken: tokenOf(notice) };
  };
  /** Someone who has moved. */
  const moved = async () => {
    const person = await mover();
    expect((await confirm({ token: person.token })).__typename).toBe('ConfirmEmailChangeSuccess');
    await latchkey.mailTo(person.email, 3);
    return person;
  };

  test('the old address rules until the new one is confirmed, by the code in the session', async () => {
    const { email, newEmail, code, accessToken, id } = await mover();
    expect((await login(email)).__typename).toBe('LoginSuccess');
    expect((await login(newEmail)).__typename).toBe('InvalidCredentialsError');
    expect(await confirm({ code }, { bearer: accessToken })).toMatchObject({
      __typename: 'ConfirmEmailChangeSuccess',
      user: { id, email: newEmail, isVerified: true },
    });
    expect((await login(newEmail)).__typename).toBe('LoginSuccess');
    expect((await login(email)).__typename).toBe('InvalidCredentialsError');
    expect(await isAlive(accessToken)).toBe(true);
    const notice = await latchkey.mailTo(email, 3);
    expect(notice.subject).toBe('Your email address was changed');
    expect(notice.text).not.toContain(newEmail);
  });

  test('the link confirms without a session, on a page whose GET changes nothing', async () => {
    const { email, newEmail, token } = await mover();
    const page = await latchkey.fetch(`/change-email?token=${token}&lang=de`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Neue Adresse bestätigen')]);
    expect((await login(email)).__typename).toBe('LoginSuccess');
    const body = new URLSearchParams({ token, lang: 'de' });
    expect((await latchkey.fetch('/change-email', { method: 'POST', body })).status).toBe(200);
    expect((await login(newEmail)).__typename).toBe('LoginSuccess');
    expect((await latchkey.fetch('/change-email', { method: 'POST', body }, '192.0.2.1')).status).toBe(410);
  });

  test('a proof that is not recent is asked for again', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 14 });
    expect((await request(ada, latchkey.address())).__typename).toBe('RequestEmailChangeSuccess');
    const { login: signedIn } = await latchkey.ask(LoginDocument, {
      input: { identifier: ada.email, password: PASSWORD },
    });
    if (signedIn.__typename !== 'LoginSuccess') throw new Error(signedIn.__typename);
    const bearer = signedIn.tokens.accessToken;
    await latchkey.app.parts.database.prisma.session.update({
      where: { id: signedIn.session.id },
      data: { authenticatedAt: new Date(latchkey.app.parts.clock().getTime() - 15 * 60_000) },
    });
    const newEmail = latchkey.address();
    expect(await request({ accessToken: bearer }, newEmail)).toMatchObject({
      __typename: 'ReauthenticationRequiredError',
      code: 'REAUTHENTICATION_REQUIRED',
    });
    await latchkey.ask(ReauthenticateDocument, { input: { password: PASSWORD } }, { bearer });
    expect((await request({ accessToken: bearer }, newEmail)).__typename).toBe('RequestEmailChangeSuccess');
  });

  test('answers for addresses with and without an account are equal; the owner of one is told and gets no code', async () => {
    const [ada, bob, owner] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
    const unknown = latchkey.address();
    const [a, b] = [await request(ada, owner.email), await request(bob, unknown)];
    expect([a.__typename, Object.keys(a)]).toEqual([b.__typename, Object.keys(b)]);
    const mail = await latchkey.mailTo(owner.email, 2);
    expect([mail.subject, mail.code, mail.link]).toEqual(['This email address already has an account', null, null]);
    expect((await latchkey.mailTo(unknown)).code).toMatch(/^\d{6}$/);
    // Neither does the mailbox of who asked tell them apart.
    expect((await latchkey.mailTo(ada.email, 2)).subject).toBe((await latchkey.mailTo(bob.email, 2)).subject);
    const codes = [
      confirm({ code: '000000' }, { bearer: ada.accessToken }),
      confirm({ code: '000000' }, { bearer: bob.accessToken }),
    ];
    expect(new Set((await Promise.all(codes)).map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('five wrong guesses end the code, and only the newest email counts', async () => {
    const person = await mover();
    const bearer = person.accessToken;
    latchkey.advance({ minutes: 1 });
    await request(person, person.newEmail);
    const newer = await latchkey.mailTo(person.newEmail, 2);
    expect((await confirm({ token: person.token })).__typename).toBe('InvalidCodeError');
    const wrong = newer.code === '000000' ? '000001' : '000000';
    for (let guess = 0; guess < 5; guess++)
      expect((await confirm({ code: wrong }, { bearer })).__typename).toBe('InvalidCodeError');
    expect((await confirm({ code: newer.code ?? '' }, { bearer })).__typename).toBe('InvalidCodeError');
  });

  test('a code needs a session, and one or the other is given, not both', async () => {
    const { code, token, accessToken } = await mover();
    const { errors } = await latchkey.send(ConfirmEmailChangeDocument, { input: { code } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await confirm({ code, token }, { bearer: accessToken })).__typename).toBe('ValidationError');
    expect((await confirm({}, { bearer: accessToken })).__typename).toBe('ValidationError');
    const other = await latchkey.person();
    expect((await confirm({ code }, { bearer: other.accessToken })).__typename).toBe('InvalidCodeError');
  });

  test('the own address and what is none are refused', async () => {
    const ada = await latchkey.person();
    for (const newEmail of [ada.email.toUpperCase(), 'nobody', 'a@b', '"x"@example.test']) {
      expect(await request(ada, newEmail)).toMatchObject({
        __typename: 'ValidationError',
        fieldErrors: [{ path: ['newEmail'] }],
      });
    }
  });

  test('five requests an hour, whatever the addresses, and one a minute to one address', async () => {
    const ada = await latchkey.person();
    const same = latchkey.address();
    expect((await request(ada, same)).__typename).toBe('RequestEmailChangeSuccess');
    expect((await request(ada, same)).__typename).toBe('TooManyAttemptsError');
    for (let n = 0; n < 3; n++) await request(ada, latchkey.address());
    expect((await request(ada, latchkey.address())).__typename).toBe('TooManyAttemptsError');
  });

  test('of many confirmations at once, one wins', async () => {
    const { token } = await mover();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => confirm({ token }, { ip: `192.0.2.${index}` })),
    );
    expect(answers.filter(({ __typename }) => __typename === 'ConfirmEmailChangeSuccess')).toHaveLength(1);
    expect(answers.filter(({ __typename }) => __typename === 'InvalidCodeError')).toHaveLength(9);
  });

  test('of two accounts that confirm one address at once, one gets it and the other a plain answer', async () => {
    for (let round = 0; round < 2; round++) {
      const [ada, bob] = [await latchkey.person(), await latchkey.person()];
      const wanted = latchkey.address();
      await request(ada, wanted);
      const first = tokenOf(await latchkey.mailTo(wanted));
      latchkey.advance({ minutes: 1 });
      await request(bob, wanted);
      const second = tokenOf(await latchkey.mailTo(wanted, 2));
      const answers = await Promise.all([confirm({ token: first }), confirm({ token: second })]);
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
        'ConfirmEmailChangeSuccess',
        'EmailTakenError',
      ]);
    }
  });

  test('an unverified registration of the new address gives way to the user who verifies it', async () => {
    const { newEmail, token, id } = await mover();
    await latchkey.ask(RegisterDocument, { input: { name: 'Squatter', email: newEmail, password: NEW_PASSWORD } });
    expect(await confirm({ token })).toMatchObject({ user: { id, email: newEmail } });
    expect((await login(newEmail, NEW_PASSWORD)).__typename).toBe('InvalidCredentialsError');
  });

  test.each([
    ['an operator made', {}],
    ['an operator made and an administrator disabled', { disabledAt: new Date() }],
    ['someone registered and an administrator disabled', { source: 'REGISTRATION', disabledAt: new Date() }],
  ] as const)('an unverified account that %s is not removed for a new address', async (_, state) => {
    const { newEmail, email, token } = await mover();
    const { prisma } = latchkey.app.parts.database;
    const row = { name: 'Held', role: 'customer', locale: 'en', createdAt: new Date(), updatedAt: new Date() };
    const { id } = await prisma.user.create({ data: { ...row, ...state, email: newEmail } });
    expect((await confirm({ token })).__typename).toBe('EmailTakenError');
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ email: newEmail, ...state });

    const other = await moved();
    await prisma.user.create({ data: { ...row, ...state, email: other.email } });
    expect((await undo(other.undoToken)).__typename).toBe('EmailTakenError');
    expect(await prisma.user.count({ where: { email: { in: [other.email, email] } } })).toBe(2);
  });

  test('someone who registered the new address before and never verified it does not stop the code', async () => {
    const newEmail = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Squatter', email: newEmail, password: NEW_PASSWORD } });
    await latchkey.mailTo(newEmail);
    const owner = await latchkey.person();
    await request(owner, newEmail);
    const mail = await latchkey.mailTo(newEmail, 2);
    expect(mail.code).toMatch(/^\d{6}$/);
    expect(await confirm({ code: mail.code ?? '' }, { bearer: owner.accessToken })).toMatchObject({
      user: { id: owner.id, email: newEmail },
    });
  });

  test('a registration that makes way is in the audit log', async () => {
    const { newEmail, token, id } = await mover();
    await latchkey.ask(RegisterDocument, { input: { name: 'Squatter', email: newEmail, password: NEW_PASSWORD } });
    const { prisma } = latchkey.app.parts.database;
    const squatter = await prisma.user.findUniqueOrThrow({ where: { email: newEmail } });
    await confirm({ token });
    expect(
      await prisma.auditEvent.findMany({ where: { subjectId: squatter.id, name: 'register.superseded' } }),
    ).toMatchObject([{ actorId: id }]);
  });

  test('a reset link sent to the old address stops working after the change', async () => {
    const { email, token } = await mover();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    const reset = tokenOf(await latchkey.mailTo(email, 3));
    await confirm({ token });
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, {
      input: { token: reset, newPassword: NEW_PASSWORD },
    });
    expect(resetPassword.__typename).toBe('InvalidCodeError');
  });

  test('undoing gives the address back, ends every session, voids the password and emails a reset link', async () => {
    const { email, newEmail, undoToken, accessToken, id } = await moved();
    const page = await latchkey.fetch(`/undo-email-change?token=${undoToken}&lang=en`);
    expect(await page.text()).toContain('Secure my account');
    expect(await isAlive(accessToken)).toBe(true);
    expect(await undo(undoToken)).toMatchObject({ __typename: 'UndoEmailChangeSuccess', user: { id, email } });
    expect(await isAlive(accessToken)).toBe(false);
    for (const identifier of [email, newEmail])
      expect((await login(identifier)).__typename).toBe('InvalidCredentialsError');
    const token = tokenOf(await latchkey.mailTo(email, 4));
    await latchkey.ask(ResetPasswordDocument, { input: { token, newPassword: NEW_PASSWORD } });
    expect((await login(email, NEW_PASSWORD)).__typename).toBe('LoginSuccess');
    expect((await undo(undoToken)).__typename).toBe('InvalidCodeError');
  });

  test('undoing before the confirmation ends the change', async () => {
    const { email, newEmail, token, undoToken } = await mover();
    expect(await undo(undoToken)).toMatchObject({ user: { email } });
    expect((await confirm({ token })).__typename).toBe('InvalidCodeError');
    expect((await login(newEmail)).__typename).toBe('InvalidCredentialsError');
  });

  test('nothing a thief does ends the undo link: a new password, a reset, a further change, the deletion', async () => {
    const thief = await moved();
    const bearer = thief.accessToken;
    await latchkey.ask(
      ChangePasswordDocument,
      { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } },
      { bearer },
    );
    const third = latchkey.address();
    await request(thief, third);
    await confirm({ token: tokenOf(await latchkey.mailTo(third)) });
    const theirUndo = tokenOf(await latchkey.mailTo(thief.newEmail, 4));
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: third } });
    const reset = { token: tokenOf(await latchkey.mailTo(third, 2)), newPassword: PASSWORD };
    await latchkey.ask(ResetPasswordDocument, { input: reset });
    const again = await login(third);
    if (again.__typename !== 'LoginSuccess') throw new Error(again.__typename);
    const deleting = { bearer: again.tokens.accessToken };
    await latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, deleting);

    expect(await undo(thief.undoToken)).toMatchObject({ user: { id: thief.id, email: thief.email } });
    expect((await undo(theirUndo)).__typename).toBe('InvalidCodeError');
    const { deletesAt } = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({ where: { id: thief.id } });
    expect(deletesAt).toBeNull();
  });

  test('the undo link is valid for seven days after the change', async () => {
    const [early, late] = [await moved(), await moved()];
    latchkey.advance({ days: 7, minutes: -1 });
    expect((await undo(early.undoToken)).__typename).toBe('UndoEmailChangeSuccess');
    latchkey.advance({ minutes: 2 });
    expect((await undo(late.undoToken)).__typename).toBe('InvalidCodeError');
  });

  test('an undo and a further change at once leave the owner in possession', async () => {
    for (let round = 0; round < 2; round++) {
      const thief = await moved();
      const third = latchkey.address();
      await request(thief, third);
      const token = tokenOf(await latchkey.mailTo(third));
      const [undone] = await Promise.all([undo(thief.undoToken), confirm({ token })]);
      expect(undone.__typename).toBe('UndoEmailChangeSuccess');
      const user = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({ where: { id: thief.id } });
      expect([user.email, user.passwordHash]).toEqual([thief.email, null]);
    }
  });

  test('a thief’s further request under way when everything is undone comes to nothing', async () => {
    for (let round = 0; round < 3; round++) {
      const thief = await mover();
      const requests = [0, 1, 2].map(() =>
        latchkey.send(
          RequestEmailChangeDocument,
          { input: { newEmail: latchkey.address() } },
          { bearer: thief.accessToken },
        ),
      );
      await Promise.all([undo(thief.undoToken), ...requests]);
      const live = { userId: thief.id, purpose: 'change-email', consumedAt: null, replacedAt: null };
      expect(await latchkey.app.parts.database.prisma.challenge.count({ where: live })).toBe(0);
    }
  });

  test('the audit log names what happened and neither address, code nor link', async () => {
    const { id, email, newEmail, undoToken } = await moved();
    await undo(undoToken);
    const events = await latchkey.app.parts.database.prisma.auditEvent.findMany({
      where: { subjectId: id, name: { startsWith: 'change_email.' } },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ name }) => name)).toEqual([
      'change_email.requested',
      'change_email.completed',
      'change_email.undone',
    ]);
    for (const secret of [email, newEmail, undoToken]) {
      expect(JSON.stringify(events)).not.toContain(secret);
      expect(latchkey.logged()).not.toContain(secret);
    }
    expect(mailsTo(newEmail)).toHaveLength(1);
  });

  test('the audit log names the session in which a code was given, right or wrong', async () => {
    const { id, code, accessToken } = await mover();
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await confirm({ code: wrong }, { bearer: accessToken })).__typename).toBe('InvalidCodeError');
    await confirm({ code }, { bearer: accessToken });
    const events = await latchkey.app.parts.database.prisma.auditEvent.findMany({
      where: { subjectId: id, name: { startsWith: 'change_email.' } },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ name }) => name).sort()).toEqual([
      'change_email.completed',
      'change_email.failed',
      'change_email.requested',
    ]);
    const [requested] = events;
    for (const event of events) expect(event).toMatchObject({ actorId: id, sessionRef: requested?.sessionRef });
  });
});
