/** The row of a user, held until the transaction ends: whatever changes several rows of a user takes it first. */

import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';

/** The user as they are now, for nobody else to change before the commit; null when there is none. */
export async function lockUser(tx: Ctx, userId: string): Promise<User | null> {
  await tx.db.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return tx.db.user.findUnique({ where: { id: userId } });
}
