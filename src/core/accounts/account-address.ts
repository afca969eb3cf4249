/** Giving an account the address that somebody has just proven to read. */

import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { isUniqueViolation } from '#core/unique-violation.ts';
import { EmailTakenError } from '#errors.ts';
import type { Prisma, User } from '#generated/prisma/client.ts';
import { UNVERIFIED_REGISTRATION } from './registration.ts';

/**
 * Sets the address, and with it `changes`. A registration of the address that was never verified makes way: whoever made
 * it does not read its mail. Fails with EmailTakenError when another account has verified it, or when an operator made,
 * imported or disabled that account; the transaction has to be given up then. Call it with the user's row locked.
 */
export async function setProvenAddress(
  tx: Ctx,
  userId: string,
  email: string,
  changes: Prisma.UserUpdateInput = {},
): Promise<User> {
  const now = tx.clock();
  const others = { email, ...UNVERIFIED_REGISTRATION, disabledAt: null, id: { not: userId } };
  const removed = await tx.db.user.findMany({ where: others, select: { id: true } });
  for (const { id } of removed) {
    const { count } = await tx.db.user.deleteMany({ where: { ...others, id } });
    if (count === 1) await audit(tx, 'register.superseded', id, { actorId: userId });
  }
  try {
    return await tx.db.user.update({
      where: { id: userId },
      data: { ...changes, email, emailVerifiedAt: now, updatedAt: now },
    });
  } catch (error) {
    throw isUniqueViolation(error) ? new EmailTakenError() : error;
  }
}
