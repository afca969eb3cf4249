/** Which second factors a person can use, and whether they have any. */
import type { Ctx } from '#core/context.ts';
import type { SecondFactorMethod } from '#errors/domain-errors.ts';
import { countRecoveryCodes } from './recovery-code.ts';

/** The usual one first; empty for an account without a second factor, whatever recovery codes it still has. */
export async function secondFactorMethods(ctx: Ctx, userId: string): Promise<SecondFactorMethod[]> {
  if ((await ctx.db.totpFactor.count({ where: { userId, removedAt: null } })) === 0) return [];
  return (await countRecoveryCodes(ctx, userId)) === 0 ? ['TOTP'] : ['TOTP', 'RECOVERY_CODE'];
}

/**
 * Notes in the row of the user whether there is a second factor. Call it after every change of factors, in the same
 * transaction and with the user locked. Returns whether there is one.
 */
export async function noteSecondFactor(tx: Ctx, userId: string): Promise<boolean> {
  const hasSecondFactor = (await tx.db.totpFactor.count({ where: { userId, removedAt: null } })) > 0;
  await tx.db.user.update({ where: { id: userId }, data: { hasSecondFactor } });
  return hasSecondFactor;
}
