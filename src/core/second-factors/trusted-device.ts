/** Devices that a person trusts: there, the password alone signs in. */
import type { Ctx } from '#core/context.ts';

/** Ends the trust in every device of the person. Call it in a transaction with the user locked. */
export async function endTrustedDevices(tx: Ctx, userId: string): Promise<void> {
  await tx.db.device.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: tx.clock() } });
}
