/**
 * Disable and enable an account, and sign it out everywhere. For administrators.
 *
 * Disabling ends every session, every open challenge, the trust in every device, and every legacy password immediately;
 * the person learns of it at the next sign-in with the correct password. Signing out everywhere ends sessions, the
 * trust in devices, and legacy passwords. Nobody can disable themselves or the last administrator. Repeating an action
 * changes nothing.
 * Fails with: UserNotFoundError, OwnAccountError, LastAdminError; UnauthenticatedError, ForbiddenError,
 * ReauthenticationRequiredError.
 */
import { administer, requireOtherAdmin, requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { forgetDevices } from '#core/devices/known-device.ts';
import { endChallenges } from '#core/proofs/challenge.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { endSessions } from '#core/sessions/session.ts';
import { OwnAccountError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type OnUserInput = { userId: string };
export type DisableUserSuccess = { user: User; endedSessions: number };
export type EndUserSessionsSuccess = DisableUserSuccess;
export type EnableUserSuccess = { user: User };

export async function disableUser(ctx: Ctx, { userId }: OnUserInput): Promise<DisableUserSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  return inTransaction(ctx, (tx) =>
    administer(tx, administrator, userId, async (user) => {
      if (user.id === administrator.actorId) throw new OwnAccountError();
      if (user.disabledAt !== null) return { user, endedSessions: 0 };
      await requireOtherAdmin(tx, user);
      const now = tx.clock();
      const disabled = await tx.db.user.update({ where: { id: user.id }, data: { disabledAt: now, updatedAt: now } });
      await endChallenges(tx, user.id);
      await forgetDevices(tx, user.id);
      // After the update: a concurrent sign-in holds the row, so its session is visible here.
      const endedSessions = await endSessions(tx, user.id, 'account_disabled');
      await removeLegacyPasswords(tx, user.id);
      await audit(tx, 'disable_user.completed', user.id, administrator);
      return { user: disabled, endedSessions };
    }),
  );
}

export async function enableUser(ctx: Ctx, { userId }: OnUserInput): Promise<EnableUserSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  return inTransaction(ctx, (tx) =>
    administer(tx, administrator, userId, async (user) => {
      if (user.disabledAt === null) return { user };
      const data = { disabledAt: null, updatedAt: tx.clock() };
      const enabled = await tx.db.user.update({ where: { id: user.id }, data });
      await audit(tx, 'enable_user.completed', user.id, administrator);
      return { user: enabled };
    }),
  );
}

export async function endUserSessions(ctx: Ctx, { userId }: OnUserInput): Promise<EndUserSessionsSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  return inTransaction(ctx, (tx) =>
    administer(tx, administrator, userId, async (user) => {
      // A device that stands in for the second factor is a way back in, and so is a legacy password.
      const endedDevices = await forgetDevices(tx, user.id);
      const endedSessions = await endSessions(tx, user.id, 'ended_by_operator');
      const removedPasswords = await removeLegacyPasswords(tx, user.id);
      if (endedSessions + endedDevices + removedPasswords > 0) {
        await audit(tx, 'end_user_sessions.completed', user.id, administrator);
      }
      return { user, endedSessions };
    }),
  );
}
