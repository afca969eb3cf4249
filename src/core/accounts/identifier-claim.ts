/**
 * Whose a username or phone number is: the first verified account's. An account that is not verified holds them only
 * until somebody else asks, so that nobody can reserve names without an address; unless an operator made it.
 */

import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { Prisma } from '#generated/prisma/client.ts';
import { IS_SELF_REGISTERED } from './address-holder.ts';

/** Canonical; null for none. */
export type WantedIdentifiers = { username: string | null; phone: string | null };

/**
 * Fails with ValidationError (ALREADY_TAKEN) when an account that is verified, or made by an operator, holds one. This says nothing about any
 * address: the answer does not depend on who asks, but for the account that has it already.
 * @param exceptUserId the account that wants them, when there is one already
 */
export async function refuseTakenIdentifiers(
  ctx: Ctx,
  wanted: WantedIdentifiers,
  exceptUserId: string | null = null,
): Promise<void> {
  const errors = collectFieldErrors();
  const taken = async (column: 'username' | 'phone', value: string) => {
    const [holder] = await ctx.db.$queryRaw<{ id: string }[]>`
      SELECT u.id FROM users u
       WHERE u.${Prisma.raw(column)} = ${value} AND (u.email_verified_at IS NOT NULL OR NOT ${IS_SELF_REGISTERED})`;
    return holder !== undefined && holder.id !== exceptUserId;
  };
  if (wanted.username !== null && (await taken('username', wanted.username))) {
    errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  }
  if (wanted.phone !== null && (await taken('phone', wanted.phone))) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
  errors.throwIfAny();
}

/**
 * Takes username and phone from whoever holds them unverified, for the account of `email`. One at a time for each of
 * them; call it in the transaction that then writes them. Fails as `refuseTakenIdentifiers`.
 */
export async function claimIdentifiers(
  tx: Ctx,
  wanted: WantedIdentifiers & { email: string },
  exceptUserId: string | null = null,
): Promise<void> {
  const { username, phone, email } = wanted;
  if (username === null && phone === null) return;
  for (const identifier of [phone, username]) {
    if (identifier !== null) await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${identifier}, 0))`;
  }
  await refuseTakenIdentifiers(tx, wanted, exceptUserId);
  const others = { emailVerifiedAt: null, email: { not: email } };
  if (username !== null) await tx.db.user.updateMany({ where: { ...others, username }, data: { username: null } });
  if (phone !== null) await tx.db.user.updateMany({ where: { ...others, phone }, data: { phone: null } });
}
