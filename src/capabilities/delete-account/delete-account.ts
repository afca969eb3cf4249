/**
 * Delete the viewer's account after a grace period (ACCOUNT_DELETION_GRACE), in which a link sent by email undoes it.
 *
 * The password is counted as at sign-in. Without it, as for an account that has none, a recent sign-in is required. A
 * recent second factor is required in any case, if the account has one: a stolen session and a known password must not
 * be enough. Every session ends immediately and the account can no longer be used; a sign-in with the correct password
 * says so. The grace period lasts at least as long as any link that restores a former email address, so that an
 * intruder who changed the address cannot have the account deleted first. Nobody may leave an organization without an
 * owner: if it has other members, ownership must be transferred first; if not, it is deleted with the account. When the
 * grace period is over, `purgeDeletedAccounts` deletes the account.
 * Fails with: InvalidCredentialsError, ReauthenticationRequiredError, OwnershipTransferRequiredError,
 * LastAdminError, InvalidCodeError, TooManyAttemptsError, ServiceBusyError; UnauthenticatedError.
 */
import { requireOtherAdmin } from '#core/accounts/administrator.ts';
import { audit, auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { forgetDevices } from '#core/devices/known-device.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { endChallenges } from '#core/proofs/challenge.ts';
import { answerLinkProof, type ValidProof } from '#core/proofs/proof.ts';
import { keepUndoLink, lastUndoEndsAt } from '#core/proofs/undo-link.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { requireRecentFactor, requireRecentSignIn } from '#core/sessions/recent-sign-in.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer } from '#core/sessions/viewer.ts';
import { secondsAfter } from '#core/time.ts';
import { USABLE_ACCOUNT } from '#core/usable.ts';
import { InvalidCodeError, InvalidCredentialsError, OwnershipTransferRequiredError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { soleOwnerships } from './sole-ownership.ts';

export type DeleteAccountInput = { password?: string | null | undefined };
export type DeleteAccountSuccess = { deletesAt: Date };
export type UndoAccountDeletionSuccess = { user: User };

export async function deleteAccount(ctx: Ctx, { password }: DeleteAccountInput): Promise<DeleteAccountSuccess> {
  await requireRecentFactor(ctx);
  const { user, session } =
    password == null ? await requireRecentSignIn(ctx) : await requirePassword(ctx, password, 'delete_account.failed');
  return inTransaction(ctx, async (tx) => {
    await requireOtherAdmin(tx, user);
    const current = await holdViewer(tx, { user, session });
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const organizationIds = await soleOwnerships(tx, user.id);
    if (organizationIds.length > 0) throw new OwnershipTransferRequiredError(organizationIds);
    const deletesAt = await endOfGrace(tx, user.id);
    await tx.db.user.update({ where: { id: user.id }, data: { deletesAt, updatedAt: tx.clock() } });
    await endChallenges(tx, user.id);
    await forgetDevices(tx, user.id);
    // After the update: a concurrent sign-in holds the row, so its session is visible here.
    await endSessions(tx, user.id, 'account_deleted');
    await removeLegacyPasswords(tx, user.id);
    const undo = await keepUndoLink(tx, 'undo-account-deletion', current, deletesAt);
    await tx.outbox.queue(tx, { mail: 'account-deletion', challengeId: undo.id });
    await auditBy(tx, { user, session }, 'delete_account.requested');
    return { deletesAt };
  });
}

export async function undoAccountDeletion(ctx: Ctx, input: { token: string }): Promise<UndoAccountDeletionSuccess> {
  const use = { purpose: 'undo-account-deletion', operation: 'undo-account-deletion' } as const;
  return answerLinkProof(ctx, use, input.token, {
    first: (proof) => keepAccount(ctx, proof),
    again: async ({ id }) => {
      const user = await ctx.db.user.findUnique({ where: { id, ...USABLE_ACCOUNT } });
      return user && { user };
    },
  });
}

async function keepAccount(ctx: Ctx, { challenge, consume }: ValidProof): Promise<UndoAccountDeletionSuccess> {
  return inTransaction(ctx, async (tx) => {
    await consume(tx);
    const { count } = await tx.db.user.updateMany({
      where: { id: challenge.userId, deletesAt: { gt: tx.clock() } },
      data: { deletesAt: null, updatedAt: tx.clock() },
    });
    if (count === 0) throw new InvalidCodeError();
    await audit(tx, 'delete_account.undone', challenge.userId);
    return { user: await tx.db.user.findUniqueOrThrow({ where: { id: challenge.userId } }) };
  });
}

async function endOfGrace(tx: Ctx, userId: string): Promise<Date> {
  const usual = secondsAfter(tx.clock(), tx.config.accountDeletionGraceSeconds);
  const undoEndsAt = await lastUndoEndsAt(tx, userId);
  return undoEndsAt !== null && undoEndsAt > usual ? undoEndsAt : usual;
}
