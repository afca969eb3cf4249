/** What happens to an account besides its factors never removes one, and ends the trust in its devices. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConfirmEmailChangeDocument,
  DeleteAccountDocument,
  DisableUserDocument,
  EnableUserDocument,
  LoginDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoAccountDeletionDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import {
  challengeOf,
  confirm,
  elsewhere,
  nextStep,
  type Protected,
  protectedPerson,
} from '../support/second-factor.ts';

const NEW_PASSWORD = 'nine unrelated red teapots';

describe.each(ENGINES)('the second factor stays, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  type Credentials = { email: string; password: string };
  const tokenOf = (link: string | null | undefined) => new URL(link ?? '').searchParams.get('token') ?? '';
  /** The token of the link in the newest email to someone, once there are so many. */
  const mailedToken = async (email: string, count: number) => tokenOf((await latchkey.mailTo(email, count)).link);

  /** Each gives what the person signs in with afterwards. Two emails have gone out before: a registration, a factor. */
  const EVENTS: Record<string, (ada: Protected) => Promise<Partial<Credentials>>> = {
    'a reset of the password': async ({ email }) => {
      await latchkey.ask(RequestPasswordResetDocument, { input: { email } }, elsewhere());
      const input = { token: await mailedToken(email, 4), newPassword: NEW_PASSWORD };
      const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input });
      expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
      return { password: NEW_PASSWORD };
    },
    'a change of the address': async ({ accessToken: bearer }) => {
      const newEmail = latchkey.address();
      await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer });
      const input = { token: await mailedToken(newEmail, 1) };
      const { confirmEmailChange } = await latchkey.ask(ConfirmEmailChangeDocument, { input });
      expect(confirmEmailChange.__typename).toBe('ConfirmEmailChangeSuccess');
      return { email: newEmail };
    },
    'disabling and enabling the account': async ({ id: userId }) => {
      const admin = await latchkey.person();
      await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
      const sending = { bearer: admin.accessToken };
      const { disableUser } = await latchkey.ask(DisableUserDocument, { input: { userId } }, sending);
      expect(disableUser.__typename).toBe('DisableUserSuccess');
      const { enableUser } = await latchkey.ask(EnableUserDocument, { input: { userId } }, sending);
      expect(enableUser.__typename).toBe('EnableUserSuccess');
      return {};
    },
    'requesting and undoing the deletion of the account': async ({ email, accessToken: bearer }) => {
      const asked = await latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer });
      expect(asked.deleteAccount.__typename).toBe('DeleteAccountSuccess');
      const input = { token: await mailedToken(email, 4) };
      const { undoAccountDeletion } = await latchkey.ask(UndoAccountDeletionDocument, { input });
      expect(undoAccountDeletion.__typename).toBe('UndoAccountDeletionSuccess');
      return {};
    },
  };

  test.each(Object.entries(EVENTS))('after %s', async (_, happen) => {
    const ada = await protectedPerson(latchkey);
    const trusting = await confirm(latchkey, {
      challengeToken: await challengeOf(latchkey, ada),
      code: ada.app.code(),
      trustDevice: true,
    });
    if (trusting.__typename !== 'LoginSuccess') throw new Error(trusting.__typename);
    const { deviceToken } = trusting.tokens;
    expect(deviceToken).not.toBeNull();
    await latchkey.mailTo(ada.email, 3);

    const { email, password } = { email: ada.email, password: PASSWORD, ...(await happen(ada)) };
    nextStep(latchkey);
    const input = { identifier: email, password, deviceToken };
    const { login } = await latchkey.ask(LoginDocument, { input }, elsewhere());
    expect(login).toMatchObject({ __typename: 'SecondFactorRequiredError', methods: ['TOTP', 'RECOVERY_CODE'] });
    if (login.__typename !== 'SecondFactorRequiredError') throw new Error(login.__typename);
    const { challengeToken } = login;
    expect((await confirm(latchkey, { challengeToken, code: ada.app.code() })).__typename).toBe('LoginSuccess');
    const factors = await prisma().totpFactor.findMany({ where: { userId: ada.id, removedAt: null } });
    expect(factors.map(({ id }) => id)).toEqual([ada.factorId]);
    expect(await prisma().recoveryCode.count({ where: { userId: ada.id, usedAt: null } })).toBe(10);
  });
});
