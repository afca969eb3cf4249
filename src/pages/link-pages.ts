/** The pages that emailed links open: what each of them shows, and what its button does. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { ClaimedAccount } from '#core/accounts/claimed-account.ts';
import type { Ctx } from '#core/context.ts';
import type { Locale } from '#core/locale.ts';
import { addLinkPage, type LinkPage, type PageOutcome } from './link-page.ts';
import { type Failure, localeOf, type PageEnv, showFailure } from './page-answers.ts';
import { passwordField, usernameField } from './password-field.ts';
import { ACCEPT_INVITATION_TEXTS } from './texts/accept-invitation-texts.ts';
import { CHANGE_EMAIL_TEXTS } from './texts/change-email-texts.ts';
import { type Acceptance, invitationText, type ShownInvitation } from './texts/invitation-text.ts';
import { textsFor } from './texts/page-texts.ts';
import { registrationText, rejectButton } from './texts/registration-text.ts';
import { REJECT_REGISTRATION_TEXTS } from './texts/reject-registration-texts.ts';
import { RESET_PASSWORD_TEXTS } from './texts/reset-password-texts.ts';
import { RESET_SECOND_FACTORS_TEXTS } from './texts/reset-second-factors-texts.ts';
import { UNDO_ACCOUNT_DELETION_TEXTS } from './texts/undo-account-deletion-texts.ts';
import { UNDO_EMAIL_CHANGE_TEXTS } from './texts/undo-email-change-texts.ts';
import { changeText, UNDO_SECURITY_CHANGE_TEXTS } from './texts/undo-security-change-texts.ts';
import { VERIFY_EMAIL_TEXTS } from './texts/verify-email-texts.ts';

/** What the buttons do. */
export type LinkPageActions = {
  verifyEmail: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  resetPassword: (ctx: Ctx, input: { token: string; newPassword: string }) => Promise<PageOutcome>;
  confirmEmailChange: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  undoEmailChange: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  undoAccountDeletion: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  resetSecondFactors: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  undoSecurityChange: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  declineInvitation: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  rejectRegistration: (ctx: Ctx, input: { token: string }) => Promise<PageOutcome>;
  /** Null if the change can no longer be undone. */
  showSecurityChange: (
    ctx: Ctx,
    input: { token: string; locale: Locale },
  ) => Promise<{ at: string; device: string | null } | null>;
  /** Null if the link can no longer be used. */
  showRegistration: (ctx: Ctx, input: { token: string; locale: Locale }) => Promise<ClaimedAccount | null>;
  /** A warning; null if the link can no longer be used. */
  showEmailChange: (ctx: Ctx, input: { token: string; locale: Locale }) => Promise<string | null>;
  /** Null if the link can no longer be used. */
  showPasswordReset: (ctx: Ctx, input: { token: string }) => Promise<{ email: string } | null>;
  /** Null if the invitation can no longer be answered. */
  showInvitation: (ctx: Ctx, input: { token: string }) => Promise<ShownInvitation | null>;
  /** Where an invitation is accepted. */
  acceptance: (token: string, locale: Locale) => Acceptance;
  /** What to show after an error while a page is being prepared. */
  unexpected: (ctx: Ctx, error: unknown) => Failure;
  passwordMinLength: number;
  /** Whether passwords sign in (SIGN_IN_METHODS). */
  hasPasswords: boolean;
};

export function createLinkPages(actions: LinkPageActions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  const button = { fields: () => html`` };
  const add = (page: LinkPage) => addLinkPage(pages, page);
  pages.onError((error, c) => showFailure(c, localeOf(c), actions.unexpected(c.env.ctx, error)));
  add({
    name: 'verify-email',
    texts: VERIFY_EMAIL_TEXTS,
    about: async (ctx, token, locale) => {
      const account = await actions.showRegistration(ctx, { token, locale });
      if (account === null) return null;
      const isRegistered = account.origin !== 'created';
      return { text: registrationText(account), ...(isRegistered && { otherAnswer: rejectButton(locale) }) };
    },
    ...button,
    act: (ctx, token) => actions.verifyEmail(ctx, { token }),
  });
  add({
    name: 'reject-registration',
    texts: textsFor(REJECT_REGISTRATION_TEXTS, actions.hasPasswords),
    about: async (ctx, token, locale) => {
      const account = await actions.showRegistration(ctx, { token, locale });
      // Nobody removes what an operator has made.
      return account === null || account.origin === 'created' ? null : { text: registrationText(account) };
    },
    ...button,
    act: (ctx, token) => actions.rejectRegistration(ctx, { token }),
  });
  add({
    name: 'reset-password',
    texts: textsFor(RESET_PASSWORD_TEXTS, actions.hasPasswords),
    about: async (ctx, token, locale) => {
      const reset = await actions.showPasswordReset(ctx, { token });
      return reset && { field: usernameField(locale, reset.email) };
    },
    fields: (locale, problems) => passwordField(locale, actions.passwordMinLength, problems),
    act: (ctx, token, form) => actions.resetPassword(ctx, { token, newPassword: form.get('newPassword') ?? '' }),
  });
  add({
    name: 'change-email',
    texts: CHANGE_EMAIL_TEXTS,
    about: async (ctx, token, locale) => {
      const warning = await actions.showEmailChange(ctx, { token, locale });
      return warning === null ? null : { text: html`<p class="warning">${warning}</p>` };
    },
    ...button,
    act: (ctx, token) => actions.confirmEmailChange(ctx, { token }),
  });
  add({
    name: 'undo-email-change',
    texts: textsFor(UNDO_EMAIL_CHANGE_TEXTS, actions.hasPasswords),
    ...button,
    act: (ctx, token) => actions.undoEmailChange(ctx, { token }),
  });
  add({
    name: 'undo-account-deletion',
    texts: textsFor(UNDO_ACCOUNT_DELETION_TEXTS, actions.hasPasswords),
    ...button,
    act: (ctx, token) => actions.undoAccountDeletion(ctx, { token }),
  });
  add({
    name: 'undo-security-change',
    texts: textsFor(UNDO_SECURITY_CHANGE_TEXTS, actions.hasPasswords),
    about: async (ctx, token, locale) => {
      const change = await actions.showSecurityChange(ctx, { token, locale });
      return change === null ? null : { text: changeText(locale, change) };
    },
    ...button,
    act: (ctx, token) => actions.undoSecurityChange(ctx, { token }),
  });
  add({
    name: 'reset-second-factors',
    texts: textsFor(RESET_SECOND_FACTORS_TEXTS, actions.hasPasswords),
    about: async () => (actions.hasPasswords ? {} : null),
    ...button,
    act: (ctx, token) => actions.resetSecondFactors(ctx, { token }),
  });
  add({
    name: 'accept-invitation',
    texts: ACCEPT_INVITATION_TEXTS,
    about: async (ctx, token, locale) => {
      const invitation = await actions.showInvitation(ctx, { token });
      return invitation && { text: invitationText(locale, invitation, actions.acceptance(token, locale)) };
    },
    ...button,
    act: (ctx, token) => actions.declineInvitation(ctx, { token }),
    isQuiet: true,
  });
  return pages;
}
