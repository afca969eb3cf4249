/** A change of address dies with the session that requested it, however that ends: code, link, and email. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { challengeToken } from '#core/proofs/challenge-token.ts';
import {
  ChangePasswordDocument,
  ConfirmEmailChangeDocument,
  DeleteAccountDocument,
  DisableUserDocument,
  EnableUserDocument,
  EndOtherSessionsDocument,
  EndSessionDocument,
  EndUserSessionsDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  RefreshDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

const NEW_PASSWORD = 'an entirely new password';

describe.each(ENGINES)('a change of address that a thief requested, on %s', (engine) => {
  let latchkey: Latchkey;
  let admin: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    admin = await latchkey.person();
    await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
  });
  afterAll(() => latchkey.close());

  type Thief = { accessToken: string; refreshToken: string; sessionId: string };
  const prisma = () => latchkey.app.parts.database.prisma;
  const byAdmin = () => ({ bearer: admin.accessToken });
  const newestToken = async (where: { address: string; purpose: string }) => {
    const challenge = await prisma().challenge.findFirstOrThrow({ where, orderBy: { createdAt: 'desc' } });
    return challengeToken(latchkey.app.parts.secrets, challenge);
  };

  const WAYS: Record<string, (owner: Person, thief: Thief) => Promise<unknown>> = {
    logoutEverywhere: ({ accessToken }) => latchkey.ask(LogoutEverywhereDocument, {}, { bearer: accessToken }),
    endOtherSessions: ({ accessToken }) => latchkey.ask(EndOtherSessionsDocument, {}, { bearer: accessToken }),
    endSession: ({ accessToken }, { sessionId }) =>
      latchkey.ask(EndSessionDocument, { input: { sessionId } }, { bearer: accessToken }),
    logout: (_, { refreshToken }) => latchkey.ask(LogoutDocument, { input: { refreshToken } }),
    changePassword: ({ accessToken }) =>
      latchkey.ask(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } },
        { bearer: accessToken },
      ),
    resetPassword: async ({ email }) => {
      await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
      const token = await newestToken({ address: email, purpose: 'reset-password' });
      await latchkey.ask(ResetPasswordDocument, { input: { token, newPassword: NEW_PASSWORD } });
    },
    'the alarm about a refresh token that was used before': async (_, { refreshToken }) => {
      // Twice, so that the first token is one that nobody can have again because an answer was lost.
      const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
      if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
      await latchkey.ask(RefreshDocument, { input: { refreshToken: refresh.tokens.refreshToken } });
      latchkey.advance({ seconds: 60 });
      await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    },
    deleteAccount: ({ accessToken }) =>
      latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer: accessToken }),
    'endUserSessions by an administrator': ({ id }) =>
      latchkey.ask(EndUserSessionsDocument, { input: { userId: id } }, byAdmin()),
    'disableUser, although the account is enabled again': async ({ id }) => {
      await latchkey.ask(DisableUserDocument, { input: { userId: id } }, byAdmin());
      await latchkey.ask(EnableUserDocument, { input: { userId: id } }, byAdmin());
    },
  };

  /** The owner of an account, and someone who signed in to it and asks for another address. */
  const stolen = async () => {
    const owner = await latchkey.person();
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: owner.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const { tokens, session } = login;
    const bearer = tokens.accessToken;
    const thief = { accessToken: bearer, refreshToken: tokens.refreshToken ?? '', sessionId: session.id };
    const newEmail = latchkey.address();
    const request = async () =>
      (await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer })).requestEmailChange;
    return { owner, thief, newEmail, request };
  };
  const confirm = async (token: string) =>
    (await latchkey.ask(ConfirmEmailChangeDocument, { input: { token } })).confirmEmailChange.__typename;

  test.each(Object.keys(WAYS))('cannot be confirmed after %s', async (way) => {
    const { owner, thief, newEmail, request } = await stolen();
    expect((await request()).__typename).toBe('RequestEmailChangeSuccess');
    const { link } = await latchkey.mailTo(newEmail);
    await WAYS[way]?.(owner, thief);
    expect(await confirm(new URL(link ?? '').searchParams.get('token') ?? '')).toBe('InvalidCodeError');
    expect(await prisma().user.count({ where: { email: newEmail } })).toBe(0);
  });

  test('is not even sent when its email still waits', async () => {
    const ways = Object.entries(WAYS);
    const all = await Promise.all(ways.map(stolen));
    const kept = await stolen();
    const jobs = (states: string[]) => prisma().$queryRaw<unknown[]>`SELECT 1 FROM pgboss.job
      WHERE name = 'mail' AND state::text = ANY(${states}) AND data->>'mail' = 'change-email'`;
    const waiting = () => jobs(['created', 'retry', 'active']);
    await latchkey.smtp.pause();
    for (const { request } of [...all, kept]) expect((await request()).__typename).toBe('RequestEmailChangeSuccess');
    expect(await waiting()).toHaveLength(all.length + 1);
    for (const [place, [, end]] of ways.entries()) {
      const at = all[place];
      if (at !== undefined) await end(at.owner, at.thief);
    }
    // An attempt that began before the session ended may still be under way; it would leave as soon as the server is
    // back.
    await vi.waitFor(async () => expect(await jobs(['active'])).toEqual([]), { timeout: 20_000, interval: 5 });
    await latchkey.smtp.resume();
    // The queue does not promise an order, so every job has to be done.
    await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 20_000 });
    const addressees = latchkey.smtp.mails.flatMap(({ envelope }) => envelope.to);
    expect(all.filter(({ newEmail }) => addressees.includes(newEmail))).toEqual([]);
    expect(addressees).toContain(kept.newEmail);
  });
});
