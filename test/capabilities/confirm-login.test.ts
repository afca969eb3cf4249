import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RequestPasswordResetDocument, ResetPasswordDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import {
  challengeOf,
  confirm,
  elsewhere,
  nextStep,
  type Protected,
  protectedPerson,
  totpAt,
} from '../support/second-factor.ts';

describe.each(ENGINES)('confirmLogin on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const wrong = ({ app }: Protected) => app.code().replace(/./, (digit) => String((Number(digit) + 5) % 10));
  const attempt = async ({ email }: Protected, password = PASSWORD) =>
    (await latchkey.ask(LoginDocument, { input: { identifier: email, password } }, elsewhere())).login;
  const sessionsOf = (userId: string) => prisma().session.count({ where: { userId, endedAt: null } });
  const failures = async ({ id }: Protected) =>
    (await prisma().user.findUniqueOrThrow({ where: { id } })).secondFactorFailures;

  test('the right password opens nothing; a code completes the sign-in', async () => {
    const ada = await protectedPerson(latchkey);
    const before = await sessionsOf(ada.id);
    const first = await attempt(ada);
    expect(first).toEqual({
      __typename: 'SecondFactorRequiredError',
      code: 'SECOND_FACTOR_REQUIRED',
      message: 'Please confirm with your second factor.',
      challengeToken: expect.stringMatching(/^[\w-]{64}$/),
      methods: ['TOTP', 'RECOVERY_CODE'],
      expiresAt: expect.any(String),
    });
    expect(await sessionsOf(ada.id)).toBe(before);
    if (first.__typename !== 'SecondFactorRequiredError') throw new Error();
    const done = await confirm(latchkey, { challengeToken: first.challengeToken, code: ada.app.code() });
    if (done.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(done));
    const claims = JSON.parse(Buffer.from(done.tokens.accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'], sid: done.session.id });
    expect(claims.auth_time).toBe(claims.iat);
    const events = await prisma().auditEvent.findMany({ where: { subjectId: ada.id, name: 'login.completed' } });
    expect(events).toHaveLength(2);
  });

  test('a code works once: also by fifty at once, a second later, in another challenge, with spaces, dashes or full-width digits', async () => {
    const ada = await protectedPerson(latchkey);
    const before = await sessionsOf(ada.id);
    const code = ada.app.code();
    const [challengeToken, other] = [await challengeOf(latchkey, ada), await challengeOf(latchkey, ada)];
    const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(latchkey, { challengeToken, code })));
    expect(answers.filter(({ __typename }) => __typename === 'LoginSuccess')).toHaveLength(1);
    expect(await sessionsOf(ada.id)).toBe(before + 1);
    latchkey.advance({ seconds: 1 });
    const fullWidth = code.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    for (const spelling of [code, `${code.slice(0, 3)} ${code.slice(3)}`, code.split('').join('-'), fullWidth]) {
      const answer = await confirm(latchkey, { challengeToken: other, code: spelling });
      const message =
        'This code is not valid, or was used already. Enter the next one that your authenticator app shows.';
      expect(answer, spelling).toMatchObject({ __typename: 'InvalidCodeError', message });
    }
    // None of these were guesses, so the next code still works, in any of the spellings.
    expect(await failures(ada)).toBe(0);
    nextStep(latchkey);
    const next = ada.app.code();
    const typed = `\u200e${next.slice(0, 3)}\u00a0${next.slice(3)} `;
    expect((await confirm(latchkey, { challengeToken: other, code: typed })).__typename).toBe('LoginSuccess');
  });

  test('the step before is refused once the next was used, and counts before that', async () => {
    const ada = await protectedPerson(latchkey);
    const previous = ada.app.code();
    nextStep(latchkey);
    const current = ada.app.code();
    const token = () => challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken: await token(), code: current })).__typename).toBe('LoginSuccess');
    const late = await confirm(latchkey, { challengeToken: await token(), code: previous });
    expect(late.__typename).toBe('InvalidCodeError');

    nextStep(latchkey);
    const unused = ada.app.code();
    nextStep(latchkey);
    expect((await confirm(latchkey, { challengeToken: await token(), code: unused })).__typename).toBe('LoginSuccess');
    // Two steps back and one ahead do not count at all.
    for (const steps of [-2, 1]) {
      const far = totpAt(ada.secret, latchkey.app.parts.clock(), steps);
      const answer = await confirm(latchkey, { challengeToken: await token(), code: far });
      expect(answer.__typename, String(steps)).toBe('InvalidCodeError');
    }
  });

  test('five wrong codes end a challenge', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const answers = [];
    for (let guess = 0; guess < 5; guess++) {
      answers.push((await confirm(latchkey, { challengeToken, code: wrong(ada) })).__typename);
    }
    expect(answers).toEqual(Array(5).fill('InvalidCodeError'));
    const right = await confirm(latchkey, { challengeToken, code: ada.app.code() });
    expect(right.__typename).toBe('LoginExpiredError');
    const another = await challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken: another, code: ada.app.code() })).__typename).toBe(
      'LoginSuccess',
    );
  });

  test('many guesses at once are all counted', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const guesses = Array.from({ length: 30 }, (_, guess) => String(guess).padStart(6, '0'));
    const answers = await Promise.all(guesses.map((code) => confirm(latchkey, { challengeToken, code })));
    expect(answers.filter(({ __typename }) => __typename === 'InvalidCodeError').length).toBeLessThanOrEqual(5);
    expect((await confirm(latchkey, { challengeToken, code: ada.app.code() })).__typename).toBe('LoginExpiredError');
  });

  test('ten wrong codes an hour an account, and right passwords in between change nothing', async () => {
    const ada = await protectedPerson(latchkey);
    for (let guess = 0; guess < 10; guess++) {
      // A right password before each one.
      const challengeToken = await challengeOf(latchkey, ada);
      const answer = await confirm(latchkey, { challengeToken, code: wrong(ada) });
      expect(answer.__typename, String(guess)).toBe('InvalidCodeError');
    }
    const challengeToken = await challengeOf(latchkey, ada);
    const blocked = await confirm(latchkey, { challengeToken, code: ada.app.code() });
    expect(blocked).toMatchObject({ __typename: 'TooManyAttemptsError' });
    expect(await failures(ada)).toBe(10);
    latchkey.advance({ hours: 1, seconds: 1 });
    const again = await challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken: again, code: ada.app.code() })).__typename).toBe('LoginSuccess');
    expect(await failures(ada)).toBe(0);
  });

  test('twenty in a row suspend the password, the owner is told, and a reset restores', async () => {
    const ada = await protectedPerson(latchkey);
    const waiting: string[] = [];
    for (let guess = 0; guess < 20; guess++) {
      if (guess === 10) latchkey.advance({ hours: 1, seconds: 1 });
      const challengeToken = await challengeOf(latchkey, ada);
      if (guess === 19) waiting.push(await challengeOf(latchkey, ada));
      expect((await confirm(latchkey, { challengeToken, code: wrong(ada) })).__typename).toBe('InvalidCodeError');
    }
    latchkey.advance({ hours: 1, seconds: 1 });
    expect((await attempt(ada)).__typename).toBe('InvalidCredentialsError');
    expect((await attempt(ada, 'a wrong password')).__typename).toBe('InvalidCredentialsError');
    // A sign-in that was under way has ended too.
    const [challengeToken = ''] = waiting;
    expect((await confirm(latchkey, { challengeToken, code: ada.app.code() })).__typename).toBe('LoginExpiredError');
    const mail = await latchkey.mailTo(ada.email, 3);
    expect(mail.subject).toBe('Someone knows your password');
    expect(mail.text).not.toContain('http');
    const told = await prisma().auditEvent.count({ where: { subjectId: ada.id, name: 'password.suspended' } });
    expect(told).toBe(1);
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const { code } = await latchkey.mailTo(ada.email, 4);
    const newPassword = 'nine unrelated red teapots';
    const reset = { email: ada.email, code, newPassword };
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input: reset });
    expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
    // The password works again, and the second factor is still asked for.
    const restored = await challengeOf(latchkey, ada, { password: newPassword });
    expect((await confirm(latchkey, { challengeToken: restored, code: ada.app.code() })).__typename).toBe(
      'LoginSuccess',
    );
  });

  test('a recovery code works once, in any spelling, and the owner is told how many are left', async () => {
    const ada = await protectedPerson(latchkey);
    const [first = '', second = ''] = ada.recoveryCodes;
    const challengeToken = await challengeOf(latchkey, ada);
    const spelling = first.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    const answers = await Promise.all(
      [first, spelling, first].map((recoveryCode) => confirm(latchkey, { challengeToken, recoveryCode })),
    );
    expect(answers.filter(({ __typename }) => __typename === 'LoginSuccess')).toHaveLength(1);
    expect((await latchkey.mailTo(ada.email, 3)).text).toContain('You have 9 codes left.');
    const other = await challengeOf(latchkey, ada);
    const again = await confirm(latchkey, { challengeToken: other, recoveryCode: first });
    expect(again.__typename).toBe('InvalidCodeError');
    const next = await confirm(latchkey, { challengeToken: other, recoveryCode: second });
    expect(next.__typename).toBe('LoginSuccess');
    const names = (await prisma().auditEvent.findMany({ where: { subjectId: ada.id } })).map(({ name }) => name);
    expect(names.filter((name) => name === 'recovery_code.used')).toHaveLength(2);
  });

  test('five wrong recovery codes an hour, and one of someone else is wrong', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    const answers = [];
    for (const recoveryCode of [...bob.recoveryCodes.slice(0, 5), ada.recoveryCodes[0]]) {
      const challengeToken = await challengeOf(latchkey, ada);
      answers.push((await confirm(latchkey, { challengeToken, recoveryCode: recoveryCode ?? '' })).__typename);
    }
    expect(answers).toEqual([...Array(5).fill('InvalidCodeError'), 'TooManyAttemptsError']);
  });

  test('a challenge ends after ten minutes, with a new password, and when the account is disabled', async () => {
    const ada = await protectedPerson(latchkey);
    const late = await challengeOf(latchkey, ada);
    latchkey.advance({ minutes: 10, seconds: 1 });
    expect((await confirm(latchkey, { challengeToken: late, code: ada.app.code() })).__typename).toBe(
      'LoginExpiredError',
    );

    const disabled = await challengeOf(latchkey, ada);
    await prisma().user.update({ where: { id: ada.id }, data: { disabledAt: new Date() } });
    const answer = await confirm(latchkey, { challengeToken: disabled, code: ada.app.code() });
    expect(answer.__typename).toBe('AccountDisabledError');
    await prisma().user.update({ where: { id: ada.id }, data: { disabledAt: null } });
    // Nothing was consumed.
    const enabled = await confirm(latchkey, { challengeToken: disabled, code: ada.app.code() });
    expect(enabled.__typename).toBe('LoginSuccess');
  });

  test('five challenges of a person live at a time; the oldest ends', async () => {
    const ada = await protectedPerson(latchkey);
    const tokens = [];
    for (let each = 0; each < 6; each++) tokens.push(await challengeOf(latchkey, ada));
    const [oldest = '', second = ''] = tokens;
    expect((await confirm(latchkey, { challengeToken: oldest, code: ada.app.code() })).__typename).toBe(
      'LoginExpiredError',
    );
    expect((await confirm(latchkey, { challengeToken: second, code: ada.app.code() })).__typename).toBe('LoginSuccess');
  });

  test('wrong combinations and other inputs are refused, and nothing is consumed', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const [recoveryCode = ''] = ada.recoveryCodes;
    const code = ada.app.code();
    const invalid = { __typename: 'ValidationError' };
    for (const input of [
      {},
      { code: '' },
      { recoveryCode: '' },
      { code: null },
      { code, recoveryCode },
      { code: '1'.repeat(33) },
    ]) {
      expect(await confirm(latchkey, { challengeToken, ...input }), JSON.stringify(input)).toMatchObject(invalid);
    }
    const { attempts } = await prisma().challenge.findFirstOrThrow({
      where: { userId: ada.id, purpose: 'second-factor' },
    });
    expect(attempts).toBe(0);
    for (const forged of [
      '',
      '\0',
      'x'.repeat(64),
      challengeToken.slice(0, -1),
      `${challengeToken}A`,
      'x'.repeat(9000),
    ]) {
      const answer = await confirm(latchkey, { challengeToken: forged, code });
      expect(answer.__typename, forged.slice(0, 70)).toBe('LoginExpiredError');
    }
    for (const odd of ['1', '12345', '1234567', '\0\0\0\0\0\0', '١٢٣٤٥', 'abcdef']) {
      const other = await challengeOf(latchkey, ada);
      const answer = await confirm(latchkey, { challengeToken: other, code: odd });
      expect(answer.__typename, odd).toBe('InvalidCodeError');
    }
    const arabic = code.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
    const last = await challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken: last, code: arabic })).__typename).toBe('LoginSuccess');
  });

  test('nothing sticks forever when the clock of the service was wrong', async () => {
    const ada = await protectedPerson(latchkey);
    const token = () => challengeOf(latchkey, ada);
    latchkey.advance({ days: 1 });
    expect((await confirm(latchkey, { challengeToken: await token(), code: ada.app.code() })).__typename).toBe(
      'LoginSuccess',
    );
    latchkey.advance({ days: -1 });
    nextStep(latchkey);
    const code = ada.app.code();
    expect((await confirm(latchkey, { challengeToken: await token(), code })).__typename).toBe('LoginSuccess');
    expect((await confirm(latchkey, { challengeToken: await token(), code })).__typename).toBe('InvalidCodeError');
  });

  test('a used code stays used where the clock is a step behind', async () => {
    const ada = await protectedPerson(latchkey);
    const token = () => challengeOf(latchkey, ada);
    const used = ada.app.code();
    expect((await confirm(latchkey, { challengeToken: await token(), code: used })).__typename).toBe('LoginSuccess');
    nextStep(latchkey);
    const next = ada.app.code();
    expect((await confirm(latchkey, { challengeToken: await token(), code: next })).__typename).toBe('LoginSuccess');
    // As on a replica that has not reached the new step yet, or for a request that was read just before it began.
    latchkey.advance({ seconds: -30 });
    const challengeToken = await token();
    for (const code of [used, next]) {
      expect((await confirm(latchkey, { challengeToken, code })).__typename).toBe('InvalidCodeError');
    }
  });

  test('a browser that began with the cookie gets it at the end, and nothing before', async () => {
    const ada = await protectedPerson(latchkey);
    const post = (query: string, variables: object) =>
      latchkey.fetch(
        '/graphql',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
          body: JSON.stringify({ query, variables }),
        },
        elsewhere().ip,
      );
    const begun = await post(
      'mutation ($input: LoginInput!) { login(input: $input) { ... on SecondFactorRequiredError { challengeToken } } }',
      { input: { identifier: ada.email, password: PASSWORD, transport: 'COOKIE' } },
    );
    expect(begun.headers.getSetCookie()).toEqual([]);
    const { challengeToken } = (await begun.json()).data.login;
    const query =
      'mutation ($input: ConfirmLoginInput!) { confirmLogin(input: $input) { ... on LoginSuccess { tokens { refreshToken } } } }';
    const done = await post(query, { input: { challengeToken, code: ada.app.code() } });
    expect((await done.json()).data.confirmLogin).toEqual({ tokens: { refreshToken: null } });
    expect(done.headers.getSetCookie().join()).toContain('__Host-latchkey-refresh=');
  });
});
