/** Emails requested for an address that has no account: the answer does not tell, and nothing is left behind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  RegisterWithBoundCodeDocument,
  RequestBoundPasswordResetDocument,
  RequestLoginDocument,
  ResendBoundVerificationDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('an address without an account, on %s', (engine) => {
  let latchkey: Latchkey;
  let networks = 0;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const sending = () => ({ ip: `10.8.0.${networks++}` });
  /** The token of the request, or what refused it. */
  const tokenIn = (answer: { __typename: string; requestToken?: string | null }) =>
    answer.requestToken ?? answer.__typename;
  const REQUESTS: Record<string, (email: string) => Promise<string>> = {
    requestPasswordReset: async (email) => {
      const input = { email, bindCode: true };
      return tokenIn(
        (await latchkey.ask(RequestBoundPasswordResetDocument, { input }, sending())).requestPasswordReset,
      );
    },
    resendVerification: async (email) => {
      const input = { email, bindCode: true };
      return tokenIn((await latchkey.ask(ResendBoundVerificationDocument, { input }, sending())).resendVerification);
    },
    requestLogin: async (email) => {
      const { requestLogin } = await latchkey.ask(RequestLoginDocument, { input: { email } }, sending());
      return 'challengeToken' in requestLogin ? requestLogin.challengeToken : requestLogin.__typename;
    },
  };
  const prisma = () => latchkey.app.parts.database.prisma;
  const countRows = async () => ({
    users: await prisma().user.count(),
    challenges: await prisma().challenge.count(),
    usedProofs: await prisma().usedProof.count(),
  });
  /** A token begins with an id. Those of challenges contain the time, unlike random ones (RFC 9562 section 5.7). */
  const versionOf = (token: string) => (Buffer.from(token, 'base64url')[6] ?? 0) >> 4;

  test.each(Object.keys(REQUESTS))('%s leaves no row behind, also twice at once', async (name) => {
    const [once, twice] = [latchkey.address(), latchkey.address()];
    const before = await countRows();
    expect(await REQUESTS[name]?.(once)).toHaveLength(64);
    const atOnce = await Promise.all([REQUESTS[name]?.(twice), REQUESTS[name]?.(twice)]);
    expect(atOnce.filter((token) => token?.length === 64)).toHaveLength(1);
    expect(atOnce).toContain('TooManyAttemptsError');
    expect(await countRows()).toEqual(before);
  });

  test.each(Object.keys(REQUESTS))('%s gives a token that looks like any other', async (name) => {
    const known = latchkey.address();
    const input = { name: 'Ada Example', email: known, password: PASSWORD };
    await latchkey.ask(RegisterWithBoundCodeDocument, { input }, sending());
    latchkey.advance({ minutes: 2 });
    const tokens = [await REQUESTS[name]?.(known), await REQUESTS[name]?.(latchkey.address())];
    expect(tokens.map((token = '') => versionOf(token))).toEqual([7, 7]);
  });

  test('register gives a token that looks like any other', async () => {
    const { email: taken } = await latchkey.person();
    latchkey.advance({ minutes: 2 });
    const versions: number[] = [];
    for (const email of [taken, latchkey.address()]) {
      const input = { name: 'Ada Example', email, password: PASSWORD, bindCode: true };
      versions.push(
        versionOf(tokenIn((await latchkey.ask(RegisterWithBoundCodeDocument, { input }, sending())).register)),
      );
    }
    expect(versions).toEqual([7, 7]);
  });
});
