/**
 * Usernames and phone numbers belong to the first verified account that has them, or to an account that an operator
 * created or imported. An unverified registration keeps them only until someone else asks for them, so that nobody can
 * reserve names without an address.
 */
import { NIL } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import { discoveryBudget } from './account-discovery.ts';
import { UNVERIFIED_REGISTRATION } from './registration.ts';

/** In canonical form; null for none. */
export type WantedIdentifiers = { username: string | null; phone: string | null };

/**
 * Fails with ValidationError (ALREADY_TAKEN) if another account holds one. That reveals such an account, so it counts
 * against the discovery budget of the network; free identifiers cost nothing. Fails with TooManyAttemptsError.
 * Never call it in a transaction.
 * @param exceptUserId the account that wants them, if it exists already
 */
export async function requireFreeIdentifiers(
  ctx: Ctx,
  wanted: WantedIdentifiers,
  exceptUserId: string | null = null,
): Promise<void> {
  if (wanted.username === null && wanted.phone === null) return;
  const budget = discoveryBudget(ctx);
  await ctx.keyedQueue.run(`${budget.rule.name} ${budget.of}`, budget.rule.limit, async () => {
    await reserve(ctx, [budget]);
    await refuseTakenIdentifiers(ctx, wanted, exceptUserId);
    await giveBack(ctx, [budget]);
  });
}

async function refuseTakenIdentifiers(
  ctx: Ctx,
  { username, phone }: WantedIdentifiers,
  exceptUserId: string | null,
): Promise<void> {
  const errors = collectFieldErrors();
  const isTaken = async (where: { username: string } | { phone: string }) =>
    (await ctx.db.user.count({
      where: { ...where, NOT: UNVERIFIED_REGISTRATION, ...(exceptUserId !== null && { id: { not: exceptUserId } }) },
    })) > 0;
  if (username !== null && (await isTaken({ username }))) {
    errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  }
  if (phone !== null && (await isTaken({ phone }))) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
  errors.throwIfAny();
}

/**
 * Takes the username and phone number from unverified registrations that hold them, for the account about to be
 * written. Locks each identifier. Call it in the transaction that writes. Fails with ValidationError (ALREADY_TAKEN).
 * @param claimant the address of the account, and its id if it exists; null runs the same statements without effect, so
 * that a registration that creates no account takes as long
 */
export async function claimIdentifiers(
  tx: Ctx,
  wanted: WantedIdentifiers,
  claimant: { email: string; id?: string } | null,
): Promise<void> {
  const { username, phone } = wanted;
  for (const identifier of [phone, username]) {
    if (identifier !== null) await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${identifier}, 0))`;
  }
  await refuseTakenIdentifiers(tx, wanted, claimant?.id ?? null);
  const others = claimant === null ? { id: NIL } : { ...UNVERIFIED_REGISTRATION, email: { not: claimant.email } };
  if (username !== null) await tx.db.user.updateMany({ where: { ...others, username }, data: { username: null } });
  if (phone !== null) await tx.db.user.updateMany({ where: { ...others, phone }, data: { phone: null } });
}
