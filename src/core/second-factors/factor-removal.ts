/** Removes every second factor of an account that its owner has lost. The owner can bring them back for seven days. */
import type { Ctx } from '#core/context.ts';
import { endSessions } from '#core/sessions/session.ts';
import type { User } from '#generated/prisma/client.ts';
import { removeLegacyPasswords } from './legacy-password.ts';
import { removeRecoveryCodes } from './recovery-code.ts';
import { noteSecondFactor } from './second-factor-methods.ts';
import { recordSecurityChange } from './security-change.ts';
import { endTrustedDevices } from './trusted-device.ts';

/** Returns the number of sessions that ended. Call it in a transaction, with the user locked. */
export async function removeSecondFactors(
  tx: Ctx,
  user: User,
  kind: 'factors_removed' | 'reset_completed',
): Promise<number> {
  const at = tx.clock();
  await tx.db.totpFactor.updateMany({ where: { userId: user.id, removedAt: null }, data: { removedAt: at } });
  await removeRecoveryCodes(tx, user.id);
  await endTrustedDevices(tx, user.id);
  await removeLegacyPasswords(tx, user.id);
  await tx.db.user.update({ where: { id: user.id }, data: { factorsResetAt: null } });
  await noteSecondFactor(tx, user.id);
  await recordSecurityChange(tx, user, kind, { at });
  return endSessions(tx, user.id, 'factors_removed');
}
