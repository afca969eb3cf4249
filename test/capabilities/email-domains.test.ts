/** EMAIL_DOMAINS_BLOCKED and EMAIL_DOMAINS_ALLOWED: whose new addresses are taken, and that nothing else is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser } from '#capabilities/users/create-user.ts';
import { operatorContext } from '#cli/operator.ts';
import { parseConfig } from '#config/config.ts';
import {
  InviteMemberDocument,
  LoginDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, tenant } from '../support/organizations.ts';

const REFUSED = (field: string) => ({
  __typename: 'ValidationError',
  fieldErrors: [{ path: [field], code: 'DOMAIN_NOT_ALLOWED' }],
});

describe('domains of new addresses', () => {
  let latchkey: Latchkey;
  let only: Latchkey;
  let ada: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { EMAIL_DOMAINS_BLOCKED: 'Throwaway.test, *.bücher.test, sub.half.test' } });
    const env = { EMAIL_DOMAINS_ALLOWED: 'staff.test, example.test', EMAIL_DOMAINS_BLOCKED: 'temp.staff.test' };
    only = await startLatchkey({ env });
    ada = await latchkey.person();
  });
  afterAll(() => Promise.all([latchkey.close(), only.close()]));

  const register = async (email: string, service = latchkey) =>
    (await service.ask(RegisterDocument, { input: { name: 'Ada Example', email, password: PASSWORD } })).register;

  test.each([
    'a@throwaway.test',
    'a@THROWAWAY.Test',
    ' a@throwaway.test ',
    'a@deep.er.throwaway.test',
    'a@bücher.test',
    'a@BÜCHER.test',
    'a@xn--bcher-kva.test',
    'a@sub.half.test',
  ])('a blocked one is refused with a code of its own: %s', async (email) => {
    expect(await register(email)).toMatchObject(REFUSED('email'));
  });

  test.each(['a@half.test', 'a@notthrowaway.test', 'a@throwaway.test.example.test', 'throwaway.test@example.test'])(
    'another one is not: %s',
    async (email) => {
      expect(await register(email)).toMatchObject({ __typename: 'RegisterSuccess' });
    },
  );

  test.each([
    ['a@staff.test', 'RegisterSuccess'],
    ['a@berlin.staff.test', 'RegisterSuccess'],
    ['a@temp.staff.test', 'ValidationError'],
    ['a@elsewhere.test', 'ValidationError'],
    ['a@notstaff.test', 'ValidationError'],
  ])('with a list of the only ones, %s is a %s', async (email, outcome) => {
    expect(await register(email, only)).toMatchObject({ __typename: outcome });
  });

  test('an address that has an account gets the answer of one that has none, over every API, and no email', async () => {
    const old = await latchkey.person();
    const known = 'known@throwaway.test';
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: old.id }, data: { email: known } });
    expect(await register(known)).toEqual(await register('unknown@throwaway.test'));
    const byRest = async (path: string, email: string) => {
      const body = JSON.stringify({ name: 'Ada Example', email, password: PASSWORD });
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
      const response = await latchkey.fetch(path, init);
      // The id of the trace is different in each answer.
      return [response.status, (await response.text()).replace(/"trace_id":"\w+"/, '')];
    };
    for (const path of ['/api/users/', '/api/register']) {
      expect(await byRest(path, known)).toEqual(await byRest(path, 'unknown@throwaway.test'));
      expect((await byRest(path, known))[0]).toBe(400);
    }
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(known))).toEqual([]);

    // Who has it goes on signing in, and can recover it.
    const input = { identifier: known, password: PASSWORD };
    expect((await latchkey.ask(LoginDocument, { input })).login.__typename).toBe('LoginSuccess');
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: known } });
    await latchkey.mailTo(known);
  });

  test('nobody changes to one, or is invited at one', async () => {
    const change = (newEmail: string) => latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, by(ada));
    expect((await change('new@throwaway.test')).requestEmailChange).toMatchObject(REFUSED('newEmail'));
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const input = { email: 'guest@throwaway.test', role: 'MEMBER' } as const;
    const { inviteMember } = await latchkey.ask(InviteMemberDocument, { input }, by(ada, team.id));
    expect(inviteMember).toMatchObject(REFUSED('email'));
    expect(await latchkey.app.parts.database.prisma.invitation.count()).toBe(0);
  });

  test('an operator decides for themselves', async () => {
    const email = 'guest@throwaway.test';
    const { user } = await createUser(operatorContext(latchkey.app.parts), { name: 'Guest', email });
    expect(user.email).toBe(email);
  });
});

describe('the lists', () => {
  test('may be a published file, with comments', () => {
    const file = '# disposable\nmailinator.com\r\n\n  @guerrillamail.com # big\n*.xyz\nmünchen.example\n';
    const { emailDomains } = parseConfig({ EMAIL_DOMAINS_BLOCKED_FILE: 'list.txt' }, () => file);
    expect([...emailDomains.blocked]).toEqual(['mailinator.com', 'guerrillamail.com', 'xyz', 'xn--mnchen-3ya.example']);
    expect(emailDomains.allowed).toBeNull();
  });

  test('are refused in one line if they hold something else', () => {
    const env = { EMAIL_DOMAINS_ALLOWED: 'a b, ada@example.com, 10.0.0.1, http://x.test, ok.test' };
    expect(() => parseConfig(env)).toThrow(
      'EMAIL_DOMAINS_ALLOWED: must contain domains such as example.com, not "ada@example.com", "10.0.0.1", "http://x.test"',
    );
    expect(() => parseConfig({ EMAIL_DOMAINS_BLOCKED: ' , # nothing' })).toThrow('must contain at least one domain');
  });
});
