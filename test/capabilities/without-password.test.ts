/** People who sign in by email and have no password: register, prove who they are, choose one, delete the account. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  DeleteAccountDocument,
  LoginDocument,
  LoginWithEmailDocument,
  MySecurityDocument,
  RegisterDocument,
  type RegisterInput,
  RequestLoginDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { elsewhere } from '../support/second-factor.ts';

const NEW_PASSWORD = 'nine unrelated red teapots';

describe.each(ENGINES)('without a password, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;
  const mailsTo = (email: string) => latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email));

  const register = async (input: Partial<RegisterInput> & { email: string }) =>
    (await latchkey.ask(RegisterDocument, { input: { name: 'Grace Hopper', ...input } }, elsewhere())).register;
  const verify = async (email: string, count = 1) => {
    const { code } = await latchkey.mailTo(email, count);
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
    expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
  };
  /** The access token of a sign-in by email. */
  const signIn = async (email: string, before: number) => {
    const { requestLogin } = await latchkey.ask(RequestLoginDocument, { input: { email } }, elsewhere());
    if (requestLogin.__typename !== 'RequestLoginSuccess') throw new Error(requestLogin.__typename);
    const { code } = await latchkey.mailTo(email, before + 1);
    const input = { challengeToken: requestLogin.challengeToken, code };
    const { loginWithEmail } = await latchkey.ask(LoginWithEmailDocument, { input });
    if (loginWithEmail.__typename !== 'LoginSuccess') throw new Error(loginWithEmail.__typename);
    return loginWithEmail.tokens.accessToken;
  };
  const grace = async () => {
    const email = latchkey.address();
    expect((await register({ email })).__typename).toBe('RegisterSuccess');
    await verify(email);
    return { email, bearer: await signIn(email, 1) };
  };

  test('someone registers, keeps their name, and is not sent an email to choose a password', async () => {
    const { email, bearer } = await grace();
    expect(mailsTo(email).map(({ subject }) => subject)).not.toContain('Choose a password');
    expect(mailsTo(email)[0]?.text).toContain('Grace Hopper');
    const { me } = await latchkey.ask(MySecurityDocument, {}, { bearer });
    expect(me?.security?.hasPassword).toBe(false);
    expect(await prisma().user.findUnique({ where: { email } })).toMatchObject({ name: 'Grace Hopper' });
    for (const password of [PASSWORD, ' ']) {
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password } }, elsewhere());
      expect(login.__typename).toBe('InvalidCredentialsError');
    }
  });

  test('the same registration again changes nothing; one that says anything else voids both', async () => {
    const [again, contested, other] = [latchkey.address(), latchkey.address(), latchkey.address()];
    for (const email of [again, again]) await register({ email });
    await register({ email: contested });
    await register({ email: contested, name: 'Someone Else' });
    await register({ email: other });
    await register({ email: other, password: PASSWORD });
    const account = (email: string) => prisma().user.findUnique({ where: { email } });
    expect(await account(again)).toMatchObject({ name: 'Grace Hopper', passwordHash: null, isPasswordless: true });
    for (const email of [contested, other]) {
      const blank = { name: email.split('@')[0], passwordHash: null, isPasswordless: false };
      expect(await account(email)).toMatchObject(blank);
    }
  });

  test('the account is deleted after a recent sign-in alone', async () => {
    const { email, bearer } = await grace();
    const remove = async (token: string) =>
      (await latchkey.ask(DeleteAccountDocument, { input: {} }, { bearer: token })).deleteAccount;
    await prisma().session.updateMany({ where: { user: { email } }, data: { authenticatedAt: new Date(0) } });
    expect(await remove(bearer)).toMatchObject({
      __typename: 'ReauthenticationRequiredError',
      proofMethods: ['EMAIL'],
    });
    latchkey.advance({ minutes: 2 });
    expect((await remove(await signIn(email, 2))).__typename).toBe('DeleteAccountSuccess');
  });

  test('someone who has a password may leave it out there, after a recent sign-in', async () => {
    const ada = await latchkey.person();
    await prisma().session.updateMany({ where: { userId: ada.id }, data: { authenticatedAt: new Date(0) } });
    const remove = async (bearer: string) =>
      (await latchkey.ask(DeleteAccountDocument, { input: {} }, { bearer })).deleteAccount.__typename;
    expect(await remove(ada.accessToken)).toBe('ReauthenticationRequiredError');
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    expect(await remove(login.tokens.accessToken)).toBe('DeleteAccountSuccess');
  });

  test('the first password is chosen after a recent sign-in; someone who has one must enter it', async () => {
    const { email, bearer } = await grace();
    const change = async (token: string, currentPassword?: string) => {
      const input = { newPassword: NEW_PASSWORD, ...(currentPassword !== undefined && { currentPassword }) };
      return (await latchkey.ask(ChangePasswordDocument, { input }, { bearer: token, ...elsewhere() })).changePassword;
    };
    await prisma().session.updateMany({ where: { user: { email } }, data: { authenticatedAt: new Date(0) } });
    expect((await change(bearer)).__typename).toBe('ReauthenticationRequiredError');
    latchkey.advance({ minutes: 2 });
    const recent = await signIn(email, 2);
    expect((await change(recent, 'not mine')).__typename).toBe('InvalidCredentialsError');
    const answers = await Promise.all(Array.from({ length: 5 }, () => change(recent)));
    expect(answers.filter(({ __typename }) => __typename === 'ChangePasswordSuccess')).toHaveLength(1);
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: NEW_PASSWORD } });
    expect(login.__typename).toBe('LoginSuccess');
    for (const left of [undefined, '']) {
      expect(await change(recent, left)).toMatchObject({
        __typename: 'ValidationError',
        fieldErrors: [{ path: ['currentPassword'], code: 'REQUIRED' }],
      });
    }
  });
});

describe('SIGN_IN_METHODS decides', () => {
  test('where email does not sign in, a password is required', async () => {
    const latchkey = await startLatchkey({ env: { SIGN_IN_METHODS: 'password' } });
    const input = { name: 'Grace Hopper', email: latchkey.address() };
    const { register } = await latchkey.ask(RegisterDocument, { input });
    expect(register).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['password'], code: 'REQUIRED' }],
    });
    await latchkey.close();
  });

  test('where passwords do not sign in, nobody is asked to choose one', async () => {
    const latchkey = await startLatchkey({ env: { SIGN_IN_METHODS: 'email' } });
    const email = latchkey.address();
    // After competing registrations, everyone else is sent an email to choose a password.
    await latchkey.ask(RegisterDocument, { input: { name: 'Grace Hopper', email } });
    await latchkey.mailTo(email);
    latchkey.advance({ minutes: 2 });
    await latchkey.ask(RegisterDocument, { input: { name: 'Someone Else', email } });
    const { code } = await latchkey.mailTo(email, 2);
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
    expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
    await latchkey.ask(RequestLoginDocument, { input: { email } });
    expect((await latchkey.mailTo(email, 3)).subject).toBe('Your sign-in code');
    await latchkey.close();
  });
});
