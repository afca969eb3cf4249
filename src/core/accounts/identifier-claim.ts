/**
 * Usernames and phone numbers belong to the first verified account that has them, or to an account that an operator
 * created or imported, and for a while to the account that had them last (former-identifier.ts). An unverified
 * registration keeps them only until someone else asks for them, so that nobody can reserve names without an address.
 */
import { NIL } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { parsePhone } from '#core/input/identifier.ts';
import { giveBack, inTurnOf, reserve } from '#core/limits/throttle.ts';
import { Prisma } from '#generated/prisma/client.ts';
import { discoveryBudget } from './account-discovery.ts';
import type { Identifiers } from './former-identifier.ts';
import { REPLACEABLE_REGISTRATION } from './registration.ts';

/**
 * Fails with ValidationError (ALREADY_TAKEN) if another account holds one. That reveals such an account, so it counts
 * against the discovery budget of the network; free identifiers cost nothing. Fails with TooManyAttemptsError.
 * Never call it in a transaction.
 * @param exceptUserId the account that wants them, if it exists already
 */
export async function requireFreeIdentifiers(
  ctx: Ctx,
  wanted: Identifiers,
  exceptUserId: string | null = null,
): Promise<void> {
  if (wanted.username === null && wanted.phone === null) return;
  const budget = discoveryBudget(ctx);
  await inTurnOf(ctx, budget, async () => {
    await reserve(ctx, [budget]);
    await refuseTakenIdentifiers(ctx, wanted, exceptUserId);
    await giveBack(ctx, [budget]);
  });
}

async function refuseTakenIdentifiers(ctx: Ctx, wanted: Identifiers, exceptUserId: string | null): Promise<void> {
  const errors = collectFieldErrors();
  await reportTakenIdentifiers(ctx, wanted, exceptUserId, errors);
  errors.throwIfAny();
}

/** Adds ALREADY_TAKEN for each identifier that another account has, or had until recently; the answer is the same. */
export async function reportTakenIdentifiers(
  ctx: Ctx,
  { username, phone }: Identifiers,
  exceptUserId: string | null,
  errors: FieldErrors,
): Promise<void> {
  const taken = await findTakenIdentifiers(ctx, [username, phone], exceptUserId);
  if (username !== null && taken.has(username)) errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  if (phone !== null && taken.has(phone)) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
}

/**
 * Those of the identifiers that another account has, or had until recently. One statement, so that an identifier that
 * is being given up is found in one place or the other.
 */
export async function findTakenIdentifiers(
  ctx: Ctx,
  wanted: readonly (string | null)[],
  exceptUserId: string | null,
): Promise<Set<string>> {
  const values = wanted.filter((value) => value !== null);
  if (values.length === 0) return new Set();
  const self = exceptUserId ?? NIL;
  const rows = await ctx.db.$queryRaw<{ value: string }[]>`
    SELECT w.value FROM unnest(${values}::text[]) AS w (value)
     WHERE EXISTS (SELECT 1 FROM users u
                    WHERE u.username = w.value AND u.id <> ${self}::uuid AND NOT (${REPLACEABLE}))
        OR EXISTS (SELECT 1 FROM users u
                    WHERE u.phone = w.value AND u.id <> ${self}::uuid AND NOT (${REPLACEABLE}))
        OR EXISTS (SELECT 1 FROM former_identifiers f
                    WHERE f.value = w.value AND f.user_id <> ${self}::uuid
                      AND f.held_until > ${ctx.clock()}::timestamptz)`;
  return new Set(rows.map(({ value }) => value));
}

/** `REPLACEABLE_REGISTRATION` of a row `u`. */
const REPLACEABLE = Prisma.sql`u.source = 'REGISTRATION' AND u.email_verified_at IS NULL AND u.disabled_at IS NULL`;

/**
 * Takes the username and phone number from unverified registrations that hold them, for the account about to be
 * written. Locks each identifier; call it in the transaction that writes, before it locks the account.
 * Fails with ValidationError (ALREADY_TAKEN).
 * @param claimant the address of the account, and its id if it exists; null runs the same statements without effect, so
 * that a registration that creates no account takes as long
 */
export async function claimIdentifiers(
  tx: Ctx,
  wanted: Identifiers,
  claimant: { email: string; id?: string } | null,
): Promise<void> {
  const { username, phone } = wanted;
  await lockIdentifiers(tx, [username, phone]);
  await refuseTakenIdentifiers(tx, wanted, claimant?.id ?? null);
  const others = claimant === null ? { id: NIL } : { email: { not: claimant.email } };
  await takeFromRegistrations(tx, [wanted], others);
}

/**
 * Locks identifiers until the end of the transaction, always in the same order. Call it before the transaction locks an
 * account. A statement afterwards sees what everyone else has done with these identifiers.
 */
export async function lockIdentifiers(tx: Ctx, identifiers: readonly (string | null)[]): Promise<void> {
  const values = identifiers.filter((value) => value !== null);
  if (values.length === 0) return;
  await tx.db.$queryRaw`
    SELECT pg_advisory_xact_lock(k.key)::text
      FROM (SELECT DISTINCT hashtextextended(i.value, 0) AS key FROM unnest(${values}::text[]) AS i (value) ORDER BY 1) k`;
}

/** Takes the identifiers from the registrations that hold them. Call it with the identifiers locked. */
export async function takeFromRegistrations(
  tx: Ctx,
  wanted: readonly Identifiers[],
  others: Prisma.UserWhereInput = {},
): Promise<void> {
  const usernames = wanted.map(({ username }) => username).filter((value) => value !== null);
  const phones = wanted.map(({ phone }) => phone).filter((value) => value !== null);
  const where = { ...REPLACEABLE_REGISTRATION, ...others };
  if (usernames.length > 0) {
    await tx.db.user.updateMany({ where: { ...where, username: { in: usernames } }, data: { username: null } });
  }
  if (phones.length > 0) {
    await tx.db.user.updateMany({ where: { ...where, phone: { in: phones } }, data: { phone: null } });
  }
}

/**
 * What an account gets back of the identifiers it had before: those that nobody else has by now. Takes them from
 * unverified registrations. Locks each identifier; call it before the transaction locks the account.
 */
export async function reclaimIdentifiers(tx: Ctx, former: Identifiers, claimant: { id: string }): Promise<Identifiers> {
  // A number from before an update may be written otherwise than the same number is today (stored-phones.ts).
  const { username } = former;
  const phone = former.phone === null ? null : (parsePhone(former.phone) ?? former.phone);
  const both = [username, phone];
  await lockIdentifiers(tx, both);
  const taken = await findTakenIdentifiers(tx, both, claimant.id);
  const stillFree = (value: string | null) => (value === null || taken.has(value) ? null : value);
  const reclaimed = { username: stillFree(username), phone: stillFree(phone) };
  await takeFromRegistrations(tx, [reclaimed], { id: { not: claimant.id } });
  return reclaimed;
}
