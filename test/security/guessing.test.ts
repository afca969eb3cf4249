/** However a guesser asks, the passwords that are compared stay within the budget: counted are the hashes that ran. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '#app.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import { LoginDocument, MeDocument } from '../generated/graphql.ts';
import { startCaptchaProvider } from '../support/captcha-provider.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('guessing on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, clockStands: true });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const network = () => `10.${(networks >> 16) & 255}.${(networks >> 8) & 255}.${networks++ & 255}`;
  /** How many passwords are compared meanwhile. */
  const compared = async (work: () => Promise<unknown>) => {
    const { passwordHasher } = latchkey.app.parts;
    const before = passwordHasher.runs();
    await work();
    return passwordHasher.runs() - before;
  };
  const signIn = async (identifier: string, ip: string, password = 'wrong') =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, { ip })).login.__typename;
  const post = (path: string, body: object, ip: string, headers: Record<string, string> = {}) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
    return latchkey.fetch(path, init, ip);
  };

  test('a burst with the right password last does not get it compared', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const answers: string[] = [];
    const runs = await compared(async () => {
      const guesses = Array.from({ length: 40 }, () => signIn(email, ip));
      answers.push(...(await Promise.all([...guesses, signIn(email, ip, PASSWORD)])));
    });
    expect(runs).toBe(5);
    expect(answers.at(-1)).toBe('TooManyAttemptsError');
  });

  test('aliases, fragments, operation names and batches are one guess each, or none', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const one = (alias: string) => `${alias}: login(input: {identifier: "${email}", password: "wrong"}) { __typename }`;
    const many = Array.from({ length: 20 }, (_, at) => one(`a${at}`));
    const BODIES: object[] = [
      { query: `mutation { ${many.join(' ')} }` },
      { query: `mutation { ...A ...B } fragment A on Mutation { ${one('a')} } fragment B on Mutation { ${one('b')} }` },
      { query: `mutation A { ${one('a')} } mutation B { ${many.join(' ')} }`, operationName: 'B' },
      [{ query: `mutation { ${one('a')} }` }, { query: `mutation { ${one('b')} }` }],
      { query: `mutation { ... on Mutation { ${many.join(' ')} } ... @include(if: true) { ${one('z')} } }` },
    ];
    const runs = await compared(async () => {
      for (const body of BODIES) await Promise.all(Array.from({ length: 4 }, () => post('/graphql', body, ip)));
      await Promise.all(Array.from({ length: 20 }, () => signIn(email, ip)));
    });
    expect(runs).toBe(5);
  });

  test('REST routes and every spelling of their paths draw on the same budget', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const paths = ['/auth/login', '/api/auth/login/', '/api/login', '/graphql'].flatMap((path) => [
      path,
      `${path}/`,
      path.toUpperCase(),
      `/${path}`,
      path.replace('login', '%6cogin'),
      `${path}?x=1`,
      `${path};v=1`,
      path.replace('/', '/./'),
    ]);
    const body = { email, username: email, password: 'wrong' };
    const runs = await compared(() => Promise.all(paths.map((path) => post(path, body, ip))));
    expect(runs).toBeLessThanOrEqual(5);
    expect(await signIn(email, ip, PASSWORD)).toBe('TooManyAttemptsError');
  });

  test('a password that was compared in one form counts, although the service is too busy for the other', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const { passwordHasher } = latchkey.app.parts;
    const { verify } = passwordHasher;
    const spied = vi.spyOn(passwordHasher, 'verify');
    spied.mockImplementation((...sent) => {
      if (spied.mock.calls.length % 2 === 0) throw new ServiceBusyError(1);
      return verify(...sent);
    });
    // Full-width letters: the password is compared as this service hashes it, and then as it was typed.
    const answers = [];
    for (let guess = 0; guess < 6; guess++) answers.push(await signIn(email, ip, 'ｗｒｏｎｇ password'));
    spied.mockRestore();
    expect(answers).toEqual([...Array(5).fill('ServiceBusyError'), 'TooManyAttemptsError']);
  });

  test('a forged X-Forwarded-For makes no other network', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const runs = await compared(() =>
      Promise.all(Array.from({ length: 20 }, () => signIn(email, `${network()}, 127.0.0.1, ${network()}, ${ip}`))),
    );
    expect(runs).toBe(5);
  });

  test('an IPv6 /64 is one network, and a /48 has a budget as well, whatever the accounts', async () => {
    const group = (value: number) => value.toString(16);
    const inOne = await compared(async () => {
      const guesses = Array.from({ length: 40 }, (_, at) =>
        signIn(`six${at}@example.test`, `2001:db8:1:1::${group(at)}`),
      );
      await Promise.all(guesses);
    });
    expect(inOne).toBe(20);
    const inMany = await compared(async () => {
      const from = (at: number) => `2001:db8:2:${group(at)}::1`;
      await Promise.all(Array.from({ length: 100 }, (_, at) => signIn(`seven${at}@example.test`, from(at))));
    });
    expect(inMany).toBe(60);
  });

  test('a restart forgets nothing', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++) await signIn(email, ip);
    await latchkey.restart();
    expect(await compared(() => signIn(email, ip, PASSWORD))).toBe(0);
    expect((await latchkey.ask(MeDocument, {})).me).toBeNull();
  });

  test('many accounts, a password each, from many networks: the price rises, but not for known devices and good networks', async () => {
    latchkey.advance({ days: 1 });
    const ada = await latchkey.person();
    const home = network();
    const first = (
      await latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } }, { ip: home })
    ).login;
    const deviceToken = first.__typename === 'LoginSuccess' ? first.tokens.deviceToken : null;
    const stuff = (times: number) =>
      Promise.all(Array.from({ length: times }, (_, at) => signIn(`stuffed${networks}.${at}@example.test`, network())));
    for (let each = 0; each < 10; each++) await stuff(30);
    // From now on, a network that nobody has signed in from gets one, and then waits.
    const bot = network();
    expect(await signIn('stuffed.a@example.test', bot)).toBe('InvalidCredentialsError');
    expect(await signIn('stuffed.b@example.test', bot)).toBe('TooManyAttemptsError');
    for (let each = 0; each < 3; each++)
      expect(await signIn(`x${each}@example.test`, home)).toBe('InvalidCredentialsError');
    const known = { identifier: ada.email, password: PASSWORD, deviceToken };
    expect((await latchkey.ask(LoginDocument, { input: known }, { ip: bot })).login.__typename).toBe('LoginSuccess');
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.auditEvent.count({ where: { name: 'service.throttled' } })).toBe(1);
    latchkey.advance({ minutes: 10 });
    expect(await signIn('stuffed.b@example.test', network())).toBe('InvalidCredentialsError');
  });
});

