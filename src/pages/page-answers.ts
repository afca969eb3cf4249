/** What the pages answer with: the whole page, its language and its status. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Ctx } from '#core/context.ts';
import { type Locale, negotiateLocale, parseLocale } from '#core/locale.ts';
import { readForm } from '#http/form.ts';
import { renderPage } from './page-layout.ts';
import { type Notice, PAGE_TEXTS } from './texts/page-texts.ts';

/** Every request brings its context. */
export type PageEnv = { Bindings: { ctx: Ctx } };

export type Html = ReturnType<typeof html>;
type Status = 200 | 400 | 403 | 404 | 405 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
export type Answer = { status: Status; headers?: Record<string, string> };

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

/** What is shown after an error that no page foresees; it is already logged. */
export type Failure =
  /** The database cannot be used. It is unknown whether anything was changed. */
  { kind: 'unavailable'; retryAfterSeconds: number } | { kind: 'failed' };

export function showFailure(c: Context, locale: Locale, failure: Failure): Promise<Response> {
  const { unavailable, failed } = PAGE_TEXTS[locale];
  return failure.kind === 'unavailable'
    ? showNotice(c, locale, unavailable, retryLater(503, failure))
    : showNotice(c, locale, failed, { status: 500 });
}

/** The form of a request, or the status that refuses it. */
export async function readPostedForm(c: Context): Promise<URLSearchParams | 400 | 415> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') return 415;
  return readForm(await c.req.text()) ?? 400;
}

export function retryLater(status: 429 | 503, { retryAfterSeconds }: { retryAfterSeconds: number }): Answer {
  return { status, headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) } };
}

/** The language of the email or the form, otherwise the one that the browser prefers. */
export function localeOf(c: Context, chosen: string | null | undefined = c.req.query('lang')): Locale {
  return parseLocale(chosen) ?? negotiateLocale(c.req.header('accept-language') ?? null);
}
