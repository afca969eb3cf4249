/**
 * Ask, before registering, whether an address has an account already.
 *
 * It tells what `register` would tell the same client, and is counted by network with what `register` has told, so that
 * nobody tries a whole list.
 * Where accounts are concealed no address has one: nothing is looked up then, and the answer takes as long for all.
 * Fails with: ValidationError, TooManyAttemptsError.
 */
import { discoveryBudget, type Face, tellsAccounts } from '#core/accounts/account-discovery.ts';
import { findAddressHolder } from '#core/accounts/address-holder.ts';
import type { Ctx } from '#core/context.ts';
import { requireEmailAddress } from '#core/input/email-address.ts';
import { reserve } from '#core/limits/throttle.ts';

export async function checkEmailAvailability(
  ctx: Ctx,
  input: { email: string; face: Face },
): Promise<{ isTaken: boolean }> {
  const email = requireEmailAddress(input.email);
  await reserve(ctx, [discoveryBudget(ctx)]);
  return { isTaken: tellsAccounts(ctx, input.face) && (await findAddressHolder(ctx, email)) !== null };
}
