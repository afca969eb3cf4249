/** What an answer costs tells nobody which addresses have an account: the same hashes and statements either way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  RegisterDocument,
  RegisterWithBoundCodeDocument,
  RequestBoundPasswordResetDocument,
  RequestLoginDocument,
  RequestPasswordResetDocument,
  ResendBoundVerificationDocument,
  ResendVerificationDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { amountOf, kindsOf, watchWrites, workOf } from '../support/work.ts';

describe('the work of an answer', () => {
  let latchkey: Latchkey;
  let networks = 0;
  let people = 0;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql' });
    await watchWrites(latchkey);
  });
  afterAll(() => latchkey.close());

  const sending = () => ({ ip: `10.9.${networks >> 8}.${networks++ & 255}` });
  const register = (email: string, password = PASSWORD) =>
    latchkey.ask(RegisterDocument, { input: { name: 'Ada Example', email, password } }, sending());
  /** An address in each of the states that nobody may tell apart. */
  const addresses = async () => {
    const unverified = latchkey.address();
    await register(unverified);
    const disabled = await latchkey.person();
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: disabled.id }, data: { disabledAt: new Date() } });
    const deleted = await latchkey.person();
    await prisma.user.update({ where: { id: deleted.id }, data: { deletesAt: new Date(Date.now() + 86_400_000) } });
    const operator = latchkey.address();
    const made = { name: 'Imported', role: 'customer', locale: 'en', createdAt: new Date(), updatedAt: new Date() };
    await prisma.user.create({ data: { ...made, email: operator } });
    const verified = await latchkey.person();
    latchkey.advance({ minutes: 2 });
    return {
      unknown: latchkey.address(),
      unverified,
      verified: verified.email,
      disabled: disabled.email,
      'about to be deleted': deleted.email,
      'made by an operator': operator,
    };
  };

  const REQUESTS: Record<string, (email: string) => Promise<unknown>> = {
    'login with a wrong password': (identifier) =>
      latchkey.ask(LoginDocument, { input: { identifier, password: 'a wrong one' } }, sending()),
    'login with a wrong password in another Unicode form': (identifier) =>
      latchkey.ask(LoginDocument, { input: { identifier, password: 'pa\u0308ssword' } }, sending()),
    'register with another password': (email) => register(email, 'another good passphrase'),
    'register without a password': (email) =>
      latchkey.ask(RegisterDocument, { input: { name: 'Grace Example', email } }, sending()),
    'register with everything': (email) =>
      latchkey.ask(
        RegisterDocument,
        {
          input: {
            name: 'Ada Example',
            email,
            password: 'another good passphrase',
            username: `ada${++people}`,
            phone: `+4930555${String(people).padStart(4, '0')}`,
          },
        },
        sending(),
      ),
    resendVerification: (email) => latchkey.ask(ResendVerificationDocument, { input: { email } }, sending()),
    'resendVerification with a bound code': (email) =>
      latchkey.ask(ResendBoundVerificationDocument, { input: { email, bindCode: true } }, sending()),
    requestPasswordReset: (email) => latchkey.ask(RequestPasswordResetDocument, { input: { email } }, sending()),
    requestLogin: (email) => latchkey.ask(RequestLoginDocument, { input: { email } }, sending()),
    'requestPasswordReset with a bound code, and a wrong one': async (email) => {
      const input = { email, bindCode: true };
      const requested = await latchkey.ask(RequestBoundPasswordResetDocument, { input }, sending());
      if (requested.requestPasswordReset.__typename !== 'RequestPasswordResetSuccess') throw new Error('refused');
      const { requestToken } = requested.requestPasswordReset;
      const reset = { requestToken, code: '000000', newPassword: PASSWORD };
      await latchkey.ask(ResetPasswordDocument, { input: reset }, sending());
    },
    'register with a bound code': (email) =>
      latchkey.ask(
        RegisterWithBoundCodeDocument,
        { input: { name: 'Ada Example', email, password: 'another good passphrase', bindCode: true } },
        sending(),
      ),
    'verifyEmail with a wrong code': (email) =>
      latchkey.ask(VerifyEmailDocument, { input: { email, code: '000000' } }, sending()),
    'resetPassword with a wrong code': (email) =>
      latchkey.ask(ResetPasswordDocument, { input: { email, code: '000000', newPassword: PASSWORD } }, sending()),
  };

  test.each(Object.keys(REQUESTS))('of %s is the same for every address', async (name) => {
    const work: Record<string, unknown> = {};
    const all = Object.entries(await addresses());
    // Once a minute the first wrong password looks up which kinds of hash are in use.
    await REQUESTS['login with a wrong password']?.(latchkey.address());
    for (const [state, email] of all) {
      const done = await workOf(latchkey, () => REQUESTS[name]?.(email) ?? Promise.resolve());
      work[state] = amountOf(done);
    }
    for (const state of Object.keys(work)) expect(work[state], state).toEqual(work['unknown']);
  });

  const EMAIL_REQUESTS = ['resendVerification', 'requestPasswordReset', 'requestLogin'];

  test.each(EMAIL_REQUESTS)(
    'of %s is the same in kind: the same statements write rows of the same tables',
    async (name) => {
      const work: Record<string, unknown> = {};
      for (const [state, email] of Object.entries(await addresses())) {
        work[state] = kindsOf(await workOf(latchkey, () => REQUESTS[name]?.(email) ?? Promise.resolve()));
      }
      for (const state of Object.keys(work)) expect(work[state], state).toEqual(work['unknown']);
      expect(JSON.stringify(work['unknown'])).toContain('INSERT challenges');
    },
  );
});
