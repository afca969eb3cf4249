/**
 * Prove an email address with the code or the link token that was mailed to it. It proves the mailbox and does not
 * sign in: who opens the email need not be who typed the password. One documented API answers the link token with tokens,
 * so there is a variant that does; only one caller with a proof gets a session. An account without a password (registrations that competed have none) gets the email to choose one.
 *
 * Asking for a new email answers the same for every address. Guesses are counted before they are compared; wrong,
 * expired, used and replaced are one answer.
 * Fails with: InvalidCodeError, TooManyAttemptsError, ValidationError; the variant that signs in with AccountDisabledError
 * (the address is verified all the same); resending for a session with UnauthenticatedError, and with ServiceBusyError while
 * the captcha provider is out of reach.
 */
import { markAddressVerified } from '#core/accounts/verified-address.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requireEmailAddress } from '#core/input/email-address.ts';
import { requireCaptcha } from '#core/limits/captcha.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { consumeChallenge, issueChallenge, issueDecoy } from '#core/proofs/challenge.ts';
import { checkProof, type ProofInput } from '#core/proofs/proof.ts';
import { userIdOfResendCode } from '#core/proofs/resend-code.ts';
import { openSession } from '#core/sessions/open-session.ts';
import { requireRefreshableSession } from '#core/sessions/refreshable-session.ts';
import { mayUse, type SignedIn } from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { AccountDisabledError, InvalidCodeError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type VerifyEmailSuccess = { user: User };
export type ResendVerificationSuccess = { email: string; resendAvailableAt: Date };

export async function verifyEmail(ctx: Ctx, input: ProofInput): Promise<VerifyEmailSuccess> {
  const challenge = await checkProof(ctx, 'verify-email', input);
  return inTransaction(ctx, async (tx) => {
    // Consumed before anything changes: of two callers with one proof, one wins.
    await consumeChallenge(tx, challenge);
    const user = await markAddressVerified(tx, challenge.userId);
    await audit(tx, 'verify_email.completed', user.id);
    if (user.passwordHash === null && user.disabledAt === null) await mailFirstPassword(tx, user);
    return { user };
  });
}

/**
 * After registrations that competed there is no password, and an operator may have set none: the person who has just
 * shown that they read the email gets the link to choose one, whatever budgets strangers have spent.
 */
async function mailFirstPassword(tx: Ctx, user: User): Promise<void> {
  const challenge = await issueChallenge(tx, 'reset-password', user);
  await tx.outbox.queue(tx, { mail: 'reset-password', challengeId: challenge.id });
}

/** Spends the link token of an email and signs in. Sessions from before the proof end, and with them their tokens. */
export async function verifyEmailAndSignIn(ctx: Ctx, input: { token: string }): Promise<SignedIn> {
  // After the commit: one caller wins the proof, and nobody else comes this far.
  const { user } = await verifyEmail(ctx, { token: input.token });
  if (!mayUse(user)) throw new AccountDisabledError();
  const signedIn = await openSession(ctx, user, 'login.completed', { method: 'email' });
  // Null: the password was set again in this very moment, which ends every older proof.
  if (signedIn === null) throw new InvalidCodeError();
  return signedIn;
}

export async function resendVerification(ctx: Ctx, input: { email: string }): Promise<ResendVerificationSuccess> {
  const email = requireEmailAddress(input.email);
  const resendAvailableAt = await reserveMail(ctx, 'verify-email', email);
  await inTransaction(ctx, async (tx) => {
    const user = await tx.db.user.findUnique({ where: { email } });
    await audit(tx, 'verify_email.requested', user?.id ?? null);
    const waits = user !== null && user.emailVerifiedAt === null && user.disabledAt === null;
    const challenge = waits ? await issueChallenge(tx, 'verify-email', user) : await issueDecoy(tx, 'verify-email');
    await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
  });
  return { email, resendAvailableAt };
}

/** The same for someone who got a resend code at sign-in. Fails with InvalidCodeError when this service did not make it. */
export async function resendVerificationByCode(
  ctx: Ctx,
  input: { resendCode: string },
): Promise<ResendVerificationSuccess> {
  const id = userIdOfResendCode(ctx, input.resendCode);
  const user = id === null ? null : await ctx.db.user.findUnique({ where: { id }, select: { email: true } });
  if (user === null) throw new InvalidCodeError();
  return resendVerification(ctx, user);
}

/**
 * Emails a new proof to the address of the session that asks, provisional ones above all; the same for a verified
 * address, which gets none. Gives the session.
 */
export async function resendOwnVerification(
  ctx: Ctx,
  input: { captcha?: string | undefined },
): Promise<SessionWithUser> {
  const found = await requireRefreshableSession(ctx);
  await requireCaptcha(ctx, input.captcha);
  await resendVerification(ctx, { email: found.user.email });
  return found;
}
