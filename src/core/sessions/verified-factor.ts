/**
 * A first factor that someone has just verified. The gate opens sessions for nothing else, and only the code that
 * checks passwords and consumes emailed proofs makes one: test/architecture holds it to that.
 */
import type { FirstFactor } from '#core/tokens/authentication-claims.ts';
import type { User } from '#generated/prisma/client.ts';

declare const VERIFIED: unique symbol;

/** The account as it was read when the factor was checked. */
export type VerifiedFactor = { readonly user: User; readonly method: FirstFactor; readonly [VERIFIED]: true };

/** Call it only where the factor has just been checked. */
export function verifiedFactor(user: User, method: FirstFactor): VerifiedFactor {
  return { user, method } as VerifiedFactor;
}
