/** More sign-ins than can be hashed: strangers are refused for next to nothing, and nobody else waits for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalizePassword } from '#core/passwords/password.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import {
  LoginDocument,
  ReauthenticateDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { elsewhere } from '../support/second-factor.ts';
import { workOf } from '../support/work.ts';

/** Hashes that take long enough for a line to form behind them. */
const SLOW = { HASH_MEMORY_KIB: '16384', HASH_ITERATIONS: '2', HASH_SLOTS: '1', HASH_QUEUE: '8' };

describe.each(ENGINES)('a flood of sign-ins, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, clockStands: true, env: SLOW });
  });
  afterAll(() => latchkey.close());

  /** Runs `work` while strangers take every place that they can get. */
  const flooded = async <T>(work: () => Promise<T>): Promise<T> => {
    const { passwordHasher } = latchkey.app.parts;
    const guess = normalizePassword('a wrong password');
    let isOver = false;
    const flood = async () => {
      while (!isOver && guess !== null) {
        await passwordHasher.hash(guess).catch((error) => {
          if (!(error instanceof ServiceBusyError)) throw error;
          return new Promise(setImmediate);
        });
      }
    };
    const strangers = Array.from({ length: 12 }, flood);
    try {
      return await work();
    } finally {
      isOver = true;
      await Promise.all(strangers);
    }
  };
  const signIn = (identifier: string, deviceToken?: string, password = PASSWORD) =>
    latchkey.send(LoginDocument, { input: { identifier, password, ...(deviceToken && { deviceToken }) } }, elsewhere());

  test('strangers are refused with SERVICE_BUSY and a time to wait, before any statement and hash', async () => {
    const { email } = await latchkey.person();
    await flooded(async () => {
      for (const identifier of [email, latchkey.address()]) {
        const { statements } = await workOf(latchkey, async () => {
          const { data } = await signIn(identifier);
          expect(data?.login).toMatchObject({ __typename: 'ServiceBusyError', code: 'SERVICE_BUSY' });
          expect(data?.login).toHaveProperty('retryAfterSeconds', expect.any(Number));
        });
        expect(statements).toEqual([]);
      }
      const body = JSON.stringify({ email, password: PASSWORD });
      const headers = { 'content-type': 'application/json' };
      const answer = await latchkey.fetch('/api/auth/login/', { method: 'POST', headers, body });
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    });
  });

  test('a token of a device that the account does not know is worth one look', async () => {
    const [own, other] = [await latchkey.person(), await latchkey.person()];
    const first = await signIn(own.email);
    if (first.data?.login.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(first));
    const { deviceToken } = first.data.login.tokens;
    await flooded(async () => {
      for (const identifier of [other.email, latchkey.address()]) {
        const { statements } = await workOf(latchkey, async () => {
          const { data } = await signIn(identifier, deviceToken ?? '');
          expect(data?.login).toMatchObject({ __typename: 'ServiceBusyError' });
        });
        // Those of the embedded database are not counted.
        expect(statements).toEqual(engine === 'embedded' ? [] : ['SELECT devices']);
      }
    });
  });

  test('many who wait for others of their own account and network keep nobody else out', async () => {
    const [crowded, other] = [await latchkey.person(), await latchkey.person()];
    const network = elsewhere();
    const input = { identifier: crowded.email, password: PASSWORD };
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => latchkey.send(LoginDocument, { input }, network)),
      signIn(other.email),
    ]);
    expect(new Set(answers.map(({ data }) => data?.login.__typename))).toEqual(new Set(['LoginSuccess']));
  });

  test('a known device signs in, and so does anyone who is signed in or reads the mailbox', async () => {
    const { email } = await latchkey.person();
    const first = await signIn(email);
    if (first.data?.login.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(first));
    const { deviceToken, accessToken: bearer } = first.data.login.tokens;
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } }, elsewhere());
    const { code } = await latchkey.mailTo(email, 2);
    await flooded(async () => {
      const known = await signIn(email, deviceToken ?? '');
      expect(known.data?.login.__typename).toBe('LoginSuccess');
      const wrong = await signIn(email, deviceToken ?? '', 'wrong');
      expect(wrong.data?.login.__typename).toBe('InvalidCredentialsError');
      const input = { password: PASSWORD };
      const again = await latchkey.ask(ReauthenticateDocument, { input }, { ...elsewhere(), bearer });
      expect(again.reauthenticate.__typename).toBe('ReauthenticateSuccess');
      const newPassword = 'another good passphrase';
      const reset = await latchkey.ask(ResetPasswordDocument, { input: { email, code, newPassword } }, elsewhere());
      expect(reset.resetPassword.__typename).toBe('ResetPasswordSuccess');
    });
  });
});
