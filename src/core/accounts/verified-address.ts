/** What happens when an address is verified: by a code or link, or by a password reset. */
import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import { joinFirstOrganization } from '#core/organizations/first-organization.ts';
import { endSessions } from '#core/sessions/session.ts';
import { isUniqueViolation } from '#core/unique-violation.ts';
import { EmailTakenError } from '#errors/domain-errors.ts';
import type { Prisma, User } from '#generated/prisma/client.ts';
import { supersedeRegistrations } from './superseded-registration.ts';

/**
 * Marks the user's address as verified. The first time, earlier sessions end, because the person who registered may not
 * be the owner of the address, and the user joins their first organization. Call it in a transaction that has locked
 * the user's row (`consumeChallenge` does).
 */
export async function markAddressVerified(tx: Ctx, userId: string): Promise<User> {
  const now = tx.clock();
  const { count } = await tx.db.user.updateMany({
    where: { id: userId, emailVerifiedAt: null },
    data: { emailVerifiedAt: now, updatedAt: now },
  });
  const user = await tx.db.user.findUniqueOrThrow({ where: { id: userId } });
  if (count === 0) return user;
  await endSessions(tx, userId, 'email_proven');
  return joinFirstOrganization(tx, user);
}

/**
 * Sets the address, together with `changes`. Removes an unverified registration of the address: the person who made it
 * does not read its mail. Fails with EmailTakenError if another account has verified the address, or if an operator
 * created, imported, or disabled that account; the transaction must then be rolled back. Call it with the user's row
 * locked.
 */
export async function setVerifiedAddress(
  tx: Ctx,
  userId: string,
  email: EmailAddress,
  changes: Prisma.UserUpdateInput = {},
): Promise<User> {
  const now = tx.clock();
  await supersedeRegistrations(tx, [email], { actorId: userId }, userId);
  try {
    return await tx.db.user.update({
      where: { id: userId },
      data: { ...changes, email, emailVerifiedAt: now, updatedAt: now },
    });
  } catch (error) {
    throw isUniqueViolation(error) ? new EmailTakenError() : error;
  }
}
