/** The HTML pages: those that emails link to, and the development mailbox. */
import { Hono } from 'hono';
import { confirmEmailChange, previewEmailChange, undoEmailChange } from '#capabilities/change-email/change-email.ts';
import { undoAccountDeletion } from '#capabilities/delete-account/delete-account.ts';
import { declineInvitation, previewInvitation } from '#capabilities/invitations/answer-invitation.ts';
import { previewRegistration, rejectRegistration } from '#capabilities/reject-registration/reject-registration.ts';
import { previewPasswordReset, resetPassword } from '#capabilities/reset-password/reset-password.ts';
import { previewSecurityChange, undoSecurityChange } from '#capabilities/undo-security-change/undo-security-change.ts';
import { verifyEmail } from '#capabilities/verify-email/verify-email.ts';
import type { Ctx } from '#core/context.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import {
  EmailTakenError,
  InvalidCodeError,
  InvalidInvitationError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors.ts';
import type { Mailbox } from '#outside/mailbox.ts';
import { createLinkPages, type PageEnv, type PageOutcome } from './link-pages.ts';
import { createMailboxPages } from './mailbox-pages.ts';
import { RESET_PASSWORD_TEXTS } from './reset-password-texts.ts';

export type PagesOptions = {
  /** Null if emails are sent by SMTP: /dev/mailbox does not exist then. */
  mailbox: Mailbox | null;
  passwordMinLength: number;
};

export function createPages({ mailbox, passwordMinLength }: PagesOptions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  pages.route(
    '/',
    createLinkPages({
      verifyEmail: (ctx, input) => outcomeOf(ctx, () => verifyEmail(ctx, input)),
      resetPassword: (ctx, input) => outcomeOf(ctx, () => resetPassword(ctx, input)),
      confirmEmailChange: (ctx, input) => outcomeOf(ctx, () => confirmEmailChange(ctx, input)),
      undoEmailChange: (ctx, input) => outcomeOf(ctx, () => undoEmailChange(ctx, input)),
      undoAccountDeletion: (ctx, input) => outcomeOf(ctx, () => undoAccountDeletion(ctx, input)),
      undoSecurityChange: (ctx, input) => outcomeOf(ctx, () => undoSecurityChange(ctx, input)),
      declineInvitation: (ctx, input) => outcomeOf(ctx, () => declineInvitation(ctx, input)),
      rejectRegistration: (ctx, input) => outcomeOf(ctx, () => rejectRegistration(ctx, input)),
      showInvitation: previewInvitation,
      showRegistration: previewRegistration,
      showEmailChange: previewEmailChange,
      showPasswordReset: previewPasswordReset,
      showSecurityChange: previewSecurityChange,
      passwordMinLength,
    }),
  );
  if (mailbox !== null) pages.route('/', createMailboxPages(mailbox));
  return pages;
}

/** The outcome that a page shows. An unexpected error is logged here and gets a page too, because a person reads it. */
async function outcomeOf(ctx: Ctx, useCase: () => Promise<unknown>): Promise<PageOutcome> {
  try {
    await useCase();
    return { kind: 'done' };
  } catch (error) {
    await ctx.noteFailure(error);
    if (error instanceof InvalidCodeError || error instanceof EmailTakenError) return { kind: 'invalid' };
    if (error instanceof InvalidInvitationError) return { kind: 'invalid' };
    if (error instanceof TooManyAttemptsError) return { kind: 'wait', retryAfterSeconds: error.retryAfterSeconds };
    if (error instanceof ServiceBusyError) return { kind: 'busy', retryAfterSeconds: error.retryAfterSeconds };
    if (error instanceof ValidationError) return { kind: 'rejected', problems: passwordProblems(error) };
    ctx.log.error({ err: error, requestId: ctx.caller.requestId }, 'unexpected error');
    return { kind: 'failed' };
  }
}

function passwordProblems(error: ValidationError): PasswordProblemCode[] {
  return error.fieldErrors.map(({ code }) => (isPasswordProblemCode(code) ? code : 'INVALID_CHARACTERS'));
}

function isPasswordProblemCode(code: string): code is PasswordProblemCode {
  return Object.hasOwn(RESET_PASSWORD_TEXTS.en.problems, code);
}
