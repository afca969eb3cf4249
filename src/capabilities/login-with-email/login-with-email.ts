/**
 * Sign in with a code or link from an email, without a password.
 *
 * The answer to a request is the same for every address, and takes the same time; a stranger's address gets no email.
 * Reading the mailbox is one factor: an account with a second one is asked for it as after a password. For a
 * registration that was not verified, the mailbox decides: the address is verified, and what the registration says
 * besides it, the password included, is void, because its owner may not have written it. A code or link works once.
 * SIGN_IN_METHODS says whether this way is open.
 * Fails with: InvalidCodeError, SecondFactorRequiredError, AccountDisabledError, AccountDeletionPendingError,
 * TooManyAttemptsError, ValidationError; ForbiddenError where it is closed; a request with ServiceBusyError while the
 * captcha provider is out of reach.
 */
import { blankAccount, UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { asIfKnown } from '#core/accounts/stand-in.ts';
import { proveMailbox } from '#core/accounts/verified-mailbox.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requireEmailAddress, shownEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { requireCaptcha } from '#core/limits/captcha.ts';
import { parseLocale } from '#core/locale.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { forgetGuesses } from '#core/passwords/guess-budgets.ts';
import { previewChallenge } from '#core/proofs/challenge.ts';
import { useProofOnce, useSignInCode, type ValidProof } from '#core/proofs/proof.ts';
import { issueSignInProof } from '#core/proofs/sign-in-proof.ts';
import type { SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import type { VerifiedFactor } from '#core/sessions/verified-factor.ts';
import { signInByCookie } from '#core/sign-in/cookie-sign-in.ts';
import { finishSignIn, type SignInOptions } from '#core/sign-in/gate.ts';
import { isOpenMethod, requireOpenMethod } from '#core/sign-in-methods.ts';
import { AccountDeletionPendingError, AccountDisabledError, InvalidCodeError } from '#errors/domain-errors.ts';

export type RequestLoginSuccess = { email: string; challengeToken: string; resendAvailableAt: Date; expiresAt: Date };
/** `locale`: the language of the email; if absent or unknown, that of the account. */
export type RequestLoginInput = {
  email: string;
  locale?: string | null | undefined;
  /** Required if a captcha provider is configured. */
  captcha?: string | null | undefined;
};
/** Either `challengeToken` and `code`, or `token`. */
export type LoginWithEmailInput = {
  challengeToken?: string | null | undefined;
  code?: string | null | undefined;
  token?: string | null | undefined;
} & SignInOptions;

const PURPOSE = 'sign-in-with-email';

export async function requestLogin(ctx: Ctx, input: RequestLoginInput): Promise<RequestLoginSuccess> {
  requireOpenMethod(ctx, 'email');
  const email = requireEmailAddress(input.email);
  await requireCaptcha(ctx, input.captcha);
  const resendAvailableAt = await reserveMail(ctx, PURPOSE, email);
  return inTransaction(ctx, async (tx) => {
    const user = await tx.db.user.findUnique({ where: { email }, select: { id: true, email: true, disabledAt: true } });
    await audit(tx, 'request_login.requested', user?.id ?? null);
    const asker = user?.disabledAt === null ? user : null;
    const { id, requestToken, expiresAt } = await asIfKnown(tx, asker, (owner) => issueSignInProof(tx, owner));
    // An email about a challenge that does not exist is dropped.
    const locale = parseLocale(input.locale, ctx.templates.languages);
    await tx.outbox.queue(tx, { mail: PURPOSE, challengeId: id, ...(locale !== null && { locale }) });
    return { email, challengeToken: requestToken, resendAvailableAt, expiresAt };
  });
}

export async function loginWithEmail(ctx: Ctx, input: LoginWithEmailInput): Promise<SignedIn> {
  requireOpenMethod(ctx, 'email');
  const { challengeToken, code, token, ...options } = input;
  const verified = await useProof(ctx, { challengeToken, code, token });
  const { user } = verified;
  if (user.disabledAt !== null) throw new AccountDisabledError();
  if (user.deletesAt !== null) throw new AccountDeletionPendingError(user.deletesAt);
  await forgetGuesses(ctx, user);
  const signedIn = await finishSignIn(ctx, verified, options);
  // Null if the account was changed at the same moment.
  if (signedIn === null) throw new InvalidCodeError();
  return signedIn;
}

/** The same for a browser. Also fails as `signInByCookie` does. */
export async function loginWithEmailByCookie(ctx: Ctx, input: LoginWithEmailInput): Promise<SignedInByCookie> {
  return signInByCookie(ctx, input, loginWithEmail);
}

/** The account that the link of an email signs in to, for the page that asks. Null if it can no longer be used. */
export async function previewEmailSignIn(ctx: Ctx, { token }: { token: string }): Promise<string | null> {
  if (!isOpenMethod(ctx, 'email')) return null;
  const challenge = await previewChallenge(ctx, PURPOSE, token);
  return challenge && shownEmailAddress(challenge.address);
}

function useProof(ctx: Ctx, { challengeToken, code, token }: LoginWithEmailInput): Promise<VerifiedFactor> {
  const errors = collectFieldErrors();
  if (token && (challengeToken || code)) {
    errors.add('token', 'NOT_ALLOWED', 'Please provide either the token, or the challenge token and the code.');
  }
  if (!token && !challengeToken) errors.add('challengeToken', 'REQUIRED', 'Please request an email first.');
  if (!token && !code) errors.add('code', 'REQUIRED', 'Please enter the code from the email.');
  if ((code ?? '').length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  errors.throwIfAny();
  const work = (proof: ValidProof) => claimAccount(ctx, proof);
  if (token) return useProofOnce(ctx, PURPOSE, { token }, work);
  return useSignInCode(ctx, { requestToken: challengeToken ?? '', code: code ?? '' }, work);
}

/** The person reads the mailbox, so a registration that was never verified is theirs, without what it says. */
function claimAccount(ctx: Ctx, proof: ValidProof): Promise<VerifiedFactor> {
  return inTransaction(ctx, async (tx) => {
    const { userId, address } = proof.challenge;
    return proveMailbox(tx, proof, async () => {
      await tx.db.user.updateMany({
        where: { id: userId, ...UNVERIFIED_REGISTRATION },
        data: { ...blankAccount(tx, address), passwordHash: null },
      });
    });
  });
}
