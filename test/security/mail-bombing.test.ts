/** The budget of the emails that strangers of one network cause: it protects other people's mailboxes, and our name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ruleOf } from '#core/limits/budgets.ts';
import {
  InviteMemberDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestLoginDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, type Tenant, tenant } from '../support/organizations.ts';

const { limit } = ruleOf('mail-network');

describe.each(ENGINES)('the emails that one network causes, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, clockStands: true });
  });
  afterAll(() => latchkey.close());

  const input = () => ({ input: { email: latchkey.address() } });
  const REQUESTS = {
    requestPasswordReset: async (ip: string) =>
      (await latchkey.ask(RequestPasswordResetDocument, input(), { ip })).requestPasswordReset,
    resendVerification: async (ip: string) =>
      (await latchkey.ask(ResendVerificationDocument, input(), { ip })).resendVerification,
    requestLogin: async (ip: string) => (await latchkey.ask(RequestLoginDocument, input(), { ip })).requestLogin,
  };
  const all = async (ip: string) => {
    const answers: { __typename: string }[] = [];
    for (const request of Object.values(REQUESTS)) answers.push(await request(ip));
    return answers;
  };
  const register = async (ip: string) => {
    const email = latchkey.address();
    const person = { name: 'Ada Example', email, password: PASSWORD };
    const { register: answer } = await latchkey.ask(RegisterDocument, { input: person }, { ip });
    return { email, answer };
  };
  /** As if so many had been requested from the networks that requested any. */
  const requested = (count: number) =>
    latchkey.app.parts.database.prisma.throttle.updateMany({
      where: { key: { startsWith: 'mail-network:' } },
      data: { count },
    });
  const refusals = () =>
    latchkey.app.parts.database.prisma.auditEvent.count({ where: { name: 'email.throttled', subjectId: null } });

  test(`are ${limit} an hour, whatever the purpose and the address; beyond it, everyone is told the same`, async () => {
    const ip = '2001:db8:1:2::1';
    const sameNetwork = '2001:db8:1:2:ffff::1';
    await REQUESTS.requestPasswordReset(ip);
    await requested(limit - 3);
    for (const answer of await all(sameNetwork)) expect(answer.__typename).toMatch(/Success$/);
    for (const answer of [...(await all(ip)), ...(await all(sameNetwork))]) {
      expect(answer).toMatchObject({ __typename: 'TooManyAttemptsError', retryAfterSeconds: 3600 });
    }
    expect(await refusals()).toBe(1);
    const { counts } = latchkey.app.parts.refusals;
    expect(counts().get('mail-network')).toBe(6);

    // A registration is taken, without an email, and nobody else is concerned.
    const silent = await register(ip);
    expect(silent.answer.__typename).toBe('RegisterSuccess');
    const other = await register('2001:db8:1:3::1');
    await latchkey.mailTo(other.email);
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(silent.email))).toEqual([]);
    for (const answer of await all('2001:db8:1:3::1')) expect(answer.__typename).toMatch(/Success$/);

    latchkey.advance({ hours: 1, seconds: 1 });
    for (const answer of await all(ip)) expect(answer.__typename).toMatch(/Success$/);
  });

  test('do not count those of people who are signed in', async () => {
    const { accessToken: bearer } = await latchkey.person();
    const ip = '198.51.100.7';
    await REQUESTS.requestPasswordReset(ip);
    await requested(limit - 1);
    expect((await REQUESTS.requestPasswordReset(ip)).__typename).toBe('RequestPasswordResetSuccess');
    expect((await REQUESTS.requestPasswordReset(ip)).__typename).toBe('TooManyAttemptsError');
    const change = { input: { newEmail: latchkey.address() } };
    const { requestEmailChange } = await latchkey.ask(RequestEmailChangeDocument, change, { ip, bearer });
    expect(requestEmailChange.__typename).toBe('RequestEmailChangeSuccess');
  });

  test('invitations count against the inviter, and against the organization', async () => {
    latchkey.advance({ hours: 1, seconds: 1 });
    const [ada, ben] = [await loner(latchkey), await loner(latchkey)];
    const [team, other] = [
      await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'OWNER'],
      ]),
      await tenant(latchkey, [[ada, 'OWNER']]),
    ];
    const invite = async (who: Person, { id }: Tenant) => {
      const guest = { input: { email: latchkey.address() } };
      return (await latchkey.ask(InviteMemberDocument, guest, by(who, id))).inviteMember.__typename;
    };
    const used = (name: 'invitations-inviter' | 'invitations-organization', but: number) =>
      latchkey.app.parts.database.prisma.throttle.updateMany({
        where: { key: { startsWith: `${name}:` } },
        data: { count: ruleOf(name).limit - but },
      });
    expect(await invite(ada, team)).toBe('InviteMemberSuccess');
    await used('invitations-inviter', 1);
    expect(await invite(ada, other)).toBe('InviteMemberSuccess');
    expect(await invite(ada, other)).toBe('TooManyAttemptsError');
    expect(await invite(ada, team)).toBe('TooManyAttemptsError');
    expect(await invite(ben, team)).toBe('InviteMemberSuccess');
    await used('invitations-organization', 1);
    expect(await invite(ben, team)).toBe('InviteMemberSuccess');
    expect(await invite(ben, team)).toBe('TooManyAttemptsError');
  });
});
