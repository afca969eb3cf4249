/**
 * The pages that emailed links open. GET says what the button does and changes nothing, because mail scanners open
 * every link. The button sends a POST, and the answer shows the result.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import type { ClaimedAccount } from '#core/accounts/claimed-account.ts';
import type { Ctx } from '#core/context.ts';
import { type Locale, negotiateLocale, parseLocale } from '#core/locale.ts';
import type { MailedPage } from '#core/mail/mail.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import { pastedToken } from '#core/proofs/pasted-proof.ts';
import { isUtf8Encoded, readForm } from '#http/form.ts';
import { ACCEPT_INVITATION_TEXTS } from './accept-invitation-texts.ts';
import { CHANGE_EMAIL_TEXTS } from './change-email-texts.ts';
import { type Acceptance, invitationText, type ShownInvitation } from './invitation-text.ts';
import { pageHeaders, problemBox, renderPage } from './page-layout.ts';
import { type LinkPageTexts, type Notice, PAGE_TEXTS } from './page-texts.ts';
import { passwordField, usernameField } from './password-field.ts';
import { registrationText, rejectButton } from './registration-text.ts';
import { REJECT_REGISTRATION_TEXTS } from './reject-registration-texts.ts';
import { RESET_PASSWORD_TEXTS } from './reset-password-texts.ts';
import { RESET_SECOND_FACTORS_TEXTS } from './reset-second-factors-texts.ts';
import { UNDO_ACCOUNT_DELETION_TEXTS } from './undo-account-deletion-texts.ts';
import { UNDO_EMAIL_CHANGE_TEXTS } from './undo-email-change-texts.ts';
import { changeText, UNDO_SECURITY_CHANGE_TEXTS } from './undo-security-change-texts.ts';
import { VERIFY_EMAIL_TEXTS } from './verify-email-texts.ts';

/** The outcome of a submitted form. */
export type PageOutcome =
  | { kind: 'done' }
  /** The token is wrong, used, expired or replaced. The page says the same for all of them. */
  | { kind: 'invalid' }
  | { kind: 'rejected'; problems: readonly PasswordProblemCode[] }
  | { kind: 'wait'; retryAfterSeconds: number }
  | { kind: 'busy'; retryAfterSeconds: number }
  /** The database cannot be used. It is unknown whether anything was changed. */
  | { kind: 'unavailable'; retryAfterSeconds: number }
  /** An unexpected error, already logged. */
  | { kind: 'failed' };

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
  unexpected: (ctx: Ctx, error: unknown) => PageOutcome;
  passwordMinLength: number;
};

/** Every request brings its context. */
export type PageEnv = { Bindings: { ctx: Ctx } };

type Html = ReturnType<typeof html>;
type Status = 200 | 400 | 403 | 405 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
export type Answer = { status: Status; headers?: Record<string, string> };

/** What a link is about; `field` comes before the input fields of the form, `otherAnswer` below its button. */
type About = { text?: Html; field?: Html; otherAnswer?: Html };

/** What differs between the pages. */
type LinkPage = {
  name: MailedPage;
  texts: Record<Locale, LinkPageTexts>;
  /** Details of what the link refers to, if they have to be looked up; null if it cannot be used. Changes nothing. */
  about?: (ctx: Ctx, token: string, locale: Locale) => Promise<About | null>;
  /** The input fields of the form. */
  fields: (locale: Locale, problems: readonly PasswordProblemCode[]) => Html;
  act: (ctx: Ctx, token: string, form: URLSearchParams) => Promise<PageOutcome>;
  /** Makes the button and its text less prominent, where they are not what most people open the page for. */
  isQuiet?: boolean;
};

export const MAX_FORM_BYTES = 16 * 1024;
export const TOKEN = /^[A-Za-z0-9_-]{16,256}$/;

