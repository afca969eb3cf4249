/** `latchkey users`, beside a service on the same PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, MeDocument, RefreshDocument } from '../generated/graphql.ts';
import { operatorEnv, runLatchkey } from '../support/command.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';

let latchkey: Latchkey;
beforeAll(async () => {
  latchkey = await startLatchkey({ engine: 'postgresql' });
});
afterAll(() => latchkey.close());

const run = (...typed: string[]) => runLatchkey(typed, { env: operatorEnv(latchkey) });
const json = async (...typed: string[]) => {
  const { code, stdout, stderr } = await run(...typed, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};
const events = async (subjectId: string) =>
  (await latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId, origin: 'operator' } })).map(
    ({ name, actorId, outcome, ipAddress }) => ({ name, actorId, outcome, ipAddress }),
  );
const recorded = (name: string) => ({ name, actorId: null, outcome: 'SUCCESS', ipAddress: null });

describe('users create', () => {
  test('without a password emails a link to set one, and the audit log names an operator as the origin', async () => {
    const email = latchkey.address();
    const { user, mail } = await json('users', 'create', '--email', email, '--name', 'Ada');
    expect(mail).toBe('reset-password');
    expect(user).toMatchObject({ email, role: 'customer', emailVerifiedAt: null, hasPassword: false });
    expect(user).not.toHaveProperty('passwordHash');
    expect((await latchkey.mailTo(email)).text).toContain('https://auth.example.test/reset-password');
    expect(await events(user.id)).toEqual([recorded('create_user.completed')]);
  });

  test('the first administrator can have a password from standard input, and nobody else', async () => {
    const create = (email: string, words: readonly string[], stdin: string) =>
      runLatchkey(['users', 'create', '--email', email, '--name', 'Root', '--verified', '--password', ...words], {
        env: operatorEnv(latchkey),
        stdin,
      });
    const email = latchkey.address();
    const asAdmin = ['--role', 'admin'];
    const refused = /^password: Only the first administrator can be created with a password\./;
    expect(await create(email, [], '')).toMatchObject({ code: 1, stderr: expect.stringMatching(refused) });
    expect(await create(email, asAdmin, '')).toMatchObject({ code: 1, stderr: 'No password given.\n' });
    const weak = await create(email, asAdmin, 'password\n');
    expect(weak).toMatchObject({ code: 1, stderr: expect.stringMatching(/^password: This password is too common/) });

    const said = await create(email, asAdmin, `${PASSWORD}\nignored\n`);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).not.toContain(PASSWORD);
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    expect(login).toMatchObject({ __typename: 'LoginSuccess', user: { role: 'admin' } });

    const second = latchkey.address();
    expect(await create(second, asAdmin, `${PASSWORD}\n`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(refused),
    });
    const { mail } = await json('users', 'create', '--email', second, '--name', 'Root', ...asAdmin, '--verified');
    expect(mail).toBe('reset-password');
  });

  test('invalid input is reported by field, with exit code 1', async () => {
    const person = await latchkey.person();
    const create = (...typed: string[]) => run('users', 'create', ...typed);
    expect(await create('--email', person.email, '--name', 'Again')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'email: This email address already has an account.\n',
    });
    expect((await create('--email', 'x', '--name', 'X', '--role', 'emperor')).stderr).toMatch(/^email: .* role: .*\n$/);
    expect(await create('--email', 'x@example.test')).toMatchObject({ code: 2 });
  });
});

describe('users show', () => {
  test('finds an account by id, email address, username and phone number', async () => {
    const person = await latchkey.person({ username: 'show.me', phone: '+4915100000001' });
    for (const word of [person.id, person.email.toUpperCase(), 'Show.Me', '+49 151 0000 0001']) {
      expect(await json('users', 'show', word)).toMatchObject({ id: person.id, username: 'show.me' });
    }
    expect((await run('users', 'show', person.id)).stdout).toMatch(/state: +active\n/);
    expect(await run('users', 'show', 'nobody@example.test')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'User not found.\n',
    });
  });
});

test('users list: every account once, page by page, in either order, filtered', async () => {
  for (let i = 0; i < 5; i += 1) await json('users', 'create', '--email', `list${i}@pages.test`, '--name', `L${i}`);
  for (const order of [[], ['--oldest']]) {
    const seen: string[] = [];
    for (let after: string | null = null, pages = 0; pages === 0 || after !== null; pages += 1) {
      const place: string[] = after === null ? [] : ['--after', after];
      const page = await json('users', 'list', '--search', 'list', '--limit', '2', ...order, ...place);
      seen.push(...page.users.map(({ email }: { email: string }) => email));
      after = page.next;
    }
    const expected = [0, 1, 2, 3, 4].map((i) => `list${i}@pages.test`);
    expect(seen).toEqual(order.length === 0 ? expected.reverse() : expected);
  }
  await json('users', 'disable', 'list3@pages.test');
  const { users } = await json('users', 'list', '--search', 'list', '--disabled', '--unverified');
  expect(users).toMatchObject([{ email: 'list3@pages.test' }]);
  expect((await run('users', 'list', '--search', 'list', '--limit', '1')).stderr).toMatch(/^More results: --after /);
  expect(await run('users', 'list', '--disabled', '--enabled')).toMatchObject({ code: 2 });
  expect(await run('users', 'list', '--limit', '0')).toMatchObject({ code: 2 });
  expect(await run('users', 'list', '--after', 'x')).toMatchObject({ code: 2 });
});

describe('a change takes effect with the next request', () => {
  const reason = async (bearer: string) =>
    (await latchkey.send(MeDocument, {}, { bearer })).errors?.[0]?.extensions?.['reason'];

  test('disable ends every session and refuses the next sign-in; enable allows it again', async () => {
    const person = await latchkey.person();
    expect(await json('users', 'disable', person.email)).toMatchObject({ endedSessions: 1 });
    expect(await reason(person.accessToken)).toBe('SESSION_ENDED');
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
    const input = { identifier: person.email, password: PASSWORD };
    expect((await latchkey.ask(LoginDocument, { input })).login.__typename).toBe('AccountDisabledError');
    await json('users', 'enable', person.id);
    expect((await latchkey.ask(LoginDocument, { input })).login.__typename).toBe('LoginSuccess');
    expect(await events(person.id)).toEqual([recorded('disable_user.completed'), recorded('enable_user.completed')]);
  });

  test('set-role', async () => {
    const person = await latchkey.person();
    await json('users', 'set-role', person.email, 'admin');
    expect((await latchkey.ask(MeDocument, {}, { bearer: person.accessToken })).me).toMatchObject({ role: 'admin' });
    expect(await run('users', 'set-role', person.email, 'emperor')).toMatchObject({
      code: 1,
      stderr: 'role: The role must be one of: customer, admin.\n',
    });
    expect(await events(person.id)).toEqual([recorded('set_user_role.completed')]);
  });

  test('reset-second-factors removes them, signs the person out, and they are told', async () => {
    const person = await protectedPerson(latchkey);
    expect(await json('users', 'reset-second-factors', person.email)).toMatchObject({ endedSessions: 1 });
    expect(await reason(person.accessToken)).toBe('SESSION_ENDED');
    const input = { identifier: person.email, password: PASSWORD };
    expect((await latchkey.ask(LoginDocument, { input })).login.__typename).toBe('LoginSuccess');
    expect((await latchkey.mailTo(person.email, 3)).text).toContain('undo-security-change?token=');
    expect(await events(person.id)).toEqual([recorded('reset_second_factors.completed')]);
    const { code, stdout } = await run('users', 'reset-second-factors', person.email);
    expect([code, stdout.includes(person.email)]).toEqual([0, true]);
    expect(await run('users', 'reset-second-factors', 'nobody@example.test')).toMatchObject({ code: 1 });
  });

  test('end-sessions', async () => {
    const person = await latchkey.person();
    expect((await run('users', 'end-sessions', person.email)).stdout).toBe(`Sessions of ${person.email} ended: 1.\n`);
    expect(await reason(person.accessToken)).toBe('SESSION_ENDED');
  });
});
