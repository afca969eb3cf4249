/**
 * What a browser shows at the address of the service and at that of its GraphQL API: where things are. Only in English,
 * because these are pages for developers. Only what the settings let everyone see is named, and no version.
 * And what it shows at an address that leads nowhere, in the language of the reader: it may be a broken link from an
 * email.
 */
import { Hono, type NotFoundHandler } from 'hono';
import { html } from 'hono/html';
import type { Brand } from '#config/brand/brand-settings.ts';
import { prefersHtml } from '#http/accept.ts';
import { localeOf, type PageEnv, showNotice } from './page-answers.ts';
import { pageHeaders, renderPage } from './page-layout.ts';
import { PAGE_TEXTS } from './texts/page-texts.ts';

/** Something that can be opened. */
export type Place = {
  /** Its name in the JSON answer. */
  key: string;
  text: string;
  /** Relative to PUBLIC_URL, without a slash in front: it may have a path of its own. */
  path: string;
  about: string;
};

export type HomeOptions = { brand: Brand; publicUrl: string; places: readonly Place[] };

/** `/`, and `/graphql` for a browser where there is no GraphiQL. */
export function createHomePages({ brand, publicUrl, places }: HomeOptions): Hono<PageEnv> {
  const pages = new Hono<PageEnv>();
  const name = brand.name ?? 'Latchkey';
  const asHtml = pageHeaders();
  for (const path of ['/', '/graphql']) {
    pages.get(path, (c, next) => {
      c.set('brand', brand);
      // A cache must not give the page to a program, or the other way round.
      c.header('vary', 'Accept');
      return next();
    });
  }
  pages.get('/', async (c, next) => {
    if (prefersHtml(c.req.header('accept') ?? null)) return asHtml(c, next);
    const addresses = places.map(({ key, path }) => [key, `${publicUrl}/${path}`]);
    return c.json({ name, ...Object.fromEntries(addresses) }, 200, { 'cache-control': 'no-store' });
  });
  pages.get('/', (c) => c.html(renderPage({ lang: 'en', title: 'Where things are', body: renderPlaces(), brand })));
  pages.get('/graphql', asHtml, (c) =>
    c.html(renderPage({ lang: 'en', title: 'GraphQL API', body: renderApi(), brand })),
  );
  return pages;

  function renderPlaces() {
    return html`<h1>Where things are</h1>
<p>${brand.name === null ? 'This is Latchkey, an authentication service' : `This is the sign-in service of ${name}`}. Apps call its API.</p>
<dl>
${places.map(
  ({ text, path, about }) => html`<dt><a href="${path}">${text}</a></dt><dd>${about}</dd>
`,
)}</dl>
${renderGoOn()}`;
  }

  function renderApi() {
    return html`<h1>GraphQL API</h1>
<p>Nothing is wrong: this address is for apps. They send operations to it with POST, as JSON:</p>
<pre>curl ${publicUrl}/graphql \\
  -H 'content-type: application/json' \\
  -d '{"query":"{ __typename }"}'</pre>
${renderGoOn()}`;
  }

  function renderGoOn() {
    if (!brand.appUrl) return '';
    return html`<p class="other"><a class="button" href="${brand.appUrl}">${PAGE_TEXTS.en.goOn(brand.name)}</a></p>`;
  }
}

/** A page for people, and JSON for programs. */
export function createNotFound(brand: Brand): NotFoundHandler<PageEnv> {
  const asHtml = pageHeaders();
  return async (c) => {
    if (!prefersHtml(c.req.header('accept') ?? null)) return c.json({ error: 'Not found.' }, 404, { vary: 'Accept' });
    c.set('brand', brand);
    const locale = localeOf(c);
    const page = await showNotice(c, locale, PAGE_TEXTS[locale].notFound, { status: 404, headers: { vary: 'Accept' } });
    c.res = page;
    await asHtml(c, async () => {});
    return c.res;
  };
}
