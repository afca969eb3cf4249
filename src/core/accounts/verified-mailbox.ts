/** Someone who can use an emailed code or link reads the email of the account: that verifies its address. */
import type { Ctx } from '#core/context.ts';
import type { ValidProof } from '#core/proofs/proof.ts';
import { type VerifiedFactor, verifiedFactor } from '#core/sessions/verified-factor.ts';
import { markAddressVerified } from './verified-address.ts';

/**
 * Uses the proof up before anything changes, so that of two callers with the same code or link one succeeds, and marks
 * the address as verified, after `beforeVerified`. Fails with InvalidCodeError. Call it first in a transaction.
 */
export async function proveMailbox(
  tx: Ctx,
  { challenge, consume }: ValidProof,
  beforeVerified: () => Promise<void> = async () => {},
): Promise<VerifiedFactor> {
  await consume(tx);
  await beforeVerified();
  return verifiedFactor(await markAddressVerified(tx, challenge.userId), 'email');
}
