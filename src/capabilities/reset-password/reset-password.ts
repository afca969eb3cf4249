/**
 * Reset a forgotten password with a code or link sent by email, which works once.
 *
 * The request never reveals whether the address has an account. Using the code or link sets the password, verifies the
 * address, ends every session and every other open challenge, and notifies the owner. OWASP Forgot Password Cheat
 * Sheet.
 * Fails with: InvalidCodeError, TooManyAttemptsError, ServiceBusyError, ValidationError; ForbiddenError for every
 * address where passwords do not sign in (SIGN_IN_METHODS).
 */
import { blankAccount, UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { asIfKnown } from '#core/accounts/stand-in.ts';
import { markAddressVerified } from '#core/accounts/verified-address.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { forgetDevices } from '#core/devices/known-device.ts';
import { requireEmailAddress, shownEmailAddress } from '#core/input/email-address.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { refuseBreachedPassword } from '#core/passwords/breached-password.ts';
import { requireNewPassword } from '#core/passwords/password.ts';
import { endChallenges, issueChallenge, previewChallenge } from '#core/proofs/challenge.ts';
import type { ProofInput } from '#core/proofs/presented-proof.ts';
import { answerProof, type ValidProof } from '#core/proofs/proof.ts';
import { requestTokenOf } from '#core/proofs/request-token.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { LIFT_SUSPENSION } from '#core/second-factors/password-suspension.ts';
import { endSessions } from '#core/sessions/session.ts';
import { isOpenMethod, requireOpenMethod } from '#core/sign-in-methods.ts';
import { USABLE_ACCOUNT } from '#core/usable.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** `bindCode`: the code is to count only with the `requestToken` of the answer. */
export type RequestPasswordResetInput = { email: string; bindCode?: boolean | null | undefined };
export type RequestPasswordResetSuccess = { email: string; requestToken: string | null; resendAvailableAt: Date };
export type ResetPasswordInput = ProofInput & { newPassword: string };
export type ResetPasswordSuccess = { user: User };

export async function requestPasswordReset(
  ctx: Ctx,
  input: RequestPasswordResetInput,
): Promise<RequestPasswordResetSuccess> {
  requireOpenMethod(ctx, 'password');
  const email = requireEmailAddress(input.email);
  const resendAvailableAt = await reserveMail(ctx, 'reset-password', email);
  const isBound = input.bindCode === true;
  return inTransaction(ctx, async (tx) => {
    const user = await tx.db.user.findUnique({ where: { email }, select: { id: true, email: true, disabledAt: true } });
    await audit(tx, 'reset_password.requested', user?.id ?? null);
    const asker = user?.disabledAt === null ? user : null;
    const challenge = await asIfKnown(tx, asker, (owner) => issueChallenge(tx, 'reset-password', owner, { isBound }));
    // An email about a challenge that does not exist is dropped.
    await tx.outbox.queue(tx, { mail: 'reset-password', challengeId: challenge.id });
    const requestToken = isBound ? requestTokenOf(tx, { id: challenge.id, purpose: 'reset-password' }) : null;
    return { email, requestToken, resendAvailableAt };
  });
}

/**
 * The address whose password the link of such an email would set; null if it can no longer be used. Changes nothing.
 */
export async function previewPasswordReset(ctx: Ctx, { token }: { token: string }): Promise<{ email: string } | null> {
  if (!isOpenMethod(ctx, 'password')) return null;
  const challenge = await previewChallenge(ctx, 'reset-password', token);
  if (challenge === null || challenge.user.disabledAt !== null) return null;
  return { email: shownEmailAddress(challenge.user.email) };
}

export async function resetPassword(ctx: Ctx, input: ResetPasswordInput): Promise<ResetPasswordSuccess> {
  requireOpenMethod(ctx, 'password');
  // Check the new password first, as far as that is possible without the account: it does not count as a guess.
  const newPassword = requireNewPassword(ctx, { name: 'newPassword', value: input.newPassword, personal: [] });
  return answerProof(ctx, { purpose: 'reset-password', operation: 'reset-password' }, input, {
    first: (proof) => setPassword(ctx, proof, input),
    again: async ({ id, address }) => {
      const user = await ctx.db.user.findUnique({ where: { id, email: address, ...USABLE_ACCOUNT } });
      // Only the password that was set: with another one, or after yet another change, success would be a lie.
      const { matches } = await ctx.passwordHasher.verify(user?.passwordHash ?? null, newPassword);
      return user !== null && matches ? { user } : null;
    },
  });
}

async function setPassword(
  ctx: Ctx,
  { challenge, consume }: ValidProof,
  input: ResetPasswordInput,
): Promise<ResetPasswordSuccess> {
  const user = await ctx.db.user.findUnique({ where: { id: challenge.userId } });
  if (user === null || user.disabledAt !== null) throw new InvalidCodeError();
  const personal = [user.name, user.email, user.username, user.phone];
  const password = requireNewPassword(ctx, { name: 'newPassword', value: input.newPassword, personal });
  await refuseBreachedPassword(ctx, { name: 'newPassword', password });
  const passwordHash = await ctx.passwordHasher.hash(password, { goesFirst: true });
  return inTransaction(ctx, async (tx) => {
    // Consumed before the password changes, so that of two callers with the same code or link, only one succeeds.
    await consume(tx);
    const now = tx.clock();
    await tx.db.user.update({
      where: { id: user.id },
      data: { passwordHash, passwordResetAt: now, updatedAt: now, ...LIFT_SUSPENSION },
    });
    // The person who resets the password may not be the one who registered: only the address is certainly theirs.
    await tx.db.user.updateMany({
      where: { id: user.id, ...UNVERIFIED_REGISTRATION },
      data: blankAccount(tx, user.email),
    });
    // Being able to read the email verifies the address.
    const updated = await markAddressVerified(tx, user.id);
    await endChallenges(tx, user.id);
    // A second factor stays: the mailbox alone must not replace it. Devices that stood in for it no longer do.
    await forgetDevices(tx, user.id);
    await removeLegacyPasswords(tx, user.id);
    // After the update: a concurrent sign-in with the old password holds the row, so its session is visible here.
    await endSessions(tx, user.id, 'password_reset');
    await audit(tx, 'reset_password.completed', user.id);
    await tx.outbox.queue(tx, {
      mail: 'password-changed',
      userId: user.id,
      at: now.toISOString(),
      signedOut: 'everywhere',
    });
    return { user: updated };
  });
}
