/**
 * Delete the account of the viewer: after a time of grace (ACCOUNT_DELETION_GRACE) in which a mailed link undoes it.
 *
 * The password is asked for and counted as at login. Every session ends at once and the account can no longer be used;
 * a login with the right password is told so. The grace lasts at least as long as a link that could give the account
 * back to a former address, so that a thief who moved it cannot have it deleted first. Nobody leaves an organization
 * without an owner: with other members in it, it is handed over first; one without goes with the account. What happens
 * at the end is `purgeDeletedAccounts` (core/account-purge.ts).
 * Fails with: InvalidCredentialsError, OwnershipTransferRequiredError, LastAdminError, InvalidCodeError,
 * TooManyAttemptsError, ServiceBusyError; UnauthenticatedError.
 */
import { requireOtherAdmin } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { consumeChallenge, endChallenges } from '#core/proofs/challenge.ts';
import { checkLinkProof } from '#core/proofs/proof.ts';
import { keepUndoLink, lastUndoEndsAt } from '#core/proofs/undo-link.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer } from '#core/sessions/viewer.ts';
import { secondsAfter } from '#core/time.ts';
import { InvalidCodeError, InvalidCredentialsError, OwnershipTransferRequiredError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { soleOwnerships } from './sole-ownership.ts';

export type DeleteAccountSuccess = { deletesAt: Date };
export type UndoAccountDeletionSuccess = { user: User };

export async function deleteAccount(ctx: Ctx, input: { password: string }): Promise<DeleteAccountSuccess> {
  const { user, session } = await requirePassword(ctx, input.password, 'delete_account.failed');
  return inTransaction(ctx, async (tx) => {
    await requireOtherAdmin(tx, user);
    const current = await holdViewer(tx, { user, session });
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const organizationIds = await soleOwnerships(tx, user.id);
    if (organizationIds.length > 0) throw new OwnershipTransferRequiredError(organizationIds);
    const deletesAt = await endOfGrace(tx, user.id);
    await tx.db.user.update({ where: { id: user.id }, data: { deletesAt, updatedAt: tx.clock() } });
    await endChallenges(tx, user.id);
    // After the update: a login under way holds the row, and its session is seen here.
    await endSessions(tx, user.id, 'account_deleted');
    const undo = await keepUndoLink(tx, 'undo-account-deletion', current, deletesAt);
    await tx.outbox.queue(tx, { mail: 'account-deletion', challengeId: undo.id });
    await audit(tx, 'delete_account.requested', user.id, { actorId: user.id, sessionId: session.id });
    return { deletesAt };
  });
}

export async function undoAccountDeletion(ctx: Ctx, input: { token: string }): Promise<UndoAccountDeletionSuccess> {
  const challenge = await checkLinkProof(ctx, 'undo-account-deletion', input.token);
  return inTransaction(ctx, async (tx) => {
    await consumeChallenge(tx, challenge);
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
