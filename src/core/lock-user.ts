/** The lock on a user's row. Whatever changes several rows of a user takes it first and holds it until the commit. */

import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import type { User } from '#generated/prisma/client.ts';

/** Locks and returns the current row, so that nobody else can change it before the commit; null if there is none. */
export async function lockUser(tx: Ctx, userId: string): Promise<User | null> {
  await tx.db.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return tx.db.user.findUnique({ where: { id: userId } });
}

/** As `lockUser`, by the address; as many statements for an address that nobody has. */
export async function lockUserOfAddress(tx: Ctx, email: EmailAddress): Promise<User | null> {
  await tx.db.$queryRaw`SELECT 1 FROM users WHERE email = ${email} FOR NO KEY UPDATE`;
  return tx.db.user.findUnique({ where: { email } });
}
