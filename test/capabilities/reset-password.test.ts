import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

const NEW_PASSWORD = 'an entirely new password';

describe.each(ENGINES)('resetPassword on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const request = async (email: string) =>
    (await latchkey.ask(RequestPasswordResetDocument, { input: { email } })).requestPasswordReset;
  const reset = async (input: { token?: string; email?: string; code?: string; newPassword?: string }) =>
    (await latchkey.ask(ResetPasswordDocument, { input: { newPassword: NEW_PASSWORD, ...input } })).resetPassword;
  const login = async (identifier: string, password: string) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;
  /** Someone with an account who has asked for a reset. */
  const forgetful = async () => {
    const person = await latchkey.person();
    expect((await request(person.email)).__typename).toBe('RequestPasswordResetSuccess');
    const mail = await latchkey.mailTo(person.email, 2);
    return { ...person, code: mail.code ?? '', token: new URL(mail.link ?? '').searchParams.get('token') ?? '' };
  };

  test('sets the new password with the token from the link; the old one no longer works', async () => {
    const { email, id, token } = await forgetful();
    expect(await reset({ token })).toMatchObject({
      __typename: 'ResetPasswordSuccess',
      user: { id, isVerified: true },
    });
    expect(await login(email, PASSWORD)).toBe('InvalidCredentialsError');
    expect(await login(email, NEW_PASSWORD)).toBe('LoginSuccess');
    expect((await latchkey.mailTo(email, 3)).code).toBeNull();
  });

  test('the page names the account of a link that can be used, and of no other', async () => {
    const { id, email, token } = await forgetful();
    const page = async (given: string, query = '') => {
      const response = await latchkey.fetch(`/reset-password?token=${given}${query}`);
      return [response.status, (await response.text()).includes(email)];
    };
    expect(await page(token)).toEqual([200, true]);
    expect(await page(token, '&lang=fr')).toEqual([200, true]);
    expect(await page(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toEqual([410, false]);
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: new Date() } });
    expect(await page(token)).toEqual([410, false]);
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: null } });
    expect((await reset({ token })).__typename).toBe('ResetPasswordSuccess');
    expect(await page(token)).toEqual([410, false]);
    const other = await forgetful();
    latchkey.advance({ minutes: 31 });
    const response = await latchkey.fetch(`/reset-password?token=${other.token}`);
    expect([response.status, (await response.text()).includes(other.email)]).toEqual([410, false]);
  });

  test('a reset lets the owner in at once, from wherever the wrong passwords came', async () => {
    const { email, code } = await forgetful();
    const attempt = async (password: string, ip: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier: email, password } }, { ip })).login.__typename;
    const networks = ['192.0.2.77', '192.0.2.78'];
    for (const ip of networks) {
      for (let guess = 0; guess < 5; guess++) await attempt('wrong', ip);
      expect(await attempt(PASSWORD, ip)).toBe('TooManyAttemptsError');
    }
    expect((await reset({ email, code })).__typename).toBe('ResetPasswordSuccess');
    for (const ip of networks) expect(await attempt(NEW_PASSWORD, ip)).toBe('LoginSuccess');
  });

  test('a link that was to verify the address has ended with the reset', async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    const verify = new URL((await latchkey.mailTo(email)).link ?? '').searchParams.get('token') ?? '';
    await request(email);
    const { code } = await latchkey.mailTo(email, 2);
    expect((await reset({ email, code: code ?? '' })).__typename).toBe('ResetPasswordSuccess');
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { token: verify } });
    expect(verifyEmail.__typename).toBe('InvalidCodeError');
  });

  test('sets the new password by the code', async () => {
    const { email, code } = await forgetful();
    expect((await reset({ email, code })).__typename).toBe('ResetPasswordSuccess');
    expect(await login(email, NEW_PASSWORD)).toBe('LoginSuccess');
  });

  test('reset ends every session and kills sibling links', async () => {
    const { email, accessToken, refreshToken, token } = await forgetful();
    latchkey.advance({ minutes: 2 });
    await request(email);
    const newer = new URL((await latchkey.mailTo(email, 3)).link ?? '').searchParams.get('token') ?? '';
    expect((await reset({ token })).__typename).toBe('InvalidCodeError');
    expect((await reset({ token: newer })).__typename).toBe('ResetPasswordSuccess');
    expect((await reset({ token: newer, newPassword: PASSWORD })).__typename).toBe('InvalidCodeError');
    const { errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
  });

  test('a login with the old password at the same time leaves no live session', async () => {
    for (let round = 0; round < 4; round++) {
      const { email, token } = await forgetful();
      const logins = Array.from({ length: 4 }, () =>
        latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } }),
      );
      const [, ...results] = await Promise.all([reset({ token }), ...logins]);
      for (const { login: result } of results) {
        if (result.__typename !== 'LoginSuccess') continue;
        const { data } = await latchkey.send(MeDocument, {}, { bearer: result.tokens.accessToken });
        expect(data?.me ?? null).toBeNull();
      }
    }
  });

  test('a link can be consumed once, also by twenty at once', async () => {
    const { email, token } = await forgetful();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => reset({ token, newPassword: `${NEW_PASSWORD} ${index}` })),
    );
    const winners = results.flatMap((result, index) => (result.__typename === 'ResetPasswordSuccess' ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(await login(email, `${NEW_PASSWORD} ${winners[0]}`)).toBe('LoginSuccess');
  });

  test('verifies the address of a user who was not verified yet', async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    await request(email);
    const mail = await latchkey.mailTo(email, 2);
    expect((await reset({ email, code: mail.code ?? '' })).__typename).toBe('ResetPasswordSuccess');
    expect(await login(email, NEW_PASSWORD)).toBe('LoginSuccess');
  });

  test('a code or link to verify resets nothing', async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    const mail = await latchkey.mailTo(email);
    const token = new URL(mail.link ?? '').searchParams.get('token') ?? '';
    expect((await reset({ token })).__typename).toBe('InvalidCodeError');
    expect((await reset({ email, code: mail.code ?? '' })).__typename).toBe('InvalidCodeError');
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { token } });
    expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
  });

  test('a refused password spends neither the link nor a guess', async () => {
    const { email, token, code } = await forgetful();
    for (const newPassword of ['short', 'password123', email]) {
      expect((await reset({ token, newPassword })).__typename).toBe('ValidationError');
    }
    for (let guess = 0; guess < 6; guess++)
      expect((await reset({ email, code, newPassword: 'short' })).__typename).toBe('ValidationError');
    expect((await reset({ email, code })).__typename).toBe('ResetPasswordSuccess');
  });

  test('five wrong guesses end the code', async () => {
    const { email, code } = await forgetful();
    for (let guess = 0; guess < 5; guess++) {
      expect((await reset({ email, code: code === '000000' ? '000001' : '000000' })).__typename).toBe(
        'InvalidCodeError',
      );
    }
    expect((await reset({ email, code })).__typename).toBe('InvalidCodeError');
  });

  test('a link ends after 30 minutes, a code after 10', async () => {
    const { email, code, token } = await forgetful();
    latchkey.advance({ minutes: 10, seconds: 1 });
    expect((await reset({ email, code })).__typename).toBe('InvalidCodeError');
    latchkey.advance({ minutes: 20 });
    expect((await reset({ token })).__typename).toBe('InvalidCodeError');
  });

  test('answers for known and unknown addresses are equal, and only the known one gets an email', async () => {
    const { email } = await latchkey.person();
    const unknown = latchkey.address();
    const [a, b] = [await request(email), await request(unknown)];
    expect(Object.keys(a)).toEqual(Object.keys(b));
    expect([a.__typename, b.__typename]).toEqual(['RequestPasswordResetSuccess', 'RequestPasswordResetSuccess']);
    const [c, d] = [await request(email), await request(unknown)];
    expect([c.__typename, d.__typename]).toEqual(['TooManyAttemptsError', 'TooManyAttemptsError']);
    await latchkey.mailTo(email, 2);
    expect(latchkey.smtp.mails.filter((mail) => mail.envelope.to.includes(unknown))).toHaveLength(0);
  });

  test('an unknown address costs the same statements: it queues an email that is dropped', async () => {
    const { prisma } = latchkey.app.parts.database;
    const jobs = async () =>
      (await prisma.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'mail'`)[0]?.n ??
      0;
    const before = await jobs();
    await request(latchkey.address());
    expect(await jobs()).toBe(before + 1);
  });

  test('one email a minute, five an hour, ten a day', async () => {
    const email = latchkey.address();
    let sent = 0;
    for (let minute = 0; minute < 60; minute++) {
      if ((await request(email)).__typename === 'RequestPasswordResetSuccess') sent++;
      latchkey.advance({ minutes: 1 });
    }
    expect(sent).toBe(5);
    for (let hour = 0; hour < 22; hour++) {
      if ((await request(email)).__typename === 'RequestPasswordResetSuccess') sent++;
      latchkey.advance({ hours: 1 });
    }
    expect(sent).toBe(10);
  });
});
