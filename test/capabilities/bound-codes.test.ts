/** Codes that count only together with the token of the request that asked for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  RegisterWithBoundCodeDocument,
  RequestBoundPasswordResetDocument,
  ResendBoundVerificationDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('a code that is bound to its request, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const NEW = 'an entirely new password';
  type Answer = { __typename: string; requestToken?: string | null };
  const tokenIn = (answer: Answer) => {
    if (answer.requestToken == null) throw new Error(JSON.stringify(answer));
    return answer.requestToken;
  };
  const register = async (email: string, bindCode = true) =>
    (await latchkey.ask(RegisterWithBoundCodeDocument, { input: { name: 'Ada', email, password: PASSWORD, bindCode } }))
      .register;
  const request = async (email: string, bindCode = true) =>
    (await latchkey.ask(RequestBoundPasswordResetDocument, { input: { email, bindCode } })).requestPasswordReset;
  type Proof = { email?: string; code?: string | null; requestToken?: string; token?: string | null };
  const verify = async (input: Proof) => (await latchkey.ask(VerifyEmailDocument, { input })).verifyEmail.__typename;
  const reset = async (input: Proof) =>
    (await latchkey.ask(ResetPasswordDocument, { input: { ...input, newPassword: NEW } })).resetPassword.__typename;

  test('verifies with the token of the registration, and with nothing else', async () => {
    const email = latchkey.address();
    const requestToken = tokenIn(await register(email));
    const { code } = await latchkey.mailTo(email);
    const other = tokenIn(await register(latchkey.address()));
    expect(await verify({ email, code })).toBe('InvalidCodeError');
    expect(await verify({ requestToken: other, code })).toBe('InvalidCodeError');
    expect(await verify({ requestToken, code: code === '123456' ? '654321' : '123456' })).toBe('InvalidCodeError');
    const resetToken = tokenIn(await request(email));
    expect(await verify({ requestToken: resetToken, code })).toBe('InvalidCodeError');
    expect(await verify({ requestToken, code })).toBe('VerifyEmailSuccess');
    // The same request again, as after a lost answer.
    expect(await verify({ requestToken, code })).toBe('VerifyEmailSuccess');
  });

  test('strangers cannot use up its attempts', async () => {
    const { email } = await latchkey.person();
    const requestToken = tokenIn(await request(email));
    const { code } = await latchkey.mailTo(email, 2);
    const guesses = Array.from({ length: 9 }, (_, n) => reset({ email, code: String(100_000 + n) }));
    expect(new Set(await Promise.all(guesses))).toEqual(new Set(['InvalidCodeError']));
    expect(await reset({ requestToken, code })).toBe('ResetPasswordSuccess');
  });

  test('its owner has five attempts, also at once', async () => {
    const { email } = await latchkey.person();
    const requestToken = tokenIn(await request(email));
    const { code } = await latchkey.mailTo(email, 2);
    const wrong = Array.from({ length: 5 }, (_, n) => String((Number(code) + n + 1) % 1_000_000).padStart(6, '0'));
    for (const answer of await Promise.all(wrong.map((guess) => reset({ requestToken, code: guess }))))
      expect(answer).toBe('InvalidCodeError');
    expect(await reset({ requestToken, code })).toBe('InvalidCodeError');
  });

  test('the link works anywhere, and the newest email counts', async () => {
    const email = latchkey.address();
    const first = tokenIn(await register(email));
    const { code } = await latchkey.mailTo(email);
    latchkey.advance({ minutes: 2 });
    const resend = { input: { email, bindCode: true } };
    tokenIn((await latchkey.ask(ResendBoundVerificationDocument, resend)).resendVerification);
    const { link } = await latchkey.mailTo(email, 2);
    expect(await verify({ requestToken: first, code })).toBe('InvalidCodeError');
    expect(await verify({ token: new URL(link ?? '').searchParams.get('token') })).toBe('VerifyEmailSuccess');
  });

  test('a registration that sends no email has no token; the first email counts, and then another can be requested', async () => {
    const taken = (await latchkey.person()).email;
    const [free, contested] = [latchkey.address(), latchkey.address()];
    latchkey.advance({ minutes: 2 });
    const first = tokenIn(await register(free));
    const others = [tokenIn(await register(contested)), tokenIn(await register(taken))];
    expect(new Set([first, ...others]).size).toBe(3);
    const again = { name: 'Someone Else', email: contested, password: NEW, bindCode: true };
    const answers = [
      await register(free),
      await register(taken),
      (await latchkey.ask(RegisterWithBoundCodeDocument, { input: again })).register,
    ];
    for (const answer of answers) {
      expect(Object.keys(answer)).toEqual(Object.keys(answers[0] ?? {}));
      expect(answer).toMatchObject({ __typename: 'RegisterSuccess', requestToken: null });
    }
    const { code } = await latchkey.mailTo(free);
    expect(await verify({ requestToken: first, code })).toBe('VerifyEmailSuccess');

    latchkey.advance({ minutes: 1 });
    const resend = { input: { email: contested, bindCode: true } };
    const requestToken = tokenIn((await latchkey.ask(ResendBoundVerificationDocument, resend)).resendVerification);
    const { code: next } = await latchkey.mailTo(contested, 2);
    expect(await verify({ requestToken, code: next })).toBe('VerifyEmailSuccess');
  });

  test('an unknown address gets a token that looks the same and opens nothing', async () => {
    const { email } = await latchkey.person();
    const [known, unknown] = [await request(email), await request(latchkey.address())];
    const shape = (answer: Answer) => ({ names: Object.keys(answer), length: tokenIn(answer).length });
    expect(shape(unknown)).toEqual(shape(known));
    expect(await reset({ requestToken: tokenIn(unknown), code: '123456' })).toBe('InvalidCodeError');
    latchkey.advance({ minutes: 2 });
    const [again, taken] = [await register(latchkey.address()), await register(email)];
    expect(shape(taken)).toEqual(shape(again));
  });

  test('without bindCode there is no token, and address and code are enough', async () => {
    const email = latchkey.address();
    expect(await register(email, false)).toMatchObject({ __typename: 'RegisterSuccess', requestToken: null });
    const { code } = await latchkey.mailTo(email);
    expect(await verify({ requestToken: tokenIn(await request(email)), code })).toBe('InvalidCodeError');
    expect(await verify({ email, code })).toBe('VerifyEmailSuccess');
  });

  test('a token stands for the address, so both together are refused', async () => {
    const requestToken = tokenIn(await request(latchkey.address()));
    expect(await reset({ requestToken, email: latchkey.address(), code: '123456' })).toBe('ValidationError');
    expect(await reset({ requestToken, token: 'x' })).toBe('ValidationError');
    expect(await reset({ requestToken })).toBe('ValidationError');
    for (const made of ['', 'x', 'A'.repeat(64), requestToken.slice(1)]) {
      const answer = await reset({ requestToken: made, code: '123456', ...(made === '' && { email: 'a@b.test' }) });
      expect([made, answer]).toEqual([made, 'InvalidCodeError']);
    }
  });
});
