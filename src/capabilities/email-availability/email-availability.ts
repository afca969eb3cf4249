/**
 * Ask, before registering, whether an address has an account already.
 *
 * It tells what `register` would tell the same client, and is counted by network, so that nobody tries a whole list.
 * Where accounts are concealed no address has one: nothing is looked up then, and the answer takes as long for all.
 * Fails with: ValidationError, TooManyAttemptsError.
 */
import { type Face, tellsAccounts } from '#core/account-discovery.ts';
import { findAddressHolder } from '#core/address-holder.ts';
import type { Ctx } from '#core/context.ts';
import { requireEmailAddress } from '#core/email-address.ts';
import { networkOf, reserve } from '#core/throttle.ts';

/** 30 addresses from one network within 5 minutes, then waits of 1, 2, 4 … 300 s. */
const BY_NETWORK = { name: 'email-availability', limit: 30, windowSeconds: 300, maxWaitSeconds: 300 };

export async function checkEmailAvailability(
  ctx: Ctx,
  input: { email: string; face: Face },
): Promise<{ isTaken: boolean }> {
  const email = requireEmailAddress(input.email);
  await reserve(ctx, [{ rule: BY_NETWORK, of: networkOf(ctx.caller.ipAddress) }]);
  return { isTaken: tellsAccounts(ctx, input.face) && (await findAddressHolder(ctx, email)) !== null };
}
