/** The HTML pages: those that emails link to, and the development mailbox. */
import { Hono } from 'hono';
import { confirmEmailChange, previewEmailChange, undoEmailChange } from '#capabilities/change-email/change-email.ts';
import { confirmLoginAsBegun } from '#capabilities/confirm-login/confirm-login.ts';
import { undoAccountDeletion } from '#capabilities/delete-account/delete-account.ts';
import { declineInvitation, previewInvitation } from '#capabilities/invitations/answer-invitation.ts';
import { loginWithEmailByCookie, previewEmailSignIn } from '#capabilities/login-with-email/login-with-email.ts';
import { previewRegistration, rejectRegistration } from '#capabilities/reject-registration/reject-registration.ts';
import { previewPasswordReset, resetPassword } from '#capabilities/reset-password/reset-password.ts';
import { confirmSecondFactorReset } from '#capabilities/second-factor-reset/second-factor-reset.ts';
import { previewSecurityChange, undoSecurityChange } from '#capabilities/undo-security-change/undo-security-change.ts';
import { verifyEmail } from '#capabilities/verify-email/verify-email.ts';
import type { Brand, PageUrls } from '#config/brand/brand-settings.ts';
import type { Ctx } from '#core/context.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  EmailTakenError,
  InvalidCodeError,
  InvalidInvitationError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { isOutage, logFault } from '#errors/outage.ts';
