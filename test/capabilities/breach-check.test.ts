/** BREACH_CHECK, against a server of this machine that speaks the protocol of Pwned Passwords. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { type BreachServer, sha1, startBreachServer } from '../support/breach-server.ts';
import { operatorEnv, runLatchkey } from '../support/command.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { restClient } from '../support/rest.ts';

const KNOWN = 'otters of the northern river';
const RARE = 'otters of the southern river';
const UNKNOWN = 'otters of the western river';

describe.each(ENGINES)('BREACH_CHECK on %s', (engine) => {
  let server: BreachServer;
  let latchkey: Latchkey;
  beforeAll(async () => {
    server = await startBreachServer();
    server.knows({ [KNOWN]: 4711, [RARE]: 1 });
    latchkey = await startLatchkey({ engine, env: { BREACH_CHECK: 'on', BREACH_CHECK_URL: server.url } });
  });
  beforeEach(() => {
    server.asked.length = 0;
    server.behaves(null);
    server.writes('upper case');
    // Longer than a server that failed is left alone.
    latchkey.advance({ minutes: 2 });
  });
  afterAll(async () => {
    await latchkey.close();
    await server.close();
  });

  let networks = 0;
  const anywhere = () => `10.5.${networks >> 8}.${networks++ & 255}`;
  const register = async (password: string, { email = latchkey.address(), ip = anywhere() } = {}) => {
    const input = { name: 'Ada Example', email, password };
    const answer = (await latchkey.ask(RegisterDocument, { input }, { ip })).register;
    if (answer.__typename !== 'ValidationError') return answer.__typename;
    return answer.fieldErrors.map(({ path, code }) => `${path} ${code}`).join();
  };
  const resetCode = async (email: string, mails: number) => {
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    return latchkey.mailTo(email, mails);
  };

  test('a known password is refused, also one seen once, and the server learns 5 digits', async () => {
    for (const password of [KNOWN, RARE]) expect(await register(password)).toBe('password BREACHED');
    expect(await register(UNKNOWN)).toBe('RegisterSuccess');
    const prefixes = [KNOWN, RARE, UNKNOWN].map((password) => sha1(password).slice(0, 5));
    expect(server.asked).toEqual(prefixes.map((prefix) => ({ path: `/range/${prefix}`, padding: 'true' })));
    for (const prefix of prefixes) expect(latchkey.logged()).not.toContain(prefix);
    expect(latchkey.logged()).not.toContain(KNOWN);
  });

  test('padding, which is counted 0, refuses nothing, and hashes may be in lower case', async () => {
    server.knows({ [KNOWN]: 4711, [UNKNOWN]: 0 });
    server.writes('lower case');
    expect(await register(UNKNOWN)).toBe('RegisterSuccess');
    expect(await register(KNOWN)).toBe('password BREACHED');
    server.knows({ [KNOWN]: 4711, [RARE]: 1 });
  });

  test('the server is asked last: not about a password that is refused anyway', async () => {
    expect(await register('password')).toBe('password TOO_COMMON');
    const { accessToken } = await latchkey.person();
    server.asked.length = 0;
    const input = { currentPassword: 'not the current one', newPassword: KNOWN, endOtherSessions: true };
    const { changePassword } = await latchkey.ask(ChangePasswordDocument, { input }, { bearer: accessToken });
    expect(changePassword.__typename).toBe('InvalidCredentialsError');
    const wrong = { email: latchkey.address(), code: '000000', newPassword: KNOWN };
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input: wrong });
    expect(resetPassword.__typename).toBe('InvalidCodeError');
    expect(server.asked).toEqual([]);
  });

  test('wherever someone chooses a password', async () => {
    const refused = { fieldErrors: [{ code: 'BREACHED', message: expect.stringContaining('data breach') }] };
    const person = await latchkey.person();
    const sending = { bearer: person.accessToken };
    const change = { currentPassword: PASSWORD, newPassword: KNOWN, endOtherSessions: true };
    expect((await latchkey.ask(ChangePasswordDocument, { input: change }, sending)).changePassword).toMatchObject(
      refused,
    );
    const { code, link } = await resetCode(person.email, 2);
    const reset = { email: person.email, code, newPassword: KNOWN };
    expect((await latchkey.ask(ResetPasswordDocument, { input: reset })).resetPassword).toMatchObject(refused);
    const { searchParams } = new URL(link ?? '');
    const body = new URLSearchParams({ token: searchParams.get('token') ?? '', lang: 'de', newPassword: KNOWN });
    const page = await latchkey.fetch('/reset-password', { method: 'POST', body });
    expect(await page.text()).toContain('aus einem Datenleck bekannt');
    const rest = await restClient(latchkey).post('/api/register', {
      email: latchkey.address(),
      password: KNOWN,
      name: 'Ada',
    });
    expect(rest).toMatchObject({ status: 400 });
    expect(JSON.stringify(rest.body)).toContain('data breach');
    expect(server.asked).toHaveLength(5);
    // The code and the link are still good.
    const better = { ...reset, newPassword: UNKNOWN };
    expect((await latchkey.ask(ResetPasswordDocument, { input: better })).resetPassword.__typename).toBe(
      'ResetPasswordSuccess',
    );
    // The embedded database has room for one process.
    if (engine === 'embedded') return;
    const typed = ['users', 'create', '--email', latchkey.address(), '--name', 'Root', '--role', 'admin', '--password'];
    const env = { ...operatorEnv(latchkey), BREACH_CHECK: 'on', BREACH_CHECK_URL: server.url };
    expect(await runLatchkey(typed, { env, stdin: `${KNOWN}\n` })).toMatchObject({
      code: 1,
      stderr: 'password: This password is known from a data breach. Choose another one.\n',
    });
  });

  test('a known and an unknown address cost the same question', async () => {
    const { email } = await latchkey.person();
    for (const address of [email, latchkey.address()]) {
      server.asked.length = 0;
      expect(await register(UNKNOWN, { email: address })).toBe('RegisterSuccess');
      expect(server.asked).toHaveLength(1);
      expect(await register(KNOWN, { email: address })).toBe('password BREACHED');
    }
  });

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['fails', 'the status is 500', (response) => response.writeHead(500).end()],
    ['has too many requests', 'the status is 429', (response) => response.writeHead(429).end()],
    ['leads elsewhere', 'the request failed', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    [
      'is a page',
      'a line is not a hash and a count',
      (response) => response.end('<html>Sign in to this network</html>'),
    ],
    ['sends lines of another kind', 'a line is not a hash and a count', (response) => response.end('ABC:1')],
    [
      'sends without an end',
      'the answer is too long',
      (response) => response.end(`${'0'.repeat(35)}:0\n`.repeat(20_000)),
    ],
    ['hangs up', 'the request failed', (response) => response.destroy()],
    ['does not answer', 'nothing within 2000 ms', () => {}],
    ['stops halfway', 'nothing within 2000 ms', (response) => response.write('0'.repeat(35))],
  ])(
    'a server that %s keeps nobody from choosing a password, and is left alone for a while',
    async (_, reason, behavior) => {
      server.behaves(behavior);
      const before = latchkey.logged().length;
      expect(await register(KNOWN)).toBe('RegisterSuccess');
      expect(await register('password')).toBe('password TOO_COMMON');
      const logged = latchkey.logged().slice(before);
      expect(logged).toMatch(new RegExp(`"reason":"(?:${reason}|[A-Z_]+)".*the breach check does not answer`));
      expect(logged).not.toContain(sha1(KNOWN).slice(0, 5));
      server.behaves(null);
      expect(await register(KNOWN)).toBe('RegisterSuccess');
      expect(server.asked).toHaveLength(1);
      latchkey.advance({ seconds: 31 });
      expect(await register(KNOWN)).toBe('password BREACHED');
    },
  );

  test('nobody makes the service ask without end: beyond its budget, a network is judged by the lists', async () => {
    const ip = anywhere();
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => register(KNOWN, { ip })));
    expect(server.asked).toHaveLength(30);
    expect(outcomes.filter((it) => it === 'password BREACHED')).toHaveLength(30);
    expect(outcomes.filter((it) => it === 'RegisterSuccess')).toHaveLength(10);
    expect(await register('password', { ip })).toBe('password TOO_COMMON');
    expect(await register(KNOWN)).toBe('password BREACHED');
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.auditEvent.count({ where: { name: 'breach_check.throttled' } })).toBe(1);
  });
});
