import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  LoginDocument,
  MeDocument,
  ReauthenticateDocument,
  type ReauthenticateInput,
  RefreshDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';

const NEW_PASSWORD = 'an entirely new password';

describe.each(ENGINES)('changePassword on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const network = () => `203.0.113.${++networks}`;
  type Change = { currentPassword?: string; newPassword?: string; endOtherSessions?: boolean };
  const change = async ({ accessToken }: Person, input: Change = {}, ip = network()) =>
    (
      await latchkey.ask(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...input } },
        { bearer: accessToken, ip },
      )
    ).changePassword;
  const login = async (identifier: string, password: string, ip = network()) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, { ip })).login;
  /** A further session of someone. */
  const elsewhere = async ({ email }: Person) => {
    const answer = await login(email, PASSWORD);
    if (answer.__typename !== 'LoginSuccess') throw new Error(answer.__typename);
    return answer.tokens.accessToken;
  };
  const isAlive = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me != null;

  test('sets the new password; this session continues, the others end, and the owner is notified', async () => {
    const ada = await latchkey.person();
    const other = await elsewhere(ada);
    expect(await change(ada)).toEqual({ __typename: 'ChangePasswordSuccess', endedSessions: 1 });
    expect([await isAlive(ada.accessToken), await isAlive(other)]).toEqual([true, false]);
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: ada.refreshToken } });
    expect(refresh.__typename).toBe('RefreshSuccess');
    expect((await login(ada.email, PASSWORD)).__typename).toBe('InvalidCredentialsError');
    expect((await login(ada.email, NEW_PASSWORD)).__typename).toBe('LoginSuccess');
    const mail = await latchkey.mailTo(ada.email, 2);
    expect(mail.subject).toBe('Your password was changed');
    expect(mail.text).toContain('All other devices have been signed out.');
    expect([mail.code, mail.link]).toEqual([null, null]);
  });

  test('an account with a second factor needs a recent proof by it, whatever the password', async () => {
    const safe = await protectedPerson(latchkey);
    latchkey.advance({ hours: 1 });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: safe.refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    const ada = { ...safe, accessToken: refresh.tokens.accessToken };
    for (const currentPassword of [PASSWORD, 'wrong password entirely']) {
      expect(await change(ada, { currentPassword })).toMatchObject({
        __typename: 'ReauthenticationRequiredError',
        proofMethods: ['TOTP', 'RECOVERY_CODE'],
      });
    }
    const prove = async (input: ReauthenticateInput) => {
      const { reauthenticate } = await latchkey.ask(ReauthenticateDocument, { input }, { bearer: ada.accessToken });
      if (reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error(JSON.stringify(reauthenticate));
      return { ...ada, accessToken: reauthenticate.accessToken };
    };
    expect((await change(await prove({ password: PASSWORD }))).__typename).toBe('ReauthenticationRequiredError');
    const strong = await prove({ code: safe.app.code() });
    expect((await change(strong, { currentPassword: 'wrong' })).__typename).toBe('InvalidCredentialsError');
    expect((await change(strong)).__typename).toBe('ChangePasswordSuccess');
    // The change does not count as a proof for a token that was stolen earlier.
    expect((await change(ada, { currentPassword: NEW_PASSWORD, newPassword: PASSWORD })).__typename).toBe(
      'ReauthenticationRequiredError',
    );
  });

  test('leaves the other sessions alone when asked to', async () => {
    const ada = await latchkey.person();
    const other = await elsewhere(ada);
    expect(await change(ada, { endOtherSessions: false })).toMatchObject({ endedSessions: 0 });
    expect(await isAlive(other)).toBe(true);
  });

  test('a reset link that was sent earlier no longer works', async () => {
    const ada = await latchkey.person();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const { link, code } = await latchkey.mailTo(ada.email, 2);
    const token = new URL(link ?? '').searchParams.get('token') ?? '';
    await change(ada);
    for (const proof of [{ token }, { email: ada.email, code }]) {
      const input = { ...proof, newPassword: 'what a thief would like' };
      const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input });
      expect(resetPassword.__typename).toBe('InvalidCodeError');
    }
  });

  test('a stolen access token gives no free guesses: they draw on the budget of the login', async () => {
    const ada = await latchkey.person();
    const ip = network();
    for (let guess = 0; guess < 5; guess++) {
      const answer = await change(ada, { currentPassword: `guess ${guess}` }, ip);
      expect(answer.__typename).toBe('InvalidCredentialsError');
    }
    expect((await change(ada, {}, ip)).__typename).toBe('TooManyAttemptsError');
    expect((await login(ada.email, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
    expect((await login(ada.email, PASSWORD)).__typename).toBe('LoginSuccess');
  });

  test('a refused new password does not count as a guess, and changes nothing', async () => {
    const ada = await latchkey.person();
    const ip = network();
    for (const newPassword of ['short', 'password123', ada.email, PASSWORD, '']) {
      const answer = await change(ada, { currentPassword: PASSWORD, newPassword }, ip);
      expect(answer).toMatchObject({ __typename: 'ValidationError', fieldErrors: [{ path: ['newPassword'] }] });
    }
    for (let guess = 0; guess < 6; guess++) await change(ada, { currentPassword: 'wrong', newPassword: 'short' }, ip);
    expect((await change(ada, {}, ip)).__typename).toBe('ChangePasswordSuccess');
  });

  test('needs a session', async () => {
    const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    const { errors } = await latchkey.send(ChangePasswordDocument, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('of many changes at once, one wins', async () => {
    const ada = await latchkey.person();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => change(ada, { newPassword: `${NEW_PASSWORD} ${index}` })),
    );
    const winners = answers.flatMap(({ __typename }, index) => (__typename === 'ChangePasswordSuccess' ? [index] : []));
    expect(winners).toHaveLength(1);
    expect((await login(ada.email, `${NEW_PASSWORD} ${winners[0]}`)).__typename).toBe('LoginSuccess');
  });

  test('a login with the old password at the same time leaves no live session', async () => {
    for (let round = 0; round < 4; round++) {
      const ada = await latchkey.person();
      const logins = Array.from({ length: 4 }, () => login(ada.email, PASSWORD));
      const [changed, ...results] = await Promise.all([change(ada), ...logins]);
      expect(changed.__typename).toBe('ChangePasswordSuccess');
      for (const result of results) {
        if (result.__typename === 'LoginSuccess') expect(await isAlive(result.tokens.accessToken)).toBe(false);
      }
      expect(await isAlive(ada.accessToken)).toBe(true);
    }
  });
});
