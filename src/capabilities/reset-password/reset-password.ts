/**
 * Get back in without the password: a mailed code or link, used once, sets a new one.
 *
 * Asking never reveals whether the address has an account. Using the proof sets the password, counts the address as
 * proven, ends every session and every other proof, and tells the owner. OWASP Forgot Password Cheat Sheet.
 * Fails with: InvalidCodeError, TooManyAttemptsError, ServiceBusyError, ValidationError.
 */
import { blankAccount, UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { markAddressVerified } from '#core/accounts/verified-address.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requireEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { acceptNewPassword } from '#core/passwords/password.ts';
import { consumeChallenge, endChallenges, issueChallenge, issueDecoy } from '#core/proofs/challenge.ts';
import { checkProof, type ProofInput } from '#core/proofs/proof.ts';
import { endSessions } from '#core/sessions/session.ts';
import { InvalidCodeError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type RequestPasswordResetSuccess = { email: string; resendAvailableAt: Date };
export type ResetPasswordInput = ProofInput & { newPassword: string };
export type ResetPasswordSuccess = { user: User };

export async function requestPasswordReset(ctx: Ctx, input: { email: string }): Promise<RequestPasswordResetSuccess> {
  const email = requireEmailAddress(input.email);
  const resendAvailableAt = await reserveMail(ctx, 'reset-password', email);
  await inTransaction(ctx, async (tx) => {
    const user = await tx.db.user.findUnique({ where: { email } });
    await audit(tx, 'reset_password.requested', user?.id ?? null);
    const mayReset = user !== null && user.disabledAt === null;
    const challenge = mayReset
      ? await issueChallenge(tx, 'reset-password', user)
      : await issueDecoy(tx, 'reset-password');
    await tx.outbox.queue(tx, { mail: 'reset-password', challengeId: challenge.id });
  });
  return { email, resendAvailableAt };
}

export async function resetPassword(ctx: Ctx, input: ResetPasswordInput): Promise<ResetPasswordSuccess> {
  // What is wrong with the password whoever it belongs to is said first: it costs no guess.
  requireAcceptable(ctx, input.newPassword, []);
  const challenge = await checkProof(ctx, 'reset-password', input);
  const user = await ctx.db.user.findUnique({ where: { id: challenge.userId } });
  if (user === null || user.disabledAt !== null) throw new InvalidCodeError();
  const password = requireAcceptable(ctx, input.newPassword, [user.name, user.email, user.username]);
  const passwordHash = await ctx.passwordHasher.hash(password);
  return inTransaction(ctx, async (tx) => {
    // Consumed before the password changes: of two callers with one proof, one wins.
    await consumeChallenge(tx, challenge);
    const now = tx.clock();
    await tx.db.user.update({ where: { id: user.id }, data: { passwordHash, updatedAt: now } });
    // Someone who had to reset the password need not be who registered: only the address is certainly theirs.
    await tx.db.user.updateMany({
      where: { id: user.id, ...UNVERIFIED_REGISTRATION },
      data: blankAccount(tx, user.email),
    });
    // Someone who reads the email has verified the address with it.
    const updated = await markAddressVerified(tx, user.id);
    await endChallenges(tx, user.id);
    // After the update: a login with the old password that is under way holds the row, and its session is seen here.
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

function requireAcceptable(ctx: Ctx, newPassword: string, personal: readonly (string | null)[]): string {
  const errors = collectFieldErrors();
  const password = acceptNewPassword(ctx, { name: 'newPassword', value: newPassword, personal }, errors);
  errors.throwIfAny();
  return password;
}
