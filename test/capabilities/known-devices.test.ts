import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ForgetDeviceDocument,
  LoginDocument,
  type LoginInput,
  LoginWithEmailDocument,
  LogoutEverywhereDocument,
  MySecurityDocument,
  RequestLoginDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, type Sending, startLatchkey } from '../support/latchkey.ts';
import { elsewhere, protectedPerson } from '../support/second-factor.ts';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };

describe.each(ENGINES)('known devices on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, clockStands: true });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  const signIn = async (input: LoginInput, sending: Sending = elsewhere()) =>
    (await latchkey.ask(LoginDocument, { input }, sending)).login;
  /** The token of a device on which the person has just signed in. */
  const deviceOf = async ({ email }: Pick<Person, 'email'>, deviceToken?: string) => {
    const answer = await signIn({ identifier: email, password: PASSWORD, ...(deviceToken && { deviceToken }) });
    if (answer.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(answer));
    return { token: answer.tokens.deviceToken ?? '', bearer: answer.tokens.accessToken };
  };
  /** Wrong passwords of strangers, each from a network of its own, until the clock has to move. */
  const guess = async (identifier: string, times: number) => {
    for (let done = 0; done < times; done += 20) {
      await Promise.all(Array.from({ length: 20 }, () => signIn({ identifier, password: 'wrong' })));
    }
  };
  const exhaustRow = async (identifier: string) => {
    for (let hour = 0; hour < 5; hour++) {
      await guess(identifier, 20);
      latchkey.advance({ hours: 1, seconds: 1 });
    }
  };
  const typeOn = async (identifier: string, deviceToken: string, password = PASSWORD) =>
    (await signIn({ identifier, password, deviceToken })).__typename;

  // The embedded database takes its time for each, under load.
  const many = engine === 'embedded' ? 200 : 1000;
  test(`after ${many} wrong passwords of strangers on many networks, the owner’s known device signs in at once`, async () => {
    const ada = await latchkey.person();
    const { token } = await deviceOf(ada);
    await guess(ada.email, many);
    const refused = await signIn({ identifier: ada.email, password: PASSWORD });
    expect(refused).toMatchObject({ __typename: 'TooManyAttemptsError', requiresEmailProof: false });
    expect(await typeOn(ada.email, token)).toBe('LoginSuccess');
    // That tells nothing about the strangers: they go on waiting.
    expect((await signIn({ identifier: ada.email, password: PASSWORD })).__typename).toBe('TooManyAttemptsError');
  });

  test('twenty wrong passwords an hour, from whatever networks, make unknown devices wait, and so for nobody', async () => {
    const ada = await latchkey.person();
    for (const identifier of [ada.email, `nobody.${engine}@example.test`]) {
      const runs = () => latchkey.app.parts.passwordHasher.runs();
      const before = runs();
      await guess(identifier, 40);
      expect(runs() - before, identifier).toBe(20);
      const refused = await signIn({ identifier, password: PASSWORD });
      expect(refused).toMatchObject({ __typename: 'TooManyAttemptsError', retryAfterSeconds: 1 });
    }
    latchkey.advance({ hours: 1, seconds: 2 });
    expect((await signIn({ identifier: ada.email, password: PASSWORD })).__typename).toBe('LoginSuccess');
  });

  test('after 100 in a row, an unknown device needs a proof by email, and gets in with it at once', async () => {
    const ada = await latchkey.person();
    const nobody = `nobody.row.${engine}@example.test`;
    for (const identifier of [ada.email, nobody]) {
      await exhaustRow(identifier);
      const refused = await signIn({ identifier, password: PASSWORD });
      expect(refused).toMatchObject({ __typename: 'TooManyAttemptsError', requiresEmailProof: true });
    }
    const { requestLogin } = await latchkey.ask(RequestLoginDocument, { input: { email: ada.email } });
    if (requestLogin.__typename !== 'RequestLoginSuccess') throw new Error(JSON.stringify(requestLogin));
    const { code } = await latchkey.mailTo(ada.email, 3);
    const input = { challengeToken: requestLogin.challengeToken, code };
    const { loginWithEmail } = await latchkey.ask(LoginWithEmailDocument, { input }, elsewhere());
    expect(loginWithEmail.__typename).toBe('LoginSuccess');
    expect((await signIn({ identifier: ada.email, password: PASSWORD })).__typename).toBe('LoginSuccess');
  });

  test('a reset by email always works, however many have been guessing', async () => {
    const ada = await latchkey.person();
    await exhaustRow(ada.email);
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const { code } = await latchkey.mailTo(ada.email, 3);
    const newPassword = 'nine unrelated red teapots';
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, {
      input: { email: ada.email, code, newPassword },
    });
    expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
    expect((await signIn({ identifier: ada.email, password: newPassword })).__typename).toBe('LoginSuccess');
  });

  test('a known device has a budget of its own, also for a guesser who has its token', async () => {
    const ada = await latchkey.person();
    const { token } = await deviceOf(ada);
    const guesses = Array.from({ length: 30 }, () => typeOn(ada.email, token, 'wrong'));
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((outcome) => outcome === 'InvalidCredentialsError')).toHaveLength(5);
    expect(await typeOn(ada.email, token)).toBe('TooManyAttemptsError');
    expect((await signIn({ identifier: ada.email, password: PASSWORD })).__typename).toBe('LoginSuccess');
  });

  test('a token is good for its account only; forged, old and forgotten ones are those of a stranger', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const first = (await deviceOf(ada)).token;
    const second = (await deviceOf(ada, first)).token;
    const again = await Promise.all(Array.from({ length: 4 }, () => deviceOf(ada, second)));
    expect(new Set(again.map(({ token }) => token)).size).toBe(1);
    const [{ token, bearer } = { token: '', bearer: '' }] = again;
    expect(new Set([first, second, token]).size).toBe(3);
    expect(await prisma().device.count({ where: { userId: ada.id } })).toBe(2);
    expect(await dump(latchkey)).not.toContain(token);
    await guess(ada.email, 20);
    await guess(bob.email, 20);
    // The one before the current one counts, because an answer may be lost.
    for (const known of [second, token]) expect(await typeOn(ada.email, known)).toBe('LoginSuccess');
    for (const other of [first, 'x'.repeat(70), '\0', `${token.slice(0, -2)}AA`, token.slice(1), 'x'.repeat(5000)]) {
      expect(await typeOn(ada.email, other), other.slice(0, 80)).toBe('TooManyAttemptsError');
    }
    expect(await typeOn(bob.email, token)).toBe('TooManyAttemptsError');

    const { me } = await latchkey.ask(MySecurityDocument, {}, { bearer });
    const current = me?.security?.knownDevices.find(({ isCurrent }) => isCurrent);
    const input = { deviceId: current?.id ?? '' };
    const stranger = await latchkey.send(ForgetDeviceDocument, { input }, { bearer: bob.accessToken });
    expect(stranger.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    const { forgetDevice } = await latchkey.ask(ForgetDeviceDocument, { input }, { bearer });
    expect(forgetDevice).toMatchObject({ __typename: 'ForgetDeviceSuccess', deviceId: current?.id });
    expect(await typeOn(ada.email, token)).toBe('TooManyAttemptsError');
  });

  test('it ends with a reset, with logoutEverywhere, and after a year', async () => {
    const newPassword = 'nine unrelated red teapots';
    const ENDS: Record<string, (ada: Person, bearer: string) => Promise<unknown>> = {
      logoutEverywhere: (_, bearer) => latchkey.ask(LogoutEverywhereDocument, {}, { bearer }),
      'a reset': async ({ email }) => {
        await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
        const { code } = await latchkey.mailTo(email, 2);
        return latchkey.ask(ResetPasswordDocument, { input: { email, code, newPassword } });
      },
      'a year': async () => latchkey.advance({ days: 365, seconds: 1 }),
    };
    for (const [name, end] of Object.entries(ENDS)) {
      const ada = await latchkey.person();
      const { token, bearer } = await deviceOf(ada);
      await end(ada, bearer);
      await guess(ada.email, 20);
      const password = name === 'a reset' ? newPassword : PASSWORD;
      expect(await typeOn(ada.email, token, password), name).toBe('TooManyAttemptsError');
    }
  });

  test('it replaces no second factor', async () => {
    const ada = await protectedPerson(latchkey);
    const device = await prisma().device.findFirstOrThrow({ where: { userId: ada.id } });
    expect(device.trustedUntil).toBeNull();
    const { deviceToken } = await import('#core/devices/device-token.ts');
    const token = deviceToken(latchkey.app.parts.secrets, device);
    expect(await typeOn(ada.email, token)).toBe('SecondFactorRequiredError');
  });

  test('twenty at most; the one used least recently is forgotten', async () => {
    const ada = await latchkey.person();
    const tokens = [];
    for (let each = 0; each < 21; each++) {
      tokens.push((await deviceOf(ada)).token);
      latchkey.advance({ seconds: 1 });
    }
    expect(await prisma().device.count({ where: { userId: ada.id, revokedAt: null } })).toBe(20);
    await guess(ada.email, 20);
    expect(await typeOn(ada.email, tokens[0] ?? '')).toBe('TooManyAttemptsError');
    expect(await typeOn(ada.email, tokens[20] ?? '')).toBe('LoginSuccess');
  });

  test('a browser keeps it in a cookie that no script can read', async () => {
    const ada = await latchkey.person();
    const headers = { origin: 'https://auth.example.test', 'content-type': 'application/json' };
    const query = `mutation ($input: LoginInput!) { login(input: $input) { __typename ... on LoginSuccess { tokens { deviceToken } } } }`;
    const login = async (password: string, cookie = '') => {
      const input = { identifier: ada.email, password, transport: 'COOKIE' };
      const body = JSON.stringify({ query, variables: { input } });
      const { ip } = elsewhere();
      return latchkey.fetch('/graphql', { method: 'POST', headers: { ...headers, cookie }, body }, ip);
    };
    const first = await login(PASSWORD);
    expect(await first.json()).toMatchObject({ data: { login: { tokens: { deviceToken: null } } } });
    const line = first.headers.getSetCookie().find((it) => it.startsWith('__Host-latchkey-device=')) ?? '';
    expect(line).toMatch(/; HttpOnly/i);
    expect(line).toMatch(/; Secure/i);
    await guess(ada.email, 20);
    expect(await (await login(PASSWORD)).json()).toMatchObject({
      data: { login: { __typename: 'TooManyAttemptsError' } },
    });
    const known = await login(PASSWORD, line.split(';')[0]);
    expect(await known.json()).toMatchObject({ data: { login: { __typename: 'LoginSuccess' } } });
    expect(known.headers.getSetCookie().some((it) => it.startsWith('__Host-latchkey-device='))).toBe(true);
  });

  test('the owner hears of a sign-in on a new device, at most once a day, and not on the first of the account', async () => {
    const ada = await latchkey.person();
    const noted = () => prisma().auditEvent.count({ where: { subjectId: ada.id, name: 'login.new_device' } });
    // On the first day of the account, nothing is said.
    await signIn({ identifier: ada.email, password: PASSWORD });
    latchkey.advance({ days: 1, seconds: 1 });
    expect(await noted()).toBe(0);
    const from = { ...elsewhere(), headers: FIREFOX };
    const first = await signIn({ identifier: ada.email, password: PASSWORD }, from);
    const mail = await latchkey.mailTo(ada.email, 2);
    expect(mail.subject).toBe('New sign-in to your account');
    expect(mail.text).toContain(`Device: Firefox, Linux. IP address: ${from.ip}.`);
    // The same device, with its token or without; another one on the same day.
    latchkey.advance({ days: 2 });
    const deviceToken = first.__typename === 'LoginSuccess' ? first.tokens.deviceToken : null;
    await signIn({ identifier: ada.email, password: PASSWORD, deviceToken });
    await signIn({ identifier: ada.email, password: PASSWORD }, from);
    expect(await noted()).toBe(1);
    for (let each = 0; each < 3; each++) await signIn({ identifier: ada.email, password: PASSWORD });
    expect(await noted()).toBe(2);
  });

  test('the owner hears of strangers who guess, at most once a day, and nobody else does', async () => {
    const ada = await latchkey.person();
    const nobody = `nobody.mail.${engine}@example.test`;
    for (const identifier of [ada.email, nobody]) await guess(identifier, 60);
    latchkey.advance({ hours: 2 });
    await guess(ada.email, 60);
    const mail = await latchkey.mailTo(ada.email, 2);
    expect(mail.subject).toBe('Someone is trying to guess your password');
    const where = { name: 'login.many_failures' };
    expect(await prisma().auditEvent.count({ where: { ...where, subjectId: ada.id } })).toBe(1);
    latchkey.advance({ days: 1 });
    await guess(ada.email, 20);
    expect(await prisma().auditEvent.count({ where: { ...where, subjectId: ada.id } })).toBe(2);
  });
});
