/** Giving an account the address that somebody has just proven to read. */

import type { Ctx } from '#core/context.ts';
import { isUniqueViolation } from '#core/unique-violation.ts';
import { EmailTakenError } from '#errors.ts';
import type { Prisma, User } from '#generated/prisma/client.ts';

/**
 * Sets the address, and with it `changes`. An account that was registered with the address and never proved it makes
 * way: whoever made it does not read the mail. Fails with EmailTakenError when another account has proven it; the
 * transaction has to be given up then. Call it with the user's row locked.
 */
export async function setProvenAddress(
  tx: Ctx,
  userId: string,
  email: string,
  changes: Prisma.UserUpdateInput = {},
): Promise<User> {
  const now = tx.clock();
  await tx.db.user.deleteMany({ where: { email, emailVerifiedAt: null, id: { not: userId } } });
  try {
    return await tx.db.user.update({
      where: { id: userId },
      data: { ...changes, email, emailVerifiedAt: now, updatedAt: now },
    });
  } catch (error) {
    throw isUniqueViolation(error) ? new EmailTakenError() : error;
  }
}
