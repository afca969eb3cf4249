/**
 * Say "This wasn't me" to the email that asks to confirm an address: the account that someone registered with it is
 * removed, and with it its sessions and its password. It takes the same code or link that would confirm the address,
 * and of the two answers at once one counts.
 *
 * Only a registration can be removed: not an account that an operator made or imported, not a verified one, and not one
 * that an administrator disabled, so that nobody gets rid of that by registering again.
 * Fails with: InvalidCodeError, TooManyAttemptsError, ValidationError.
 */
import { type ClaimedAccount, describeClaimedAccount } from '#core/accounts/claimed-account.ts';
import { UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import type { Locale } from '#core/locale.ts';
import { previewChallenge } from '#core/proofs/challenge.ts';
import type { ProofInput } from '#core/proofs/presented-proof.ts';
import { answerProof } from '#core/proofs/proof.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';

export type RejectRegistrationSuccess = { email: string };

export async function rejectRegistration(ctx: Ctx, input: ProofInput): Promise<RejectRegistrationSuccess> {
  return answerProof(ctx, { purpose: 'verify-email', operation: 'reject-registration' }, input, {
    first: ({ challenge, consume }) =>
      inTransaction(ctx, async (tx) => {
        await consume(tx);
        const rejected = { id: challenge.userId, ...UNVERIFIED_REGISTRATION, disabledAt: null };
        const { count } = await tx.db.user.deleteMany({ where: rejected });
        if (count !== 1) throw new InvalidCodeError();
        await audit(tx, 'register.rejected', challenge.userId);
        return { email: challenge.address };
      }),
    again: async ({ id, address }) => ((await ctx.db.user.count({ where: { id } })) === 0 ? { email: address } : null),
  });
}

/**
 * The account that the link of such an email would confirm; null when it can no longer be answered. Changes nothing.
 */
export async function previewRegistration(
  ctx: Ctx,
  { token, locale }: { token: string; locale: Locale },
): Promise<ClaimedAccount | null> {
  const challenge = await previewChallenge(ctx, 'verify-email', token);
  return challenge && describeClaimedAccount(ctx, challenge.user, locale);
}
