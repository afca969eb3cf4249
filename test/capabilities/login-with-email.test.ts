import { stringify, version } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, LoginWithEmailDocument, RegisterDocument, RequestLoginDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, confirm, elsewhere, nextStep, protectedPerson } from '../support/second-factor.ts';
import { workOf } from '../support/work.ts';

describe.each(ENGINES)('sign-in by email, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  const request = async (email: string) => {
    const { requestLogin } = await latchkey.ask(RequestLoginDocument, { input: { email } }, elsewhere());
    if (requestLogin.__typename !== 'RequestLoginSuccess') throw new Error(JSON.stringify(requestLogin));
    return requestLogin;
  };
  const signIn = async (input: { challengeToken?: string; code?: string | null; token?: string }) =>
    (await latchkey.ask(LoginWithEmailDocument, { input }, elsewhere())).loginWithEmail;
  const linkIn = (text: string) => /sign-in-with-email\?token=([\w-]+)/.exec(text)?.[1] ?? '';

  test('the code signs in with its own request, once, also by many at once', async () => {
    const ada = await latchkey.person();
    const { challengeToken, expiresAt } = await request(ada.email);
    expect(Date.parse(expiresAt) - latchkey.app.parts.clock().getTime()).toBeGreaterThan(9 * 60_000);
    const { code, subject } = await latchkey.mailTo(ada.email, 2);
    expect(subject).toBe('Your sign-in code');
    const answers = await Promise.all(Array.from({ length: 10 }, () => signIn({ challengeToken, code })));
    const won = answers.filter(({ __typename }) => __typename === 'LoginSuccess');
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({ user: { email: ada.email }, session: { method: 'EMAIL' } });
    if (won[0]?.__typename !== 'LoginSuccess') throw new Error();
    const claims = JSON.parse(Buffer.from(won[0].tokens.accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ acr: 'aal1', amr: ['email'] });
  });

  test('the code of one request is refused in another, and a later request does not end an earlier one', async () => {
    const ada = await latchkey.person();
    const first = await request(ada.email);
    const { code } = await latchkey.mailTo(ada.email, 2);
    latchkey.advance({ minutes: 2 });
    const second = await request(ada.email);
    const wrong = await signIn({ challengeToken: second.challengeToken, code });
    expect(wrong.__typename).toBe('InvalidCodeError');
    expect((await signIn({ challengeToken: first.challengeToken, code })).__typename).toBe('LoginSuccess');
  });

  test('five wrong codes, ten minutes', async () => {
    const ada = await latchkey.person();
    const { challengeToken } = await request(ada.email);
    const mail = await latchkey.mailTo(ada.email, 2);
    const wrong = (mail.code ?? '').replace(/./, (digit) => String((Number(digit) + 1) % 10));
    for (let guess = 0; guess < 5; guess++) {
      expect((await signIn({ challengeToken, code: wrong })).__typename).toBe('InvalidCodeError');
    }
    expect((await signIn({ challengeToken, code: mail.code })).__typename).toBe('InvalidCodeError');
    latchkey.advance({ minutes: 10, seconds: 1 });
    expect((await signIn({ token: linkIn(mail.text) })).__typename).toBe('InvalidCodeError');
  });

  test('the link signs in anywhere, once', async () => {
    const ada = await latchkey.person();
    await request(ada.email);
    const token = linkIn((await latchkey.mailTo(ada.email, 2)).text);
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn({ token })));
    expect(answers.filter(({ __typename }) => __typename === 'LoginSuccess')).toHaveLength(1);
  });

  test('it is one factor: the second one is asked for, and wrong ones do not touch the password', async () => {
    const ada = await protectedPerson(latchkey);
    const { challengeToken } = await request(ada.email);
    const { code } = await latchkey.mailTo(ada.email, 3);
    const answer = await signIn({ challengeToken, code });
    if (answer.__typename !== 'SecondFactorRequiredError') throw new Error(answer.__typename);
    const wrong = ada.app.code().replace(/./, (digit) => String((Number(digit) + 5) % 10));
    await confirm(latchkey, { challengeToken: answer.challengeToken, code: wrong });
    expect((await prisma().user.findUniqueOrThrow({ where: { id: ada.id } })).secondFactorFailures).toBe(0);
    const done = await confirm(latchkey, { challengeToken: answer.challengeToken, code: ada.app.code() });
    expect(done.__typename).toBe('LoginSuccess');
  });

  test('many wrong passwords before it cause no email that says that the right one followed', async () => {
    const ada = await protectedPerson(latchkey);
    const input = { identifier: ada.email, password: 'wrong' };
    for (let guess = 0; guess < 10; guess++) await latchkey.ask(LoginDocument, { input }, elsewhere());
    const { challengeToken } = await request(ada.email);
    const answer = await signIn({ challengeToken, code: (await latchkey.mailTo(ada.email, 3)).code });
    if (answer.__typename !== 'SecondFactorRequiredError') throw new Error(answer.__typename);
    const done = await confirm(latchkey, { challengeToken: answer.challengeToken, code: ada.app.code() });
    expect(done.__typename).toBe('LoginSuccess');
    const reports = { subjectId: ada.id, name: 'login.after_failures' };
    expect(await prisma().auditEvent.count({ where: reports })).toBe(0);
    // The password itself still reports them.
    nextStep(latchkey);
    const right = { challengeToken: await challengeOf(latchkey, ada), code: ada.app.code() };
    expect((await confirm(latchkey, right)).__typename).toBe('LoginSuccess');
    expect(await prisma().auditEvent.count({ where: reports })).toBe(1);
  });

  test('the email speaks the language that was asked for, or else that of the account', async () => {
    const ada = await latchkey.person();
    const subjectFor = async (input: { locale?: string }, count: number) => {
      latchkey.advance({ minutes: 2 });
      await latchkey.ask(RequestLoginDocument, { input: { email: ada.email, ...input } }, elsewhere());
      const { subject, text } = await latchkey.mailTo(ada.email, count);
      return [subject, /lang=(\w+)/.exec(text)?.[1]];
    };
    expect(await subjectFor({ locale: 'fr-CA' }, 2)).toEqual(['Votre code de connexion', 'fr']);
    expect(await subjectFor({ locale: 'tlh' }, 3)).toEqual(['Your sign-in code', 'en']);
    expect(await subjectFor({}, 4)).toEqual(['Your sign-in code', 'en']);
  });

  test('unknown address: same answer, same work, no email', async () => {
    const ada = await latchkey.person();
    const [known, unknown] = [await request(ada.email), await request(latchkey.address())];
    const shape = ({ challengeToken, ...rest }: typeof known) => [Object.keys(rest).sort(), challengeToken.length];
    expect(shape(unknown)).toEqual(shape(known));
    // A token begins with an id, which says of what kind it is and when it was made.
    const bytesOf = ({ challengeToken }: typeof known) => Buffer.from(challengeToken, 'base64url');
    const madeAt = (each: typeof known) => bytesOf(each).readUIntBE(0, 6);
    for (const each of [known, unknown]) expect(version(stringify(bytesOf(each).subarray(0, 16)))).toBe(7);
    expect(Math.abs(madeAt(unknown) - madeAt(known))).toBeLessThan(60_000);
    const received = latchkey.smtp.mails.length;
    expect((await signIn({ challengeToken: unknown.challengeToken, code: '000000' })).__typename).toBe(
      'InvalidCodeError',
    );
    await latchkey.mailTo(ada.email, 2);
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(unknown.email))).toEqual([]);
    expect(latchkey.smtp.mails.length).toBeLessThanOrEqual(received + 1);
    if (engine !== 'postgresql') return;
    const work = async (email: string) => {
      const { hashes, statements } = await workOf(latchkey, () => request(email));
      return { hashes, statements: statements.length };
    };
    latchkey.advance({ minutes: 2 });
    expect(await work(latchkey.address())).toEqual(await work(ada.email));
    // The guess after it, too, which anyone can make.
    const guess = async ({ challengeToken }: typeof known) =>
      (await workOf(latchkey, () => signIn({ challengeToken, code: '12345' }))).statements.length;
    expect(await guess(unknown)).toBe(await guess(known));
  });

  test('an unverified registration is verified, and its password is void', async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, {
      input: { name: 'Not Ada', email, password: PASSWORD, username: `x${Date.now()}` },
    });
    const { challengeToken } = await request(email);
    const { code } = await latchkey.mailTo(email, 2);
    const answer = await signIn({ challengeToken, code });
    expect(answer).toMatchObject({ user: { isVerified: true, username: null } });
    const { login } = await latchkey.ask(
      LoginDocument,
      { input: { identifier: email, password: PASSWORD } },
      elsewhere(),
    );
    expect(login.__typename).toBe('InvalidCredentialsError');
  });

  test('bad input is refused, and nothing is consumed', async () => {
    const ada = await latchkey.person();
    const { challengeToken } = await request(ada.email);
    const { code, text } = await latchkey.mailTo(ada.email, 2);
    const token = linkIn(text);
    for (const input of [{}, { code }, { challengeToken }, { token, code }, { challengeToken, code: '1'.repeat(40) }]) {
      expect((await signIn(input)).__typename, JSON.stringify(input)).toBe('ValidationError');
    }
    for (const forged of ['\0', 'x'.repeat(64), token, challengeToken.slice(1), 'x'.repeat(5000)]) {
      expect((await signIn({ challengeToken: forged, code })).__typename).toBe('InvalidCodeError');
    }
    for (const forged of ['\0', challengeToken, token.slice(1)]) {
      expect((await signIn({ token: forged })).__typename).toBe('InvalidCodeError');
    }
    expect((await signIn({ challengeToken, code })).__typename).toBe('LoginSuccess');
  });

  test('the page names the account, changes nothing for a scanner, asks for the factor, and signs this browser in', async () => {
    const ada = await protectedPerson(latchkey);
    await request(ada.email);
    const token = linkIn((await latchkey.mailTo(ada.email, 3)).text);
    const path = `/sign-in-with-email?token=${token}&lang=fr`;
    const sessions = () => prisma().session.count({ where: { userId: ada.id } });
    const before = await sessions();
    for (const method of ['GET', 'HEAD', 'GET']) expect((await latchkey.fetch(path, { method })).status).toBe(200);
    expect(await (await latchkey.fetch(path)).text()).toContain(ada.email);
    expect(await sessions()).toBe(before);
    const post = (fields: Record<string, string>) =>
      latchkey.fetch('/sign-in-with-email', {
        method: 'POST',
        body: new URLSearchParams({ lang: 'fr', ...fields }),
        headers: { 'sec-fetch-site': 'same-origin' },
      });
    const first = await post({ token });
    expect(first.headers.getSetCookie()).toEqual([]);
    const challenge = /name="challenge" value="([^"]+)"/.exec(await first.text())?.[1] ?? '';
    const wrong = await post({ challenge, code: '12345' });
    expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([422, []]);
    // However it is written: it is not taken for a recovery code.
    const done = await post({ challenge, code: [...ada.app.code()].join(' - ') });
    expect(await done.text()).toContain('Vous êtes connecté');
    expect(done.headers.getSetCookie().join()).toContain('__Host-latchkey-refresh=');
    expect(await sessions()).toBe(before + 1);
    expect((await latchkey.fetch(path)).status).toBe(410);
    // A page of another site cannot sign a browser in.
    const foreign = await latchkey.fetch('/sign-in-with-email', {
      method: 'POST',
      body: new URLSearchParams({ token }),
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    });
    expect([foreign.status, foreign.headers.getSetCookie()]).toEqual([403, []]);
    expect(latchkey.logged()).not.toContain('unexpected error');
  });
});

