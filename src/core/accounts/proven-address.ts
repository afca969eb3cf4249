/** What follows when an address is proven, whichever way it was: by the mailed code or link, or by resetting a password. */

import type { Ctx } from '#core/context.ts';
import { joinTenant } from '#core/organizations/tenant.ts';
import { endSessions } from '#core/sessions/session.ts';
import type { User } from '#generated/prisma/client.ts';

/**
 * Marks the user's address as proven. The first time, sessions opened before the proof end (whoever registered need
 * not be who reads the mail), and the user joins their tenant or gets a team. Call it in a transaction that has locked
 * the user's row (`consumeChallenge` does).
 */
export async function markAddressProven(tx: Ctx, userId: string): Promise<User> {
  const now = tx.clock();
  const { count } = await tx.db.user.updateMany({
    where: { id: userId, emailVerifiedAt: null },
    data: { emailVerifiedAt: now, updatedAt: now },
  });
  const user = await tx.db.user.findUniqueOrThrow({ where: { id: userId } });
  if (count === 0) return user;
  await endSessions(tx, userId, 'email_proven');
  return joinTenant(tx, user);
}
