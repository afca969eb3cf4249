/**
 * Changes of how a person can sign in. Each is mailed to them with a link that undoes it for seven days, and everything
 * of the kind that was done after it. An intruder who adds a factor of their own, or removes one, gains a week at most.
 */
import type { Ctx } from '#core/context.ts';
import { forgetDevices } from '#core/devices/known-device.ts';
import { daysAfter } from '#core/time.ts';
import type { User } from '#generated/prisma/client.ts';
import { removeLegacyPasswords } from './legacy-password.ts';
import { removeRecoveryCodes } from './recovery-code.ts';
import { noteSecondFactor } from './second-factor-methods.ts';

export type SecurityChangeKind =
  | 'totp_added'
  | 'totp_removed'
  | 'recovery_codes_renewed'
  | 'device_trusted'
  | 'legacy_password_added'
  /** An administrator removed every factor. */
  | 'factors_removed'
  /** Someone who has lost the factors asked for their removal; it waits. */
  | 'reset_requested'
  /** The wait was over, and every factor was removed. */
  | 'reset_completed';

const UNDO_DAYS = 7;

type ChangeDetails = { at: Date; objectId?: string; remindAfterSeconds?: number; undoUntil?: Date };

/**
 * Records the change and queues the email with the link. Call it in the transaction of the change.
 * @param details.at the time that is written to the rows that changed
 * @param details.objectId the factor or device
 * @param details.undoUntil until when the link works, if that is later than in seven days
 * @param details.remindAfterSeconds when to send the email a second time, if it still applies then
 */
export async function recordSecurityChange(
  tx: Ctx,
  user: Pick<User, 'id' | 'email'>,
  kind: SecurityChangeKind,
  { at: now, objectId, remindAfterSeconds, undoUntil = now }: ChangeDetails,
): Promise<void> {
  const { ipAddress, userAgent } = tx.caller;
  const usualEnd = daysAfter(now, UNDO_DAYS);
  const change = await tx.db.securityChange.create({
    data: { userId: user.id, kind, objectId: objectId ?? null, ipAddress, userAgent, createdAt: now },
  });
  const link = await tx.db.challenge.create({
    data: {
      purpose: 'undo-security-change',
      userId: user.id,
      address: user.email,
      subjectId: change.id,
      createdAt: now,
      codeExpiresAt: now,
      expiresAt: undoUntil > usualEnd ? undoUntil : usualEnd,
    },
  });
  const mail = { mail: 'security-change', challengeId: link.id } as const;
  await tx.outbox.queue(tx, mail);
  if (remindAfterSeconds !== undefined) await tx.outbox.queue(tx, mail, { afterSeconds: remindAfterSeconds });
}

/**
 * Takes back every change of factors since then: those added since go, those removed since come back, and the codes and
 * devices that may be an intruder's are void. Call it in a transaction with the user locked.
 */
export async function revertSecurityChanges(tx: Ctx, userId: string, since: Date): Promise<void> {
  const now = tx.clock();
  const factors = { userId, removedAt: null };
  await tx.db.securityChange.updateMany({
    where: { userId, createdAt: { gte: since }, undoneAt: null },
    data: { undoneAt: now },
  });
  await tx.db.totpFactor.deleteMany({ where: { ...factors, createdAt: { gte: since } } });
  await tx.db.totpFactor.updateMany({
    where: { userId, createdAt: { lt: since }, removedAt: { gte: since } },
    data: { removedAt: null },
  });
  await removeRecoveryCodes(tx, userId);
  await forgetDevices(tx, userId);
  await removeLegacyPasswords(tx, userId);
  await tx.db.user.update({ where: { id: userId }, data: { factorsResetAt: null } });
  await noteSecondFactor(tx, userId);
}