test('replicas share the budget', async () => {
  const latchkey = await startLatchkey({ engine: 'postgresql', clockStands: true });
  const { clock, log } = latchkey.app.parts;
  const other = await createApp(latchkey.config, { clock, log });
  try {
    const { email } = await latchkey.person();
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { __typename } }';
    const runs = () => latchkey.app.parts.passwordHasher.runs() + other.parts.passwordHasher.runs();
    const before = runs();
    const guess = async (at: number, password = 'wrong') => {
      const app = at % 2 === 0 ? latchkey.app : other;
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': '10.99.0.1' };
      const body = JSON.stringify({ query, variables: { input: { identifier: email, password } } });
      const request = new Request('http://localhost:4000/graphql', { method: 'POST', headers, body });
      return (await app.fetch(request, { remoteAddress: '127.0.0.1' })).json();
    };
    const guesses = Array.from({ length: 40 }, (_, at) => guess(at));
    const answers = await Promise.all([...guesses, guess(0, PASSWORD), guess(1, PASSWORD)]);
    expect(runs() - before).toBe(5);
    expect(answers.slice(-2)).toMatchObject(Array(2).fill({ data: { login: { __typename: 'TooManyAttemptsError' } } }));
  } finally {
    await other.close();
    await latchkey.close();
  }
});

test('with a captcha provider, suspicious failures ask for a captcha, and never on a known device', async () => {
  const provider = await startCaptchaProvider();
  const env = { CAPTCHA_PROVIDER: 'turnstile', CAPTCHA_SECRET: 'secret', CAPTCHA_VERIFY_URL: provider.url };
  const latchkey = await startLatchkey({ env, clockStands: true });
  try {
    const email = latchkey.address();
    const made = { name: 'Ada', role: 'customer', locale: 'en', createdAt: new Date(), updatedAt: new Date() };
    const passwordHash = await latchkey.app.parts.passwordHasher.hash(PASSWORD as never);
    const verified = { emailVerifiedAt: new Date(), passwordHash };
    await latchkey.app.parts.database.prisma.user.create({ data: { ...made, ...verified, email } });
    let at = 0;
    const signIn = async (input: { password: string; captcha?: string; deviceToken?: string }) => {
      const ip = `10.3.0.${at++}`;
      return (await latchkey.ask(LoginDocument, { input: { identifier: email, ...input } }, { ip })).login;
    };
    const first = await signIn({ password: PASSWORD });
    if (first.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(first));
    for (let each = 0; each < 10; each++) await signIn({ password: 'wrong' });
    const asked = await signIn({ password: PASSWORD });
    expect(asked).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['captcha'], code: 'REQUIRED' }],
    });
    const deviceToken = first.tokens.deviceToken ?? '';
    expect((await signIn({ password: PASSWORD, deviceToken })).__typename).toBe('LoginSuccess');
    provider.answers({ body: '{"success":false}' });
    expect((await signIn({ password: PASSWORD, captcha: 'x' })).__typename).toBe('ValidationError');
    provider.answers({ body: '{"success":true}' });
    expect((await signIn({ password: PASSWORD, captcha: 'x' })).__typename).toBe('LoginSuccess');
  } finally {
    await latchkey.close();
    await provider.close();
  }
});
