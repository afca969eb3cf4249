/**
 * One page that an emailed link opens. GET says what the button does and changes nothing, because mail scanners open
 * every link. The button sends a POST, and the answer shows the result.
 */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import type { Ctx } from '#core/context.ts';
import type { Locale } from '#core/locale.ts';
import type { MailedPage } from '#core/mail/mail-link.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import { pastedToken } from '#core/proofs/pasted-proof.ts';
import { isUtf8Encoded } from '#http/form.ts';
import {
  type Answer,
  type Failure,
  type Html,
  localeOf,
  type PageEnv,
  readPostedForm,
  retryLater,
  show,
  showFailure,
  showNotice,
} from './page-answers.ts';
import { pageHeaders, problemBox } from './page-layout.ts';
import { type LinkPageTexts, type Notice, PAGE_TEXTS } from './texts/page-texts.ts';

/** The outcome of a submitted form. */
export type PageOutcome =
  | { kind: 'done' }
  /** The token is wrong, used, expired or replaced. The page says the same for all of them. */
  | { kind: 'invalid' }
  | { kind: 'rejected'; problems: readonly PasswordProblemCode[] }
  | { kind: 'wait'; retryAfterSeconds: number }
  | { kind: 'busy'; retryAfterSeconds: number }
  | Failure;

/** What a link is about; `field` comes before the input fields of the form, `otherAnswer` below its button. */
type About = { text?: Html; field?: Html; otherAnswer?: Html };

/** What differs between the pages. */
export type LinkPage = {
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

/** Adds the routes of a page. */
export function addLinkPage(pages: Hono<PageEnv>, page: LinkPage): void {
  const path = `/${page.name}`;
  const refuse = (c: Context, answer: Answer) => showNotice(c, localeOf(c), PAGE_TEXTS[localeOf(c)].badForm, answer);

  pages.use(path, pageHeaders());
  pages.get(path, async (c) => {
    const locale = localeOf(c);
    if (!isUtf8Encoded(c.req.url)) return showNotice(c, locale, page.texts[locale].invalid, { status: 400 });
    const token = pastedToken(c.req.query('token') ?? '');
    if (!TOKEN.test(token)) return showNotice(c, locale, page.texts[locale].invalid, { status: 400 });
    const about = await page.about?.(c.env.ctx, token, locale);
    if (about === null) return showNotice(c, locale, page.texts[locale].invalid, { status: 410 });
    return showForm(c, page, { locale, token, about }, { status: 200 });
  });
  pages.post(path, bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => refuse(c, { status: 413 }) }), async (c) => {
    const form = await readPostedForm(c);
    if (typeof form === 'number') return refuse(c, { status: form });
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
    case 'failed':
      return showFailure(c, locale, outcome);
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