import { CsrfError, ForbiddenError, ServiceUnavailableError } from '#errors/refused-errors.ts';
import { LoginExpiredError, SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import type { Mailbox } from '#outside/mail/mailbox.ts';
import { createEmailSignInPage, type SignInOutcome } from './email-sign-in-page.ts';
import type { PageOutcome } from './link-page.ts';
import { createLinkPages } from './link-pages.ts';
import { createLogo } from './logo.ts';
import { createMailboxPages } from './mailbox-pages.ts';
import type { Failure, PageEnv } from './page-answers.ts';
import { acceptanceOf } from './texts/invitation-text.ts';
import { RESET_PASSWORD_TEXTS } from './texts/reset-password-texts.ts';

export type PagesOptions = {
  /** Null if emails are sent by SMTP: /dev/mailbox does not exist then. */
  mailbox: Mailbox | null;
  passwordMinLength: number;
  hasPasswords: boolean;
  brand: Brand;
  pageUrls: PageUrls;
};

export function createPages({
  mailbox,
  passwordMinLength,
  hasPasswords,
  brand,
  pageUrls,
}: PagesOptions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  pages.use(async (c, next) => {
    c.set('brand', brand);
    await next();
  });
  pages.route(
    '/',
    createLinkPages({
      verifyEmail: (ctx, input) => outcomeOf(ctx, () => verifyEmail(ctx, input)),
      resetPassword: (ctx, input) => outcomeOf(ctx, () => resetPassword(ctx, input)),
      confirmEmailChange: (ctx, input) => outcomeOf(ctx, () => confirmEmailChange(ctx, input)),
      undoEmailChange: (ctx, input) => outcomeOf(ctx, () => undoEmailChange(ctx, input)),
      undoAccountDeletion: (ctx, input) => outcomeOf(ctx, () => undoAccountDeletion(ctx, input)),
      resetSecondFactors: (ctx, input) => outcomeOf(ctx, () => confirmSecondFactorReset(ctx, input)),
      undoSecurityChange: (ctx, input) => outcomeOf(ctx, () => undoSecurityChange(ctx, input)),
      declineInvitation: (ctx, input) => outcomeOf(ctx, () => declineInvitation(ctx, input)),
      rejectRegistration: (ctx, input) => outcomeOf(ctx, () => rejectRegistration(ctx, input)),
      showInvitation: previewInvitation,
      acceptance: (token, locale) => acceptanceOf({ brand, pageUrls }, token, locale),
      showRegistration: previewRegistration,
      showEmailChange: previewEmailChange,
      showPasswordReset: previewPasswordReset,
      showSecurityChange: previewSecurityChange,
      unexpected: unexpectedOutcome,
      passwordMinLength,
      hasPasswords,
    }),
  );
  pages.route(
    '/',
    createEmailSignInPage({
      show: previewEmailSignIn,
      signIn: (ctx, input) => signInOutcomeOf(ctx, () => loginWithEmailByCookie(ctx, input)),
      confirm: (ctx, input) => signInOutcomeOf(ctx, () => confirmLoginAsBegun(ctx, input), 'wrong'),
      unexpected: unexpectedOutcome,
    }),
  );
  pages.route('/', createLogo(brand.logo));
  if (mailbox !== null) pages.route('/', createMailboxPages(mailbox));
  return pages;
}

/** The outcome of a step of signing in. A code that is wrong is asked for again. */
async function signInOutcomeOf(
  ctx: Ctx,
  step: () => Promise<unknown>,
  afterWrongCode: 'invalid' | 'wrong' = 'invalid',
): Promise<SignInOutcome> {
  try {
    await step();
    return { kind: 'done' };
  } catch (error) {
    const outcome = outcomeOfSignIn(error, afterWrongCode);
    if (outcome === null) return outcomeOf(ctx, () => Promise.reject(error));
    await ctx.noteFailure(error);
    return outcome;
  }
}

/** Null for what other pages answer with as well. */
function outcomeOfSignIn(error: unknown, afterWrongCode: 'invalid' | 'wrong'): SignInOutcome | null {
  if (error instanceof SecondFactorRequiredError) return { kind: 'factor', challengeToken: error.challengeToken };
  if (error instanceof InvalidCodeError) return { kind: afterWrongCode };
  if (error instanceof CsrfError) return { kind: 'foreign' };
  return error instanceof LoginExpiredError || isUnusable(error) ? { kind: 'invalid' } : null;
}

/** To someone who reads the mailbox of an account that cannot be used, the link looks like one that has ended. */
function isUnusable(error: unknown): boolean {
  return error instanceof AccountDisabledError || error instanceof AccountDeletionPendingError;
}

/** The outcome that a page shows. An unexpected error is logged here and gets a page too, because a person reads it. */
async function outcomeOf(ctx: Ctx, useCase: () => Promise<unknown>): Promise<PageOutcome> {
  try {
    await useCase();
    return { kind: 'done' };
  } catch (error) {
    await ctx.noteFailure(error);
    if (error instanceof InvalidCodeError || error instanceof EmailTakenError) return { kind: 'invalid' };
    if (error instanceof InvalidInvitationError || error instanceof ForbiddenError) return { kind: 'invalid' };
    if (error instanceof TooManyAttemptsError) return { kind: 'wait', retryAfterSeconds: error.retryAfterSeconds };
    if (error instanceof ServiceBusyError) return { kind: 'busy', retryAfterSeconds: error.retryAfterSeconds };
    if (error instanceof ValidationError) return { kind: 'rejected', problems: passwordProblems(error) };
    return unexpectedOutcome(ctx, error);
  }
}

/** An outage or a fault, logged here. */
function unexpectedOutcome(ctx: Ctx, error: unknown): Failure {
  logFault(ctx.log, error, { requestId: ctx.caller.requestId }, 'unexpected error');
  if (!isOutage(error)) return { kind: 'failed' };
  return { kind: 'unavailable', retryAfterSeconds: new ServiceUnavailableError().retryAfterSeconds };
}

function passwordProblems(error: ValidationError): PasswordProblemCode[] {
  return error.fieldErrors.map(({ code }) => (isPasswordProblemCode(code) ? code : 'INVALID_CHARACTERS'));
}

function isPasswordProblemCode(code: string): code is PasswordProblemCode {
  return Object.hasOwn(RESET_PASSWORD_TEXTS.en.problems, code);
}
