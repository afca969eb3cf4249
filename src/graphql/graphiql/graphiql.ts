/**
 * GraphiQL from our own files: no other host is ever asked, so it works without internet, and nobody else can put code
 * into the page that people paste their tokens into.
 *
 * The files come out of `@graphql-yoga/render-graphiql`, which has no dependencies of its own. Its nine megabytes are
 * loaded when the first browser asks for one of them.
 */
import { readFileSync } from 'node:fs';
import packed from '@graphql-yoga/render-graphiql/package.json' with { type: 'json' };
import { GRAPHIQL_TABS } from './tour.ts';

/** Where the files are, seen from the folder of the endpoint. The version makes each address good forever. */
const ASSETS = `/graphiql/${packed.version}/`;

const START_SCRIPT = readFileSync(new URL('./start.js', import.meta.url), 'utf8');

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="32" viewBox="0 0 24 24" fill="none" stroke="#5b5bd6" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="8" cy="12" r="4.5"/><path d="M12.5 12H22v4M18 12v3"/></svg>`;

export type Graphiql = {
  /** The page itself, for a GET of the endpoint by a browser. */
  page(): Response;
  /** A file that the page asks for; null when `pathname` is none of them. */
  asset(pathname: string): Promise<Response | null>;
};

/** A page that the bar above GraphiQL leads to. */
export type GraphiqlLink = { text: string; href: string };

/**
 * GraphiQL for the endpoint at `endpoint`, a path as browsers see it (`/graphql`). Its files are answered by `asset`
 * under `/graphiql/` beside it. `title` and the links are shown as text.
 */
export function createGraphiql(options: { endpoint: string; title: string; links: readonly GraphiqlLink[] }): Graphiql {
  const base = options.endpoint.slice(0, options.endpoint.lastIndexOf('/')) + ASSETS;
  const html = pageHtml(base, options);
  return {
    page: () => answer(html, 'text/html; charset=utf-8', 'no-cache', POLICY),
    async asset(pathname) {
      const file = pathname.startsWith(ASSETS) ? FILES.get(pathname.slice(ASSETS.length)) : undefined;
      if (file === undefined) return null;
      const content = file.content === 'start' ? START_SCRIPT : (await packedFiles())[file.content];
      return answer(content, file.type, 'public, max-age=31536000, immutable', WORKER_POLICY);
    },
  };
}

const packedFiles = () => import('@graphql-yoga/render-graphiql/graphiql');

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

/** Every file there is: nothing is looked up on the disk by a name from a request. */
const FILES: ReadonlyMap<string, { content: 'start' | keyof Awaited<ReturnType<typeof packedFiles>>; type: string }> =
  new Map([
    ['start.js', { content: 'start', type: SCRIPT_TYPE }],
    ['graphiql.js', { content: 'js', type: SCRIPT_TYPE }],
    ['graphiql.css', { content: 'css', type: 'text/css; charset=utf-8' }],
    ['editor.worker.js', { content: 'editorWorkerService', type: SCRIPT_TYPE }],
    ['json.worker.js', { content: 'jsonWorker', type: SCRIPT_TYPE }],
    ['graphql.worker.js', { content: 'graphqlWorker', type: SCRIPT_TYPE }],
  ]);

type PageOptions = { endpoint: string; title: string; links: readonly GraphiqlLink[] };

function pageHtml(base: string, { endpoint, title, links }: PageOptions): string {
  const settings = { base, endpoint, title: escapeHtml(title), logo: LOGO, defaultTabs: GRAPHIQL_TABS };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL – ${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}">
<link rel="stylesheet" href="${escapeHtml(base)}graphiql.css">
<style>${STYLE}</style>
<script src="${escapeHtml(base)}graphiql.js" defer></script>
<script src="${escapeHtml(base)}start.js" type="module"></script>
</head>
<body>
<noscript>GraphiQL needs JavaScript. The API does not: POST a JSON body with a query to this address.</noscript>
<header><span id="account" role="status"></span> <button id="forget" type="button" hidden>Forget the token</button>
<nav>${links.map(({ text, href }) => `<a href="${escapeHtml(href)}" target="_blank">${escapeHtml(text)}</a>`).join(' ')}</nav></header>
<main>
<h1>GraphiQL</h1>
<div id="root"></div>
</main>
<script type="application/json" id="settings">${inScript(settings)}</script>
</body>
</html>
`;
}

const STYLE = `
body { display: flex; flex-direction: column; height: 100vh; margin: 0 }
main { flex: 1; min-height: 0; position: relative }
#root, #root .graphiql-container { height: 100% }
h1 { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%) }
.graphiql-container .graphiql-logo span { color: inherit }
.monaco-editor .find-widget:not(.visible) { opacity: 0; pointer-events: none }
@media (max-width: 48rem) {
  #graphiql-session { flex-direction: column }
  #graphiql-session > .graphiql-horizontal-drag-bar { display: none }
  #graphiql-session > .graphiql-response { padding-left: 8px }
  .graphiql-logo { display: none }
}
header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; padding: 6px 16px; background: #f4f4fb;
  color: #2b2b3c; font: 14px/1.4 system-ui, sans-serif }
header nav { display: flex; gap: 12px; margin-left: auto }
header a { color: #4646b8 }
header button { font: inherit }
body.graphiql-dark header { background: #1c1c2b; color: #e6e6f0 }
body.graphiql-dark header a { color: #b3b3ff }
@media (prefers-color-scheme: dark) {
  body:not(.graphiql-light) header { background: #1c1c2b; color: #e6e6f0 }
  body:not(.graphiql-light) header a { color: #b3b3ff }
}
`;

/**
 * CSP level 3. Scripts are our files; no inline script and no `eval`. The editor sets styles in elements; its font and
 * pictures are data inside the style sheet. Requests go to our own origin only: a script that got in after all would
 * have nobody to tell.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A worker obeys the policy of its own file, not the page's. None of them has to load or ask for anything. */
const WORKER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function answer(body: string, type: string, cacheControl: string, policy: string): Response {
  return new Response(body, {
    headers: {
      'content-type': type,
      'cache-control': cacheControl,
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** JSON inside a script element: with no `<`, it can neither end the element nor open a comment. */
const inScript = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