test('a link that cannot be one is refused as on the other pages, and one that is over as well', async () => {
  const latchkey = await startLatchkey();
  const statuses = async (page: string) => {
    const post = (token: string) =>
      latchkey.fetch(`/${page}`, {
        method: 'POST',
        body: new URLSearchParams({ token, lang: 'en' }),
        headers: { 'sec-fetch-site': 'same-origin' },
      });
    const answers = [
      ...['?token=short', '', '?token=%ff', `?token=${'x'.repeat(64)}`].map((query) =>
        latchkey.fetch(`/${page}${query}`),
      ),
      post('short'),
      post('x'.repeat(64)),
    ];
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  const expected = await statuses('verify-email');
  expect(expected).toEqual([400, 400, 400, 410, 400, 410]);
  expect(await statuses('sign-in-with-email')).toEqual(expected);
  await latchkey.close();
});

test('SIGN_IN_WITH_EMAIL_URL: the link leads to the front end, which signs in with the token after the #', async () => {
  const page = 'https://app.example.test/sign-in?from=mail';
  const latchkey = await startLatchkey({ env: { SIGN_IN_WITH_EMAIL_URL: page } });
  const ada = await latchkey.person();
  await latchkey.ask(RequestLoginDocument, { input: { email: ada.email, locale: 'de' } });
  const { text, html } = await latchkey.mailTo(ada.email, 2);
  const [link = ''] = /^https:\S+$/m.exec(text) ?? [];
  expect(html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
  expect(html).not.toContain('auth.example.test/sign-in-with-email');
  // As a page reads it: the server of the page sees nothing behind the #.
  const { origin, pathname, search, hash } = new URL(link);
  expect(origin + pathname + search).toBe(page);
  const fragment = new URLSearchParams(hash.slice(1));
  expect([...fragment.keys(), fragment.get('lang')]).toEqual(['token', 'lang', 'de']);
  const input = { token: fragment.get('token') ?? '' };
  const { loginWithEmail } = await latchkey.ask(LoginWithEmailDocument, { input });
  expect(loginWithEmail).toMatchObject({ __typename: 'LoginSuccess', user: { email: ada.email } });
  await latchkey.close();
});

describe('SIGN_IN_METHODS', () => {
  test.each([
    ['password', RequestLoginDocument, { email: 'ada@example.test' }],
    ['email', LoginDocument, { identifier: 'ada@example.test', password: PASSWORD }],
  ] as const)('with %s alone, the other way is closed', async (methods, document, input) => {
    const latchkey = await startLatchkey({ env: { SIGN_IN_METHODS: methods } });
    const { errors } = await latchkey.send(document as typeof LoginDocument, { input: input as never });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'SIGN_IN_METHOD_OFF' });
    await latchkey.close();
  });
});
