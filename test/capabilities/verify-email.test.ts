import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  RegisterDocument,
  ResendVerificationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Sending, startLatchkey } from '../support/latchkey.ts';

const wrongCode = (code: string | null) => (code === '000000' ? '000001' : '000000');

describe.each(ENGINES)('verifyEmail on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const registered = async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    const mail = await latchkey.mailTo(email);
    return { email, code: mail.code ?? '', token: new URL(mail.link ?? '').searchParams.get('token') ?? '' };
  };
  const verify = async (input: { email?: string; code?: string; token?: string }, sending: Sending = {}) =>
    (await latchkey.ask(VerifyEmailDocument, { input }, sending)).verifyEmail;
  /** Many callers, each from a network of its own. */
  const byFifty = (input: { email?: string; code?: string; token?: string }) =>
    Promise.all(Array.from({ length: 50 }, (_, index) => verify(input, { ip: `192.0.2.${index}` })));
  const resend = async (email: string) =>
    (await latchkey.ask(ResendVerificationDocument, { input: { email } })).resendVerification;

  test('proves the address with the code, and does not sign in', async () => {
    const { email, code } = await registered();
    const result = await verify({ email: ` ${email.toUpperCase()} `, code: ` ${code.slice(0, 3)} ${code.slice(3)} ` });
    expect(result).toMatchObject({ __typename: 'VerifyEmailSuccess', user: { email, isVerified: true } });
    const { id } = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({ where: { email } });
    expect(await latchkey.app.parts.database.prisma.session.count({ where: { userId: id } })).toBe(0);
  });

  test('proves the address with the token of the link', async () => {
    const { email, token } = await registered();
    expect(await verify({ token })).toMatchObject({ __typename: 'VerifyEmailSuccess', user: { email } });
    expect((await verify({ token }, { ip: '192.0.2.1' })).__typename).toBe('InvalidCodeError');
  });

  test.each([
    ['an en dash', (code: string) => `${code.slice(0, 3)}\u2013${code.slice(3)}`],
    ['marks that nobody sees', (code: string) => `\u2068\u200e${[...code].join('\u200b')}\u2069`],
    ['full-width digits', (code: string) => code.replace(/\d/g, (it) => String.fromCharCode(0xff10 + Number(it)))],
    ['Arabic digits', (code: string) => code.replace(/\d/g, (it) => String.fromCharCode(0x660 + Number(it)))],
  ])('takes a code with %s, by GraphQL and REST', async (_, write) => {
    const one = await registered();
    expect((await verify({ email: one.email, code: write(one.code) })).__typename).toBe('VerifyEmailSuccess');
    const two = await registered();
    const answer = await latchkey.fetch('/api/auth/verify-email/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: two.email, otp: write(two.code) }),
    });
    expect(await answer.json()).toEqual({ message: 'Email verified successfully' });
  });

  test.each([
    ['the rest of the link', (token: string) => `${token}&lang=en`],
    ['a full stop', (token: string) => `${token}.`],
    ['blanks and line breaks', (token: string) => ` ${token.slice(0, 30)}\r\n${token.slice(30)} `],
    ['angle brackets', (token: string) => `<${token}>`],
    ['quotes', (token: string) => `\u201c${token}\u201d`],
  ])('takes a token with %s, by GraphQL, by the page and by REST', async (_, paste) => {
    const one = await registered();
    expect((await verify({ token: paste(one.token) })).__typename).toBe('VerifyEmailSuccess');
    const two = await registered();
    const address = `/verify-email?token=${encodeURIComponent(paste(two.token))}`;
    const page = await (await latchkey.fetch(address)).text();
    expect(page).toContain(`name="token" value="${two.token}"`);
    const form = { method: 'POST', body: new URLSearchParams({ token: paste(two.token) }) };
    expect((await latchkey.fetch('/verify-email', form)).status).toBe(200);
    const three = await registered();
    expect((await latchkey.fetch(`/api/verify-email/${encodeURIComponent(paste(three.token))}`)).status).toBe(200);
  });

  test('a code can be consumed once, also by fifty at once', async () => {
    const { email, code } = await registered();
    const results = await byFifty({ email, code });
    expect(results.filter((result) => result.__typename === 'VerifyEmailSuccess')).toHaveLength(1);
  });

  test('a link can be consumed once, also by fifty at once', async () => {
    const { token } = await registered();
    const results = await byFifty({ token });
    expect(results.filter((result) => result.__typename === 'VerifyEmailSuccess')).toHaveLength(1);
    expect(results.filter((result) => result.__typename === 'InvalidCodeError')).toHaveLength(49);
  });

  test('five wrong guesses end a code', async () => {
    const { email, code, token } = await registered();
    for (let guess = 0; guess < 5; guess++) {
      expect((await verify({ email, code: wrongCode(code) })).__typename).toBe('InvalidCodeError');
    }
    expect((await verify({ email, code })).__typename).toBe('InvalidCodeError');
    // Nobody guesses 256 bit: the link of the same email still works, so a stranger cannot lock its owner out.
    expect((await verify({ token })).__typename).toBe('VerifyEmailSuccess');
  });

  test('parallel guesses cannot run past the five', async () => {
    const { email, code } = await registered();
    await Promise.all(Array.from({ length: 5 }, () => verify({ email, code: wrongCode(code) })));
    expect((await verify({ email, code })).__typename).toBe('InvalidCodeError');
  });

  test('a resend does not refill the guesses of an hour', async () => {
    const { email } = await registered();
    const answers: string[] = [];
    for (let mail = 1; mail <= 3; mail++) {
      for (let guess = 0; guess < 5; guess++) answers.push((await verify({ email, code: '000000' })).__typename);
      latchkey.advance({ minutes: 2 });
      await resend(email);
    }
    expect(answers.slice(0, 10)).not.toContain('TooManyAttemptsError');
    expect(new Set(answers.slice(10))).toEqual(new Set(['TooManyAttemptsError']));
  });

  test('a newer code replaces the older, and the older link with it', async () => {
    const old = await registered();
    latchkey.advance({ minutes: 1 });
    expect((await resend(old.email)).__typename).toBe('ResendVerificationSuccess');
    const mail = await latchkey.mailTo(old.email, 2);
    expect((await verify({ token: old.token })).__typename).toBe('InvalidCodeError');
    if (mail.code !== old.code)
      expect((await verify({ email: old.email, code: old.code })).__typename).toBe('InvalidCodeError');
    expect((await verify({ email: old.email, code: mail.code ?? '' })).__typename).toBe('VerifyEmailSuccess');
  });

  test('a code ends after 10 minutes, a link after 24 hours', async () => {
    const one = await registered();
    const two = await registered();
    latchkey.advance({ minutes: 10, seconds: 1 });
    expect((await verify({ email: one.email, code: one.code })).__typename).toBe('InvalidCodeError');
    expect((await verify({ token: one.token })).__typename).toBe('VerifyEmailSuccess');
    latchkey.advance({ hours: 24 });
    expect((await verify({ token: two.token })).__typename).toBe('InvalidCodeError');
  });

  test('a token is only valid for its purpose, and a forged one for none', async () => {
    const { token } = await registered();
    const other = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    for (const forged of [
      other,
      'A'.repeat(64),
      token.slice(1),
      `${token}A`,
      '../../etc/passwd',
      '\u0000',
      '💥'.repeat(100),
    ]) {
      expect((await verify({ token: forged })).__typename).toBe('InvalidCodeError');
    }
  });

  test.each([
    ['nothing', {}, ['email', 'code']],
    ['an address without a code', { email: 'ada@example.test' }, ['code']],
    ['a code without an address', { code: '123456' }, ['email']],
    ['both forms', { token: 'x', email: 'ada@example.test', code: '123456' }, ['token']],
    ['an endless code', { email: 'ada@example.test', code: '1'.repeat(10_000) }, ['code']],
  ])('refuses %s', async (_, input, fields) => {
    const result = await verify(input);
    expect(result.__typename === 'ValidationError' && result.fieldErrors.map(({ path }) => path[0])).toEqual(fields);
  });

  test('link tokens that a stranger tries get one answer, and do not fill the audit log', async () => {
    const { prisma } = latchkey.app.parts.database;
    const from = { ip: '10.200.0.1' };
    const attempts = Array.from({ length: 130 }, (_, at) => ({ token: `${at}`.padStart(64, 'x') }));
    const answers = await Promise.all(
      attempts.map(async (input) => (await latchkey.ask(VerifyEmailDocument, { input }, from)).verifyEmail.__typename),
    );
    expect(new Set(answers)).toEqual(new Set(['InvalidCodeError']));
    const where = { ipAddress: from.ip };
    expect(await prisma.auditEvent.count({ where: { ...where, name: 'verify_email.failed' } })).toBe(100);
    expect(await prisma.auditEvent.count({ where: { ...where, name: 'code.throttled' } })).toBe(1);
  });

  test('a wrong link is in the audit log, like a wrong code', async () => {
    const { email, code, token } = await registered();
    const { prisma } = latchkey.app.parts.database;
    const failures = () => prisma.auditEvent.count({ where: { name: 'verify_email.failed' } });
    const before = await failures();
    const wrong = token.slice(0, -1) + (token.endsWith('_') ? '-' : '_');
    expect((await verify({ token: wrong })).__typename).toBe('InvalidCodeError');
    expect(await failures()).toBe(before + 1);
    expect((await verify({ email, code: wrongCode(code) })).__typename).toBe('InvalidCodeError');
    expect(await failures()).toBe(before + 2);
    const { id } = await prisma.user.findUniqueOrThrow({ where: { email } });
    expect(await prisma.auditEvent.count({ where: { name: 'verify_email.failed', subjectId: id } })).toBe(1);
  });

  test('a disabled account gets no new proof, and the answer does not tell', async () => {
    const { email } = await registered();
    const { prisma } = latchkey.app.parts.database;
    const { id } = await prisma.user.update({ where: { email }, data: { disabledAt: new Date() } });
    latchkey.advance({ minutes: 2 });
    const issued = () => prisma.challenge.count({ where: { userId: id } });
    const before = await issued();
    expect((await resend(email)).__typename).toBe('ResendVerificationSuccess');
    expect(await issued()).toBe(before);
    const other = await registered();
    latchkey.advance({ minutes: 2 });
    await resend(other.email);
    // Emails leave in order: when this one has arrived, the other one was dropped.
    await latchkey.mailTo(other.email, 2);
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email))).toHaveLength(1);
  });

  test('answers for known and unknown addresses are equal', async () => {
    const { email: waiting } = await registered();
    const { email: verified } = await latchkey.person();
    const unknown = latchkey.address();
    // The unknown address has used up its one email of the minute as well.
    await resend(unknown);
    const withoutEmail = (value: object) => ({ ...value, email: null });
    for (const step of ['guess', 'throttled resend', 'resend'] as const) {
      if (step === 'resend') latchkey.advance({ minutes: 5 });
      const answers = await Promise.all(
        [waiting, verified, unknown].map((email) =>
          step === 'guess' ? verify({ email, code: '111111' }) : resend(email),
        ),
      );
      const [expected, ...others] = answers.map((answer) => {
        const { resendAvailableAt, retryAfterSeconds, message, ...rest } = withoutEmail(answer) as Record<
          string,
          unknown
        >;
        return {
          ...rest,
          keys: Object.keys(answer),
          hasTime: resendAvailableAt !== undefined,
          hasWait: retryAfterSeconds !== undefined,
        };
      });
      for (const other of others) expect(other).toEqual(expected);
    }
  });

  test('an unverified user cannot sign in, and only the right password reveals why', async () => {
    const { email } = await registered();
    const login = async (password: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier: email, password } })).login;
    expect((await login('not the password')).__typename).toBe('InvalidCredentialsError');
    expect(await login(PASSWORD)).toMatchObject({
      __typename: 'EmailNotVerifiedError',
      code: 'EMAIL_NOT_VERIFIED',
      email,
    });
  });
});
