/**
 * Ends what a restored backup has revived, for an operator. A backup knows nothing of what happened after it: sessions
 * that were signed out are alive, and used codes and links and replaced passwords work again. Nobody can tell what was
 * revoked from what was not, so everything that opens an account ends, in one transaction:
 *
 * sessions, trusted devices, codes and links, invitations, passwords, passwords of REST clients, recovery codes, access
 * tokens of every kind (by new signing keys), and waiting emails. Pending deletions start their grace period again and
 * are announced again, because someone may have undone them. Pending removals of lost second factors are canceled.
 *
 * Two things stay. Authenticator apps, because nobody could sign in without them. And links that undo a change: the
 * change is back as well, and without the link, an intruder who was thrown out after the backup could not be thrown out
 * again. Whatever happened after `at` stays too, so repeating the call changes nothing.
 * Fails with: ForbiddenError for anyone but an operator, KeyRingLockedError.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inLongTransaction } from '#core/context.ts';
import { prepareReplacement } from '#core/tokens/key-replacement.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import {
  dropMails,
  endChallenges,
  endDevices,
  endInvitations,
  endLegacyPasswords,
  endPasswords,
  endRecoveryCodes,
  endSessions,
  forgetUsedProofs,
} from './revived-access.ts';
import { cancelFactorResets, postponeAccountDeletions, postponeOrganizationDeletions } from './revived-deadlines.ts';

export type SecureRestoredBackupInput = {
  /** When the restored database went into use. Whatever was created later stays. */
  at: Date;
  /** Whether people keep their passwords, although one that was changed after the backup is the old one again. */
  keepsPasswords: boolean;
};

/** How many of each were ended. */
export type SecureRestoredBackupSuccess = {
  sessions: number;
  devices: number;
  codesAndLinks: number;
  invitations: number;
  passwords: number;
  legacyPasswords: number;
  recoveryCodes: number;
  signingKeys: number;
  emails: number;
  postponedDeletions: number;
  canceledFactorResets: number;
};

/** Named as it always was: kinds of events are never renamed. */
const EVENT = 'restore_backup.completed';

export async function secureRestoredBackup(
  ctx: Ctx,
  input: SecureRestoredBackupInput,
): Promise<SecureRestoredBackupSuccess> {
  if (ctx.origin !== 'operator') throw new ForbiddenError();
  const { at, keepsPasswords } = input;
  const replaceKeys = await prepareReplacement(ctx);
  return inLongTransaction(ctx, async (tx) => {
    const signingKeys = await replaceKeys(tx.db, at);
    const sessions = await endSessions(tx, at);
    const devices = await endDevices(tx, at);
    const codesAndLinks = await endChallenges(tx, at);
    await forgetUsedProofs(tx);
    const invitations = await endInvitations(tx, at);
    const passwords = keepsPasswords ? 0 : await endPasswords(tx, at);
    const legacyPasswords = keepsPasswords ? 0 : await endLegacyPasswords(tx, at);
    const recoveryCodes = await endRecoveryCodes(tx, at);
    const canceledFactorResets = await cancelFactorResets(tx, at);
    const emails = await dropMails(tx, at);
    // A second time, they would only be postponed and announced again.
    const isRepeated = (await tx.db.auditEvent.count({ where: { name: EVENT, occurredAt: { gt: at } } })) > 0;
    const postponedAccounts = isRepeated ? 0 : await postponeAccountDeletions(tx, at);
    const postponedOrganizations = isRepeated ? 0 : await postponeOrganizationDeletions(tx, at);
    await audit(tx, EVENT, null);
    return {
      sessions,
      devices,
      codesAndLinks,
      invitations,
      passwords,
      legacyPasswords,
      recoveryCodes,
      signingKeys,
      emails,
      postponedDeletions: postponedAccounts + postponedOrganizations,
      canceledFactorResets,
    };
  });
}
