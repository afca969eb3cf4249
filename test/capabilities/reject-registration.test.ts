import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser } from '#capabilities/users/create-user.ts';
import { operatorContext } from '#cli/operator.ts';
import { LOCALES } from '#core/locale.ts';
import { RegisterDocument, RejectRegistrationDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Sending, startLatchkey } from '../support/latchkey.ts';
import type { ReceivedMail } from '../support/smtp.ts';
import { vaultClient } from '../support/vault.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

describe.each(ENGINES)('rejecting a registration on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const tokenOf = ({ link }: ReceivedMail) => new URL(link ?? '').searchParams.get('token') ?? '';
  const registered = async (input: Record<string, unknown> = {}, sending: Sending = {}) => {
    const email = latchkey.address();
    const profile = { name: 'Mallory Example', email, password: PASSWORD, ...input };
    await latchkey.ask(RegisterDocument, { input: profile }, sending);
    const mail = await latchkey.mailTo(email);
    return { email, mail, code: mail.code ?? '', token: tokenOf(mail) };
  };
  type Proof = { token?: string; email?: string; code?: string };
  const reject = async (input: Proof) => (await latchkey.ask(RejectRegistrationDocument, { input })).rejectRegistration;
  const verify = async (input: Proof) => (await latchkey.ask(VerifyEmailDocument, { input })).verifyEmail.__typename;
  const { users, events } = {
    users: (email: string) => latchkey.app.parts.database.prisma.user.count({ where: { email } }),
    events: (subjectId: string) =>
      latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId, name: 'register.rejected' } }),
  };

  test.each(['code', 'token'])('by the %s of the email, the account and its sessions are gone', async (proof) => {
    const vault = vaultClient(latchkey);
    const email = latchkey.address();
    const { userToken } = (await vault.register(email)).body;
    const mail = await latchkey.mailTo(email);
    const { prisma } = latchkey.app.parts.database;
    const { id } = await prisma.user.findUniqueOrThrow({ where: { email } });
    expect(await prisma.session.count({ where: { userId: id } })).toBe(1);
    latchkey.advance({ minutes: 2 });
    expect((await vault.get('/api/resend-email-verification', userToken)).status).toBe(200);
    const newest = await latchkey.mailTo(email, 2);
    const answer = await reject(proof === 'code' ? { email, code: newest.code ?? '' } : { token: tokenOf(newest) });
    expect(answer).toEqual({ __typename: 'RejectRegistrationSuccess', email });
    expect([await users(email), await prisma.session.count({ where: { userId: id } })]).toEqual([0, 0]);
    expect((await vault.get('/api/resend-email-verification', userToken)).status).toBe(401);
    expect(await verify({ token: tokenOf(newest) })).toBe('InvalidCodeError');
    expect(await events(id)).toMatchObject([{ outcome: 'SUCCESS', actorId: null }]);
    expect(mail.link).not.toBe(newest.link);
  });

  test('the email names the account, says when and roughly from where, and offers both answers', async () => {
    const username = `mallory.${engine.slice(0, 2)}${process.pid % 1000}`;
    const { mail } = await registered({ username }, { ip: '203.0.113.77', headers: { 'user-agent': FIREFOX } });
    for (const line of ['Name: Mallory Example', 'Device: Firefox, Linux', 'IP address: 203.0.113.x']) {
      expect(mail.text.split('\n')).toContain(line);
    }
    expect(mail.text).toContain('Username: mallory. ');
    expect(mail.text).toMatch(/^Registered: .* UTC$/m);
    expect(mail.text).not.toContain('203.0.113.77');
    const [confirm, rejectLink] = mail.text.match(/^https:\S+$/gm) ?? [];
    expect([confirm, rejectLink]).toEqual([mail.link, mail.link?.replace('/verify-email?', '/reject-registration?')]);
    expect(mail.text).toContain('This wasn’t me');
  });

  test('what competed has no name to show: the email says that no password counts', async () => {
    const { email } = await registered({ username: undefined });
    latchkey.advance({ minutes: 2 });
    const input = { name: 'Ada', email, password: 'the password of the owner' };
    await latchkey.ask(RegisterDocument, { input });
    const mail = await latchkey.mailTo(email, 2);
    expect(mail.text).toContain('none of them counts');
    expect(mail.text).not.toMatch(/Mallory|Device:|Registered:/);
  });

  test.each(LOCALES)(
    'the page in %s shows the account; its second button removes it, opening it does nothing',
    async (lang) => {
      const { email, token } = await registered();
      for (const page of ['verify-email', 'reject-registration']) {
        const html = await (await latchkey.fetch(`/${page}?token=${token}&lang=${lang}`)).text();
        expect(html).toContain('<bdi>Mallory Example</bdi>');
        expect(html.includes('formaction="reject-registration"')).toBe(page === 'verify-email');
      }
      expect(await users(email)).toBe(1);
      const body = new URLSearchParams({ token, lang });
      expect((await latchkey.fetch('/reject-registration', { method: 'POST', body })).status).toBe(200);
      expect(await users(email)).toBe(0);
      for (const page of ['verify-email', 'reject-registration']) {
        expect((await latchkey.fetch(`/${page}?token=${token}&lang=${lang}`)).status).toBe(410);
        expect((await latchkey.fetch(`/${page}`, { method: 'POST', body }, '192.0.2.1')).status).toBe(410);
      }
    },
  );

  test('what an operator made cannot be rejected, and neither email nor page offers it', async () => {
    const email = latchkey.address();
    const bob = { name: 'Bob', email, role: 'admin', password: PASSWORD };
    await createUser(operatorContext(latchkey.app.parts), bob);
    const mail = await latchkey.mailTo(email);
    expect(mail.text).toContain('was created for you');
    expect(mail.text).not.toContain('reject-registration');
    const token = tokenOf(mail);
    const page = await (await latchkey.fetch(`/verify-email?token=${token}&lang=en`)).text();
    expect(page).toContain('was created for you');
    expect(page).not.toContain('reject-registration');
    expect((await latchkey.fetch(`/reject-registration?token=${token}&lang=en`)).status).toBe(410);
    expect((await reject({ token })).__typename).toBe('InvalidCodeError');
    expect(await users(email)).toBe(1);
    expect(await verify({ token })).toBe('VerifyEmailSuccess');
  });

  test('a ban is not lost, and a verified account stays', async () => {
    const { prisma } = latchkey.app.parts.database;
    const banned = await registered();
    await prisma.user.update({ where: { email: banned.email }, data: { disabledAt: latchkey.app.parts.clock() } });
    expect((await reject({ token: banned.token })).__typename).toBe('InvalidCodeError');
    const verified = await registered();
    await prisma.user.update({ where: { email: verified.email }, data: { emailVerifiedAt: new Date() } });
    expect((await reject({ token: verified.token })).__typename).toBe('InvalidCodeError');
    expect([await users(banned.email), await users(verified.email)]).toEqual([1, 1]);
  });

  test('of both answers at once one counts', async () => {
    for (let round = 0; round < 3; round++) {
      const { email, token } = await registered();
      const answers = await Promise.all([verify({ token }), reject({ token }), verify({ token }), reject({ token })]);
      const won = answers.map((answer) => (typeof answer === 'string' ? answer : answer.__typename));
      // The one that counted may be repeated by its caller, the other never.
      expect(new Set(won.filter((name) => name.endsWith('Success'))).size).toBe(1);
      expect(await users(email)).toBe(won.includes('VerifyEmailSuccess') ? 1 : 0);
    }
  });

  test('guesses draw on the budget of verifyEmail', async () => {
    const { email, code } = await registered();
    const wrong = code === '000000' ? '000001' : '000000';
    for (let guess = 0; guess < 3; guess++)
      expect((await reject({ email, code: wrong })).__typename).toBe('InvalidCodeError');
    for (let guess = 0; guess < 2; guess++) expect(await verify({ email, code: wrong })).toBe('InvalidCodeError');
    expect((await reject({ email, code })).__typename).toBe('InvalidCodeError');
    expect(await users(email)).toBe(1);
  });

  test('a proof that makes no sense is an answer and not a fault', async () => {
    for (const input of [{}, { email: 'nobody' }, { token: 'x', code: '123456' }] as Proof[])
      expect((await reject(input)).__typename).toBe('ValidationError');
    expect((await reject({ token: 'x'.repeat(64) })).__typename).toBe('InvalidCodeError');
    expect((await reject({ email: latchkey.address(), code: '123456' })).__typename).toBe('InvalidCodeError');
  });
});