export function createLinkPages(actions: LinkPageActions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  const button = { fields: () => html`` };
  const add = (page: LinkPage) => addPage(pages, page, actions.unexpected);
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
    texts: REJECT_REGISTRATION_TEXTS,
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
    texts: RESET_PASSWORD_TEXTS,
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
    texts: UNDO_EMAIL_CHANGE_TEXTS,
    ...button,
    act: (ctx, token) => actions.undoEmailChange(ctx, { token }),
  });
  add({
    name: 'undo-account-deletion',
    texts: UNDO_ACCOUNT_DELETION_TEXTS,
    ...button,
    act: (ctx, token) => actions.undoAccountDeletion(ctx, { token }),
  });
  add({
    name: 'undo-security-change',
    texts: UNDO_SECURITY_CHANGE_TEXTS,
    about: async (ctx, token, locale) => {
      const change = await actions.showSecurityChange(ctx, { token, locale });
      return change === null ? null : { text: changeText(locale, change) };
    },
    ...button,
    act: (ctx, token) => actions.undoSecurityChange(ctx, { token }),
  });
  add({
    name: 'reset-second-factors',
    texts: RESET_SECOND_FACTORS_TEXTS,
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

function addPage(pages: Hono<PageEnv>, page: LinkPage, unexpected: LinkPageActions['unexpected']): void {
  const path = `/${page.name}`;
  const refuse = (c: Context, answer: Answer) => showNotice(c, localeOf(c), PAGE_TEXTS[localeOf(c)].badForm, answer);

  pages.use(path, pageHeaders());
  pages.get(path, async (c) => {
    const locale = localeOf(c);
    if (!isUtf8Encoded(c.req.url)) return showNotice(c, locale, page.texts[locale].invalid, { status: 400 });
    const token = pastedToken(c.req.query('token') ?? '');
    if (!TOKEN.test(token)) return showNotice(c, locale, page.texts[locale].invalid, { status: 400 });
    let about: About | null | undefined;
    try {
      about = await page.about?.(c.env.ctx, token, locale);
    } catch (error) {
      return showOutcome(c, page, { locale, token }, unexpected(c.env.ctx, error));
    }
    if (about === null) return showNotice(c, locale, page.texts[locale].invalid, { status: 410 });
    return showForm(c, page, { locale, token, about }, { status: 200 });
  });
  pages.post(path, bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => refuse(c, { status: 413 }) }), async (c) => {
    const contentType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (contentType !== 'application/x-www-form-urlencoded') return refuse(c, { status: 415 });
    const form = readForm(await c.req.text());
    if (form === null) return refuse(c, { status: 400 });
    const locale = localeOf(c, form.get('lang'));
    const token = pastedToken(form.get('token') ?? '');
    if (!TOKEN.test(token)) return showNotice(c, locale, page.texts[locale].invalid, { status: 400 });
    const outcome = await page.act(c.env.ctx, token, form);
    const about = mayTryAgain(outcome) ? await page.about?.(c.env.ctx, token, locale) : undefined;
    if (about === null) return showNotice(c, locale, page.texts[locale].invalid, { status: 410 });
    return showOutcome(c, page, { locale, token, about }, outcome);
  });
  pages.all(path, (c) => refuse(c, { status: 405, headers: { Allow: 'GET, HEAD, POST' } }));
}

function mayTryAgain({ kind }: PageOutcome): boolean {
  return kind === 'rejected' || kind === 'wait' || kind === 'busy';
}

/** Outcomes that allow another try show the form again, with the token still in it. */
async function showOutcome(c: Context, page: LinkPage, state: FormState, outcome: PageOutcome): Promise<Response> {
  const { locale } = state;
  const texts = PAGE_TEXTS[locale];
  switch (outcome.kind) {
    case 'done':
      return showNotice(c, locale, page.texts[locale].done, { status: 200 });
    case 'invalid':
      return showNotice(c, locale, page.texts[locale].invalid, { status: 410 });
    case 'rejected':
      return showForm(c, page, { ...state, problems: outcome.problems }, { status: 422 });
    case 'wait':
      return showForm(c, page, { ...state, notice: texts.wait(outcome.retryAfterSeconds) }, retryLater(429, outcome));
    case 'busy':
      return showForm(c, page, { ...state, notice: texts.busy }, retryLater(503, outcome));
    case 'unavailable':
      return showNotice(c, locale, texts.unavailable, retryLater(503, outcome));
    case 'failed':
      return showNotice(c, locale, texts.failed, { status: 500 });
  }
}

type FormState = {
  locale: Locale;
  token: string;
  about?: About | undefined;
  notice?: Notice;
  problems?: readonly PasswordProblemCode[];
};

async function showForm(c: Context, page: LinkPage, state: FormState, answer: Answer): Promise<Response> {
  const { locale, token, about, notice, problems = [] } = state;
  const texts = page.texts[locale];
  const title = answer.status === 200 ? texts.title : `${PAGE_TEXTS[locale].errorPrefix}${texts.title}`;
  // The action is relative, so that it also works if PUBLIC_URL has a path.
  const body = html`<h1>${texts.title}</h1>
${notice === undefined ? '' : problemBox(notice.title, html`<p>${notice.text}</p>`)}${about?.text ?? ''}<p${page.isQuiet ? html` class="quiet other"` : ''}>${texts.intro}</p>
<form method="post" action="${page.name}" accept-charset="utf-8">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="lang" value="${locale}">
${about?.field ?? ''}${page.fields(locale, problems)}<button type="submit"${page.isQuiet ? html` class="plain"` : ''}>${texts.button}</button>
${about?.otherAnswer ?? ''}</form>`;
  return show(c, locale, title, body, answer);
}

export function showNotice(c: Context, locale: Locale, notice: Notice, answer: Answer): Promise<Response> {
  const brand = c.get('brand');
  const isGood = answer.status === 200;
  const body = html`<div role="${isGood ? 'status' : 'alert'}"><h1 class="${isGood ? 'good' : ''}">${notice.title}</h1>
<p>${notice.text}</p></div>
${isGood && brand?.appUrl ? html`<p><a class="button" href="${brand.appUrl}">${PAGE_TEXTS[locale].goOn(brand.name)}</a></p>` : ''}`;
  return show(c, locale, notice.title, body, answer);
}

export async function show(c: Context, locale: Locale, title: string, body: Html, answer: Answer): Promise<Response> {
  const brand = c.get('brand');
  const headers = { 'Content-Language': locale, ...answer.headers };
  return c.html(renderPage({ lang: locale, title, body, ...(brand && { brand }) }), answer.status, headers);
}

export function retryLater(status: 429 | 503, { retryAfterSeconds }: { retryAfterSeconds: number }): Answer {
  return { status, headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) } };
}

/** The language of the email or the form, otherwise the one that the browser prefers. */
export function localeOf(c: Context, chosen: string | null | undefined = c.req.query('lang')): Locale {
  return parseLocale(chosen) ?? negotiateLocale(c.req.header('accept-language') ?? null);
}
