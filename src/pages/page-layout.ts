/**
 * What all pages share: the HTML frame, the style sheet, and headers that allow a page nothing but to show itself and
 * to post its own form. No page has a script, so all of them work without JavaScript.
 */
import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { html, raw } from 'hono/html';
import type { Brand } from '#config/brand/brand-settings.ts';
import { brandColors } from '#core/brand-color.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** The operator's brand, for every page; undefined for our own. */
    brand: Brand | undefined;
  }
}

type Html = ReturnType<typeof html>;

export type Page = { lang: string; title: string; body: Html; wide?: boolean; brand?: Brand };

/** A whole document. Values interpolated into `body` with `html` are escaped. */
export function renderPage({ lang, title, body, wide = false, brand }: Page): Html {
  const name = brand?.name ?? 'Latchkey';
  return html`<!doctype html>
<html lang="${lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[title, name].join(' – ')}</title>
<link rel="icon" href="${iconOf(brand)}">
<style>${raw(styleSheetOf(brand))}</style>
</head>
<body>
<main${raw(wide ? ' class="wide"' : '')}>
<p class="brand">${logoOf(brand, name)}</p>
${body}
${helpOf(brand)}</main>
</body>
</html>
`;
}

/** Where pages find a logo that is a file. Relative, so that it also works if PUBLIC_URL has a path. */
const LOGO_PATH = 'brand-logo';

function addressOf(brand: Brand | undefined): string | null {
  const logo = brand?.logo;
  if (!logo) return null;
  return logo.kind === 'file' ? `${LOGO_PATH}?v=${logo.version}` : logo.url;
}

function iconOf(brand: Brand | undefined): string {
  return addressOf(brand) ?? 'data:,';
}

function logoOf(brand: Brand | undefined, name: string): Html {
  const address = addressOf(brand);
  return address === null ? html`${name}` : html`<img class="logo" src="${address}" alt="${name}" height="40">`;
}

/** What the policy of pages allows images to come from. */
function imageSourceOf(brand: Brand | undefined): string {
  const logo = brand?.logo;
  if (!logo) return 'data:';
  return logo.kind === 'file' ? "data: 'self'" : `data: ${new URL(logo.url).origin}`;
}

/** The box above a form that says why it was refused. Its id is `problem`, for `aria-describedby`. */
export function problemBox(title: string, content: Html): Html {
  return html`<div class="problem" id="problem" role="alert"><h2>${title}</h2>${content}</div>
`;
}

