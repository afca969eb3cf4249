/**
 * Verify an email address with the code or link sent to it. This does not sign anyone in: the person who opens the
 * email may not be the one who typed the password. One documented API returns tokens for the link, so there is a
 * variant that signs in; only one caller with the same link gets a session. An account that lacks a password, such as
 * after competing registrations, gets an email to choose one.
 *
 * The same caller who repeats the request within minutes gets the same answer (core/proofs/repetition.ts), but no
 * tokens. Requesting a new email gives the same answer for every address. Guesses are counted before they are compared;
 * wrong, expired, used, and replaced codes give the same error.
 * Fails with: InvalidCodeError, TooManyAttemptsError, ValidationError; the variant that signs in with
 * AccountDisabledError and SecondFactorRequiredError (the address is verified all the same); resending for a session
 * with UnauthenticatedError, and with ServiceBusyError while the captcha provider is out of reach.
 */
import { asIfKnown } from '#core/accounts/stand-in.ts';
import { proveMailbox } from '#core/accounts/verified-mailbox.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requireEmailAddress } from '#core/input/email-address.ts';
import { requireCaptcha } from '#core/limits/captcha.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { issueChallenge } from '#core/proofs/challenge.ts';
import { mailPasswordLink } from '#core/proofs/password-link.ts';
import type { ProofInput } from '#core/proofs/presented-proof.ts';
import { answerProof, useProofOnce, type ValidProof } from '#core/proofs/proof.ts';
import { requestTokenOf } from '#core/proofs/request-token.ts';
import { userIdOfResendCode } from '#core/proofs/resend-code.ts';
import { requireRefreshableSession } from '#core/sessions/refreshable-session.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import type { VerifiedFactor } from '#core/sessions/verified-factor.ts';
import { finishSignIn } from '#core/sign-in/gate.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { isUsableAccount, USABLE_ACCOUNT } from '#core/usable.ts';
import { AccountDisabledError, InvalidCodeError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type VerifyEmailSuccess = { user: User };
/** `bindCode`: the code is to count only with the `requestToken` of the answer. */
export type ResendVerificationInput = { email: string; bindCode?: boolean | null | undefined };
export type ResendVerificationSuccess = { email: string; requestToken: string | null; resendAvailableAt: Date };

export async function verifyEmail(ctx: Ctx, input: ProofInput): Promise<VerifyEmailSuccess> {
  return answerProof(ctx, { purpose: 'verify-email', operation: 'verify-email' }, input, {
    first: async (proof) => ({ user: (await verifyAddress(ctx, proof)).user }),
    again: async ({ id, address }) => {
      const verified = { email: address, emailVerifiedAt: { not: null }, ...USABLE_ACCOUNT };
      const user = await ctx.db.user.findUnique({ where: { id, ...verified } });
      return user && { user };
    },
  });
}

async function verifyAddress(ctx: Ctx, proof: ValidProof): Promise<VerifiedFactor> {
  return inTransaction(ctx, async (tx) => {
    const verified = await proveMailbox(tx, proof);
    const { user } = verified;
    await audit(tx, 'verify_email.completed', user.id);
    if (lacksPassword(tx, user)) await mailPasswordLink(tx, user);
    return verified;
  });
}

/**
 * After competing registrations there is no password, and an operator may have set none. The person who has just shown
 * that they read the email gets a link to choose one, even if strangers have used up the email budgets. Not someone who
 * registered without one, nor where passwords do not sign in.
 */
function lacksPassword(ctx: Ctx, { passwordHash, isPasswordless, disabledAt }: User): boolean {
  return passwordHash === null && !isPasswordless && disabledAt === null && isOpenMethod(ctx, 'password');
}

/**
 * Verifies with the link token of an email and signs in. Earlier sessions end, and with them their tokens. The same
 * request again fails: it would have to answer with tokens.
 */
export async function verifyEmailAndSignIn(ctx: Ctx, input: { token: string }): Promise<SignedIn> {
  // After the commit: only the caller that consumed the link gets this far.
  const verified = await useProofOnce(ctx, 'verify-email', { token: input.token }, (proof) =>
    verifyAddress(ctx, proof),
  );
  if (!isUsableAccount(verified.user)) throw new AccountDisabledError();
  const signedIn = await finishSignIn(ctx, verified, {});
  // Null if the password was set again at the same moment, which ends every older link.
  if (signedIn === null) throw new InvalidCodeError();
  return signedIn;
}

export async function resendVerification(ctx: Ctx, input: ResendVerificationInput): Promise<ResendVerificationSuccess> {
  const email = requireEmailAddress(input.email);
  const resendAvailableAt = await reserveMail(ctx, 'verify-email', email);
  const isBound = input.bindCode === true;
  return inTransaction(ctx, async (tx) => {
    const select = { id: true, email: true, emailVerifiedAt: true, disabledAt: true };
    const user = await tx.db.user.findUnique({ where: { email }, select });
    await audit(tx, 'verify_email.requested', user?.id ?? null);
    const asker = user?.emailVerifiedAt === null && user.disabledAt === null ? user : null;
    const challenge = await asIfKnown(tx, asker, (owner) => issueChallenge(tx, 'verify-email', owner, { isBound }));
    // An email about a challenge that does not exist is dropped.
    await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
    const requestToken = isBound ? requestTokenOf(tx, { id: challenge.id, purpose: 'verify-email' }) : null;
    return { email, requestToken, resendAvailableAt };
  });
}

/** The same for someone who got a resend code at sign-in. Fails with InvalidCodeError if the code is not valid. */
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
 * Sends a new verification email to the address of the current session, usually a provisional one. The answer is the
 * same for a verified address, which gets no email. Returns the session.
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
