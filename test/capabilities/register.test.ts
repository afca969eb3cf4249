import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser } from '#capabilities/users/create-user.ts';
import { operatorContext } from '#cli/operator.ts';
import {
  DisplayEmailDocument,
  LoginDocument,
  RegisterDocument,
  ResendVerificationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('register on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const register = async (input: Record<string, unknown>) =>
    (
      await latchkey.ask(RegisterDocument, {
        input: { name: 'Ada', password: PASSWORD, email: latchkey.address(), ...input },
      })
    ).register;
  const fieldErrors = async (input: Record<string, unknown>) => {
    const result = await register(input);
    return result.__typename === 'ValidationError'
      ? result.fieldErrors.map(({ path, code }) => `${path.join('.')} ${code}`)
      : result;
  };

  test('makes an account and emails a code and a link to its address, and to nobody else', async () => {
    const email = latchkey.address();
    const result = await register({ email: email.toUpperCase() });
    expect(result).toMatchObject({ __typename: 'RegisterSuccess', email });
    const mail = await latchkey.mailTo(email);
    expect(mail.envelope.to).toEqual([email]);
    expect(mail.code).toMatch(/^\d{6}$/);
    expect(mail.link).toMatch(/^https:\/\/auth\.example\.test\/verify-email\?/);
  });

  test('links start with PUBLIC_URL whatever the Host header says', async () => {
    const email = latchkey.address();
    await latchkey.ask(
      RegisterDocument,
      { input: { name: 'Ada', email, password: PASSWORD } },
      {
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          origin: 'https://evil.example',
        },
      },
    );
    const mail = await latchkey.mailTo(email);
    expect(mail.link).toMatch(/^https:\/\/auth\.example\.test\//);
    expect(`${mail.text}${mail.html}`).not.toContain('evil.example');
  });

  test('the email speaks the language that was asked for', async () => {
    const email = latchkey.address();
    await register({ email, locale: 'de-AT' });
    expect((await latchkey.mailTo(email)).text).toContain('Bitte bestätigen');
  });

  test.each([
    ['de-AT, en;q=0.5', undefined, 'ist Ihr Code'],
    ['de-AT, en;q=0.5', 'tlh', 'ist Ihr Code'],
    ['de', 'fr_CA.UTF-8', 'est votre code'],
    ['tlh, *;q=0.1', undefined, 'is your code'],
  ])('with Accept-Language %s and the locale %s the email says %s', async (preferred, locale, said) => {
    const email = latchkey.address();
    const input = { name: 'Ada', email, password: PASSWORD, ...(locale === undefined ? {} : { locale }) };
    await latchkey.ask(RegisterDocument, { input }, { headers: { 'accept-language': preferred } });
    expect((await latchkey.mailTo(email)).subject).toContain(said);
  });

  test.each(['/api/users/', '/api/register'])('POST %s takes the language from Accept-Language', async (path) => {
    const email = latchkey.address();
    const answer = await latchkey.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'es-MX, en;q=0.1' },
      body: JSON.stringify({ name: 'Ada', email, password: PASSWORD }),
    });
    expect(answer.ok).toBe(true);
    expect((await latchkey.mailTo(email)).subject).toContain('es su código');
  });

  test('an address with a domain in Unicode is kept in ASCII, shown in Unicode, and signs in either way', async () => {
    const local = latchkey.address().split('@')[0];
    const ascii = `${local}@xn--mnchen-3ya.de`;
    expect(await register({ email: `${local}@MÜNCHEN.de` })).toMatchObject({ email: ascii });
    await verify(ascii, 1);
    for (const identifier of [ascii, `${local}@münchen.de`, `${local}@mu\u0308nchen.de`]) {
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } });
      if (login.__typename !== 'LoginSuccess') return expect.fail(login.__typename);
      const { me } = await latchkey.ask(DisplayEmailDocument, {}, { bearer: login.tokens.accessToken });
      expect(me).toEqual({ email: ascii, displayEmail: `${local}@münchen.de` });
    }
    expect(await fieldErrors({ email: `${local}@p\u0430ypal.com` })).toEqual(['email INVALID_FORMAT']);
  });

  test('an address that has an account gets the same answer as a new one, and its owner gets an email', async () => {
    const { email } = await latchkey.person();
    latchkey.advance({ minutes: 2 });
    const known = await register({ email });
    const unknown = await register({});
    expect(Object.keys(known)).toEqual(Object.keys(unknown));
    expect(known).toMatchObject({ __typename: 'RegisterSuccess', email });
    if (known.__typename !== 'RegisterSuccess' || unknown.__typename !== 'RegisterSuccess')
      throw new Error('not a success');
    const difference = Date.parse(known.resendAvailableAt) - Date.parse(unknown.resendAvailableAt);
    expect(Math.abs(difference)).toBeLessThan(5000);
    const notice = await latchkey.mailTo(email, 2);
    expect(notice.code).toBeNull();
    const again = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    expect(again.login.__typename).toBe('LoginSuccess');
  });

  test.each([
    ['Password1!', 'password TOO_COMMON'],
    ['Latchkey2024', 'password TOO_COMMON'],
    ['123456789012345', 'password TOO_COMMON'],
    ['grace12345678', 'password CONTAINS_PERSONAL_DATA'],
    ['0151 777 66 555', 'password CONTAINS_PERSONAL_DATA'],
    ['Turing.1912', 'password CONTAINS_PERSONAL_DATA'],
  ])('the password %s is refused of Grace: %s', async (password, problem) => {
    const input = { name: 'Grace', phone: '+4915177766555', username: `turing-${engine}`, password };
    expect(await fieldErrors(input)).toContain(problem);
  });

  test('two registrations of one address at once make one account', async () => {
    const email = latchkey.address();
    const results = await Promise.all(Array.from({ length: 8 }, () => register({ email })));
    expect(new Set(results.map((result) => result.__typename))).toEqual(new Set(['RegisterSuccess']));
    expect(await latchkey.app.parts.database.prisma.user.count({ where: { email } })).toBe(1);
  });

  const signIn = async (identifier: string, password: string) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;
  const verify = async (email: string, mails: number) => {
    const { code } = await latchkey.mailTo(email, mails);
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
    expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
  };

  test('repeated with the same password it is the same registration', async () => {
    const email = latchkey.address();
    await register({ email });
    expect((await register({ email })).__typename).toBe('RegisterSuccess');
    await verify(email, 1);
    expect(await signIn(email, PASSWORD)).toBe('LoginSuccess');
  });

  test('a registration that failed has cost no email', async () => {
    const { outbox } = latchkey.app.parts;
    const { queue } = outbox;
    const email = latchkey.address();
    const input = { name: 'Ada', email, password: PASSWORD };
    outbox.queue = () => Promise.reject(new Error('the disk is full'));
    try {
      for (let n = 0; n < 12; n++) expect((await latchkey.send(RegisterDocument, { input })).errors).toHaveLength(1);
    } finally {
      outbox.queue = queue;
    }
    expect((await register({ email })).__typename).toBe('RegisterSuccess');
    await verify(email, 1);
  });

  test('when to ask again is the same for an address with and without an account', async () => {
    const { email: known } = await latchkey.person();
    latchkey.advance({ minutes: 2 });
    const times: number[] = [];
    for (const email of [known, latchkey.address()]) {
      await latchkey.ask(ResendVerificationDocument, { input: { email } });
      latchkey.advance({ seconds: 20 });
      const answer = await register({ email });
      if (answer.__typename !== 'RegisterSuccess') throw new Error(answer.__typename);
      times.push(Math.round((Date.parse(answer.resendAvailableAt) - latchkey.app.parts.clock().getTime()) / 1000));
    }
    // Twenty seconds have passed, and whatever the machine needed; not the whole minute of a new email.
    for (const seconds of times) expect(seconds).toBeLessThanOrEqual(40);
    for (const seconds of times) expect(seconds).toBeGreaterThan(25);
  });

  test('an account that an operator created keeps its address, username and password when someone registers with them', async () => {
    const email = latchkey.address();
    const username = `imported${process.pid}${engine}`;
    const ctx = operatorContext(latchkey.app.parts);
    const { user } = await createUser(ctx, { name: 'Bob', email, username, role: 'admin', password: PASSWORD });
    await latchkey.mailTo(email);
    // The code of that email has ended, and so has its link.
    latchkey.advance({ hours: 25 });
    expect((await register({ email, password: 'the password of a stranger' })).__typename).toBe('RegisterSuccess');
    expect(await fieldErrors({ username })).toEqual(['username ALREADY_TAKEN']);
    await verify(email, 2);
    expect(await signIn(email, 'the password of a stranger')).toBe('InvalidCredentialsError');
    expect(await signIn(username, PASSWORD)).toBe('LoginSuccess');
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.user.findUnique({ where: { email } })).toMatchObject({ id: user.id, username });
  });

  test('an account that was disabled before verification cannot come back by registering again', async () => {
    const email = latchkey.address();
    const { prisma } = latchkey.app.parts.database;
    await register({ email });
    await prisma.user.update({ where: { email }, data: { disabledAt: latchkey.app.parts.clock() } });
    latchkey.advance({ hours: 25 });
    await register({ email });
    expect(await signIn(email, PASSWORD)).toBe('AccountDisabledError');
  });

  test('a registration of a verified address takes no username away', async () => {
    const username = `hedy${process.pid}${engine}`;
    const pending = latchkey.address();
    await register({ email: pending, username });
    const { email } = await latchkey.person();
    await register({ email, username });
    expect(await latchkey.app.parts.database.prisma.user.count({ where: { email: pending, username } })).toBe(1);
  });

  test('reports all problems of the input at once, and writes nothing', async () => {
    const before = await latchkey.app.parts.database.prisma.user.count();
    expect(
      await fieldErrors({
        name: '  ',
        email: 'nobody',
        password: 'short',
        username: 'a b',
        phone: '12',
        role: 'admin',
      }),
    ).toEqual([
      'name REQUIRED',
      'email INVALID_FORMAT',
      'username INVALID_FORMAT',
      'phone INVALID_FORMAT',
      'role NOT_ALLOWED',
      'password TOO_SHORT',
    ]);
    expect(await latchkey.app.parts.database.prisma.user.count()).toBe(before);
  });

  test.each([
    ['a name with a NUL byte', { name: 'A\u0000da' }, 'name INVALID_CHARACTERS'],
    ['a name with a lone surrogate', { name: 'Ada \ud800' }, 'name INVALID_CHARACTERS'],
    ['a name of two lines', { name: 'Ada\r\nBcc: x@example.test' }, 'name INVALID_CHARACTERS'],
    ['a name of 101 characters', { name: 'ä'.repeat(101) }, 'name TOO_LONG'],
    ['two addresses', { email: 'a@example.test,b@example.test' }, 'email INVALID_FORMAT'],
    ['a display name', { email: 'Ada <ada@example.test>' }, 'email INVALID_FORMAT'],
    ['an address outside ASCII', { email: 'ädä@example.test' }, 'email INVALID_FORMAT'],
    ['the Kelvin sign in an address', { email: '\u212aelvin@example.test' }, 'email INVALID_FORMAT'],
    ['a quoted local part', { email: '"a b"@example.test' }, 'email INVALID_FORMAT'],
    ['an address with a NUL byte', { email: 'a\u0000@example.test' }, 'email INVALID_FORMAT'],
    ['an endless address', { email: `${'a'.repeat(5000)}@example.test` }, 'email INVALID_FORMAT'],
    ['a common password', { password: 'password123' }, 'password TOO_COMMON'],
    ['a password of 129 characters', { password: 'x'.repeat(129) }, 'password TOO_LONG'],
    ['a password with a NUL byte', { password: 'correct horse\u0000battery' }, 'password INVALID_CHARACTERS'],
    ['a password with a lone surrogate', { password: 'correct horse \udc00 battery' }, 'password INVALID_CHARACTERS'],
    [
      'the address as password',
      { email: 'grace.hopper@example.test', password: 'grace.hopper@example.test' },
      'password CONTAINS_PERSONAL_DATA',
    ],
  ])('refuses %s', async (_, input, expected) => {
    expect(await fieldErrors(input)).toContain(expected);
  });

  test('a username or phone of a verified account is taken; of an unverified one it goes to who asks next', async () => {
    const handle = `ada${process.pid}${engine}`;
    await latchkey.person({ username: handle });
    expect(await fieldErrors({ username: handle.toUpperCase() })).toEqual(['username ALREADY_TAKEN']);

    const phone = '+491511234567';
    const first = latchkey.address();
    await register({ email: first, phone });
    const owner = await latchkey.person({ phone: '+49 (151) 123-4567' });
    const users = await latchkey.app.parts.database.prisma.user.findMany({
      where: { email: { in: [first, owner.email] } },
      orderBy: { createdAt: 'asc' },
    });
    expect(users.map((user) => user.phone)).toEqual([null, phone]);
  });

  test('of two people who request the same username at once, one gets it', async () => {
    const username = `grace${process.pid}${engine}`;
    const results = await Promise.all(Array.from({ length: 6 }, () => register({ username })));
    expect(new Set(results.map((result) => result.__typename))).toEqual(new Set(['RegisterSuccess']));
    expect(await latchkey.app.parts.database.prisma.user.count({ where: { username } })).toBe(1);
  });

  test('the database dump contains no password, code or token, and neither does the log', async () => {
    const email = latchkey.address();
    const password = 'a password nobody would guess';
    await register({ email, password });
    const { code, link } = await latchkey.mailTo(email);
    const token = new URL(link ?? '').searchParams.get('token') ?? '';
    const { accessToken, refreshToken } = await latchkey.person();
    for (const text of [await dump(latchkey), latchkey.logged()]) {
      expect(text.length).toBeGreaterThan(1000);
      for (const secret of [password, token, accessToken, refreshToken, PASSWORD]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(new RegExp(`(?<![0-9a-f])${code}(?![0-9a-f])`));
    }
    expect(latchkey.logged()).not.toContain(email);
  });
});

describe('register with ACCOUNT_DISCOVERY=reveal', () => {
  test('tells that an address has an account', async () => {
    const latchkey = await startLatchkey({ env: { ACCOUNT_DISCOVERY: 'reveal' } });
    const { email } = await latchkey.person();
    const { register } = await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    expect(register.__typename).toBe('EmailTakenError');
    await latchkey.close();
  });
});
