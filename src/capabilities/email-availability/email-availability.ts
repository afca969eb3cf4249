/**
 * Check, before registering, whether an email address already has an account.
 *
 * It reveals what `register` would reveal to the same client, and shares its budget by network, so that nobody can try
 * a whole list. Where accounts are concealed, every address appears to be free: nothing is looked up, and the answer
 * takes the same time for all.
 * Fails with: ValidationError, TooManyAttemptsError.
 */
import { discoveryBudget, type Face, revealsAccounts } from '#core/accounts/account-discovery.ts';
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
  return { isTaken: revealsAccounts(ctx, input.face) && (await findAddressHolder(ctx, email)) !== null };
}
