/**
 * The page that the link of a sign-in email opens, in any browser and without JavaScript. GET names the account and
 * changes nothing. The button signs in, or asks for the second factor first; then this browser has the refresh cookie,
 * and a front end that uses it is signed in.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import type { Ctx } from '#core/context.ts';
import type { Locale } from '#core/locale.ts';
import { pastedToken } from '#core/proofs/pasted-proof.ts';
import { isUtf8Encoded } from '#http/form.ts';
import { MAX_FORM_BYTES, type PageOutcome, TOKEN } from './link-page.ts';
import {
  type Answer,
  type Failure,
  localeOf,
  type PageEnv,
  readPostedForm,
  retryLater,
  show,
  showFailure,
  showNotice,
} from './page-answers.ts';
import { pageHeaders, problemBox } from './page-layout.ts';
import { EMAIL_SIGN_IN_TEXTS } from './texts/email-sign-in-texts.ts';
import { type Notice, PAGE_TEXTS } from './texts/page-texts.ts';

export type SignInOutcome =
  | PageOutcome
  | { kind: 'factor'; challengeToken: string }
  /** The second factor is wrong, and can be tried again. */
  | { kind: 'wrong' }
  /** The form was sent by a page of another site. */
  | { kind: 'foreign' };

export type EmailSignInActions = {
  /** The address of the account; null if the link can no longer be used. */
  show: (ctx: Ctx, input: { token: string }) => Promise<string | null>;
  signIn: (ctx: Ctx, input: { token: string }) => Promise<SignInOutcome>;
  /** @param input.either a code of an app, or a recovery code */
  confirm: (ctx: Ctx, input: { challengeToken: string; either: string }) => Promise<SignInOutcome>;
  /** What to show after an error while the page is being prepared. */
  unexpected: (ctx: Ctx, error: unknown) => Failure;
};

const NAME = 'sign-in-with-email';

export function createEmailSignInPage(actions: EmailSignInActions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  const path = `/${NAME}`;
  const refuse = (c: Context, answer: Answer) => showNotice(c, localeOf(c), PAGE_TEXTS[localeOf(c)].badForm, answer);
  pages.use(path, pageHeaders());
  pages.onError((error, c) => showFailure(c, localeOf(c), actions.unexpected(c.env.ctx, error)));
  pages.get(path, async (c) => {
    const locale = localeOf(c);
    if (!isUtf8Encoded(c.req.url)) return refuseLink(c, locale, 400);
    const token = pastedToken(c.req.query('token') ?? '');
    if (!TOKEN.test(token)) return refuseLink(c, locale, 400);
    const address = await actions.show(c.env.ctx, { token });
    if (address === null) return refuseLink(c, locale, 410);
    return showSignIn(c, locale, { token, address }, { status: 200 });
  });
  pages.post(path, bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => refuse(c, { status: 413 }) }), async (c) => {
    const form = await readPostedForm(c);
    if (typeof form === 'number') return refuse(c, { status: form });
    const locale = localeOf(c, form.get('lang'));
    const challengeToken = form.get('challenge');
    if (challengeToken === null) {
      const token = pastedToken(form.get('token') ?? '');
      if (!TOKEN.test(token)) return refuseLink(c, locale, 400);
      return showOutcome(c, locale, null, await actions.signIn(c.env.ctx, { token }));
    }
    const code = form.get('code') ?? '';
    return showOutcome(c, locale, challengeToken, await actions.confirm(c.env.ctx, { challengeToken, either: code }));
  });
  pages.all(path, (c) => refuse(c, { status: 405, headers: { Allow: 'GET, HEAD, POST' } }));
  return pages;
}

/** As the other pages about a link: 400 for what cannot be a token, 410 for one that can no longer be used. */
function refuseLink(c: Context, locale: Locale, status: 400 | 410): Promise<Response> {
  return showNotice(c, locale, EMAIL_SIGN_IN_TEXTS[locale].invalid, { status });
}

/** @param challenge of the second step; null in the first */
function showOutcome(c: Context, locale: Locale, challenge: string | null, outcome: SignInOutcome): Promise<Response> {
  const [texts, shared] = [EMAIL_SIGN_IN_TEXTS[locale], PAGE_TEXTS[locale]];
  switch (outcome.kind) {
    case 'done':
      return showNotice(c, locale, texts.done, { status: 200 });
    case 'factor':
      return showFactor(c, locale, outcome.challengeToken, null, { status: 200 });
    case 'wait':
      return challenge === null
        ? showNotice(c, locale, shared.wait(outcome.retryAfterSeconds), retryLater(429, outcome))
        : showFactor(c, locale, challenge, shared.wait(outcome.retryAfterSeconds), retryLater(429, outcome));
    case 'rejected':
    case 'wrong':
      return challenge === null
        ? refuseLink(c, locale, 410)
        : showFactor(c, locale, challenge, texts.wrong, { status: 422 });
    case 'foreign':
      return showNotice(c, locale, shared.badForm, { status: 403 });
    case 'busy':
      return showNotice(c, locale, shared.busy, retryLater(503, outcome));
    case 'invalid':
      return refuseLink(c, locale, 410);
    case 'unavailable':
    case 'failed':
      return showFailure(c, locale, outcome);
  }
}

function showSignIn(c: Context, locale: Locale, link: { token: string; address: string }, answer: Answer) {
  const texts = EMAIL_SIGN_IN_TEXTS[locale];
  const body = html`<h1>${texts.title}</h1>
<p>${texts.account} <strong>${link.address}</strong></p>
<p>${texts.intro}</p>
<form method="post" action="${NAME}" accept-charset="utf-8">
<input type="hidden" name="token" value="${link.token}">
<input type="hidden" name="lang" value="${locale}">
<button type="submit">${texts.button}</button></form>`;
  return show(c, locale, texts.title, body, answer);
}

function showFactor(c: Context, locale: Locale, challenge: string, notice: Notice | null, answer: Answer) {
  const texts = EMAIL_SIGN_IN_TEXTS[locale];
  const prefix = notice === null ? '' : PAGE_TEXTS[locale].errorPrefix;
  const describedBy = notice === null ? 'hint' : 'problem hint';
  const body = html`<h1>${texts.factorTitle}</h1>
${notice === null ? '' : problemBox(notice.title, html`<p>${notice.text}</p>`)}<form method="post" action="${NAME}" accept-charset="utf-8">
<input type="hidden" name="challenge" value="${challenge}">
<input type="hidden" name="lang" value="${locale}">
<label for="code">${texts.factorLabel}</label>
<p class="quiet" id="hint">${texts.factorHint}</p>
<p><input type="text" id="code" name="code" required autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" autofocus aria-describedby="${describedBy}"></p>
<button type="submit">${texts.factorButton}</button></form>`;
  return show(c, locale, `${prefix}${texts.factorTitle}`, body, answer);
}