/** Sets the security headers of a page. OWASP Secure Headers Project; W3C CSP level 3. */
export function pageHeaders(options: { allowsEmails?: boolean } = {}): MiddlewareHandler {
  const headersOf = (styles: string, images: string) => ({
    'Content-Security-Policy': `default-src 'none'; style-src ${styles}; img-src ${images}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    // The URL of the page contains a token, so it must not reach other sites (OWASP Forgot Password Cheat Sheet),
    // caches or search engines.
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex',
    'X-Content-Type-Options': 'nosniff',
  });
  return async (c, next) => {
    await next();
    const hash = createHash('sha256')
      .update(styleSheetOf(c.get('brand')))
      .digest('base64');
    const styles = options.allowsEmails ? "'unsafe-inline'" : `'sha256-${hash}'`;
    for (const [name, value] of Object.entries(headersOf(styles, imageSourceOf(c.get('brand'))))) c.header(name, value);
  };
}

/** Text has a contrast of at least 4.5, edges and focus rings of at least 3 (WCAG 1.4.3, 1.4.11). */
const STYLE_SHEET = `
:root { color-scheme: light dark; --page: #f3f4f6; --card: #fff; --text: #1f2937; --quiet: #4b5563; --edge: #6b7280;
  --accent: #3730a3; --on-accent: #fff; --bad: #b91c1c; --bad-card: #fef2f2; --good: #166534; --code: #eef2ff; }
@media (prefers-color-scheme: dark) { :root { --page: #111827; --card: #1f2937; --text: #f3f4f6; --quiet: #c3c9d4;
  --edge: #9ca3af; --accent: #c7d2fe; --on-accent: #1e1b4b; --bad: #fca5a5; --bad-card: #3b1d24; --good: #86efac;
  --code: #312e81; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2rem; border-radius: .75rem; background: var(--card);
  box-shadow: 0 1px 3px #0003; }
main.wide { max-width: 64rem; align-self: start; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.125rem; }
p { margin: 0 0 1rem; }
[role] > p:last-child { margin-bottom: 0; }
[role] + p { margin: 1.25rem 0 0; }
.brand { color: var(--quiet); font-size: .875rem; font-weight: 600; letter-spacing: .04em; }
.brand img { display: block; height: 2.5rem; width: auto; max-width: 100%; object-fit: contain; object-position: left; }
@media (prefers-color-scheme: dark) { .brand img { padding: .375rem; border-radius: .375rem; background: #fff; } }
.quiet { color: var(--quiet); font-size: .875rem; }
.good { color: var(--good); }
.problem, .warning { margin: 0 0 1rem; padding: .75rem 1rem; border-left: 4px solid var(--bad); border-radius: .25rem;
  background: var(--bad-card); }
.warning { font-weight: 600; }
.problem h2 { margin: 0 0 .25rem; font-size: 1rem; color: var(--bad); }
.problem ul, .problem p { margin: 0; }
.problem ul { padding-left: 1.25rem; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem; }
input[readonly] { color: var(--quiet); background: var(--page); text-overflow: ellipsis; }
input[aria-invalid] { border-color: var(--bad); }
button { width: 100%; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 1px solid transparent; border-radius: .5rem; cursor: pointer; }
button.secondary { color: var(--accent); background: transparent; border-color: currentcolor; }
button.plain { color: var(--quiet); background: transparent; text-decoration: underline; }
p.other { margin: 1.5rem 0 .5rem; }
a { color: var(--accent); overflow-wrap: anywhere; }
a.button { display: block; padding: .5rem 1rem; min-height: 2.75rem; line-height: 1.75rem; font-weight: 600; text-align: center;
  text-decoration: none; color: var(--on-accent); background: var(--accent); border-radius: .5rem; }
.help { margin: 1.5rem 0 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere;
  border-bottom: 1px solid color-mix(in srgb, var(--edge) 40%, transparent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { main { padding: 1.5rem; } dl { display: block; } dd { margin-bottom: .5rem; }
  thead { display: none; } tr { display: block; padding: .5rem 0; border-top: 1px solid var(--edge); }
  td { display: block; padding: 0; border: 0; } }
.code { padding: .75rem; border-radius: .5rem; background: var(--code); text-align: center; font: 700 2rem/1.2 ui-monospace,
  Menlo, Consolas, monospace; letter-spacing: .2em; }
pre { margin: 0; padding: 1rem; border: 1px solid var(--edge); border-radius: .5rem; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.widths { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1rem; }
iframe { max-width: 100%; height: 44rem; border: 1px solid var(--edge); border-radius: .5rem; }
`;

/** The style sheet, with the color of the operator, if they set one. */
function styleSheetOf(brand: Brand | undefined): string {
  if (!brand?.color) return STYLE_SHEET;
  const { color, onColor, light, dark } = brandColors(brand.color);
  return `${STYLE_SHEET}:root { --accent: ${light}; }
@media (prefers-color-scheme: dark) { :root { --accent: ${dark}; } }
button:not(.secondary, .plain), a.button { background: ${color}; color: ${onColor}; }
`;
}

/** Where to ask, at the foot of a page. */
function helpOf(brand: Brand | undefined): Html {
  const address = brand?.supportEmail;
  return address
    ? html`<p class="quiet help"><a href="mailto:${address}">${address}</a></p>
`
    : html``;
}
