/**
 * GraphiQL from our own files: no other host is ever asked, so it works without internet, and nobody else can put code
 * into the page that people paste their tokens into.
 *
 * The files come out of `@graphql-yoga/render-graphiql`, which has no dependencies of its own. Its nine megabytes are
 * loaded when the first browser asks for one of them.
 */
import { createHash } from 'node:crypto';
import packed from '@graphql-yoga/render-graphiql/package.json' with { type: 'json' };
import { GRAPHIQL_TOUR } from './graphiql-tour.ts';

/** Where the files are, seen from the folder of the endpoint. The version makes each address good for ever. */
const ASSETS = `/graphiql/${packed.version}/`;

const HEADERS = `{
  "Authorization": "Bearer "
}`;

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="32" viewBox="0 0 24 24" fill="none" stroke="#5b5bd6" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="8" cy="12" r="4.5"/><path d="M12.5 12H22v4M18 12v3"/></svg>`;

export type Graphiql = {
  /** The page itself, for a GET of the endpoint by a browser. */
  page(): Response;
  /** A file that the page asks for; null when `pathname` is none of them. */
  asset(pathname: string): Promise<Response | null>;
};

/**
 * GraphiQL for the endpoint at `endpoint`, a path as browsers see it (`/graphql`). Its files are answered by `asset`
 * under `/graphiql/` beside it. `title` is shown as text.
 */
export function createGraphiql(options: { endpoint: string; title: string }): Graphiql {
  const base = options.endpoint.slice(0, options.endpoint.lastIndexOf('/')) + ASSETS;
  const script = startScript(base, options);
  const html = pageHtml(base, options.title, script);
  const policy = contentSecurityPolicy(script);
  return {
    page: () => answer(html, 'text/html; charset=utf-8', 'no-cache', policy),
    async asset(pathname) {
      const file = pathname.startsWith(ASSETS) ? FILES.get(pathname.slice(ASSETS.length)) : undefined;
      if (file === undefined) return null;
      const content = (await import('@graphql-yoga/render-graphiql/graphiql'))[file.content];
      return answer(content, file.type, 'public, max-age=31536000, immutable', WORKER_POLICY);
    },
  };
}

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

/** Every file there is: nothing is looked up on the disk by a name from a request. */
const FILES: ReadonlyMap<
  string,
  { content: keyof typeof import('@graphql-yoga/render-graphiql/graphiql'); type: string }
> = new Map([
  ['graphiql.js', { content: 'js', type: SCRIPT_TYPE }],
  ['graphiql.css', { content: 'css', type: 'text/css; charset=utf-8' }],
  ['editor.worker.js', { content: 'editorWorkerService', type: SCRIPT_TYPE }],
  ['json.worker.js', { content: 'jsonWorker', type: SCRIPT_TYPE }],
  ['graphql.worker.js', { content: 'graphqlWorker', type: SCRIPT_TYPE }],
]);

function pageHtml(base: string, title: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}">
<link rel="stylesheet" href="${escapeHtml(base)}graphiql.css">
<script src="${escapeHtml(base)}graphiql.js" defer></script>
<script type="module">${script}</script>
</head>
<body>
<noscript>GraphiQL needs JavaScript. The API does not: POST a JSON body with a query to this address.</noscript>
<div id="root"></div>
</body>
</html>
`;
}

/** What runs in the page. */
function startScript(base: string, { endpoint, title }: { endpoint: string; title: string }): string {
  return `
const base = ${inScript(base)};
const workers = { editorWorkerService: 'editor', json: 'json', graphql: 'graphql' };
self.MonacoEnvironment = { getWorkerUrl: (_, label) => base + (workers[label] ?? 'editor') + '.worker.js' };
YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
  endpoint: ${inScript(endpoint)},
  title: ${inScript(escapeHtml(title))},
  logo: ${inScript(LOGO)},
  defaultTabs: ${inScript(GRAPHIQL_TOUR.map((query) => ({ query, headers: HEADERS })))},
  defaultHeaders: ${inScript(HEADERS)},
  defaultEditorToolsVisibility: 'headers',
  initialQuery: undefined, // otherwise Yoga's welcome text comes before the tabs
  onEditQuery() {}, // otherwise each key goes into the address, and a password with it
  shouldPersistHeaders: false, // a token in the browser's storage outlives the tab
  showPersistHeadersSettings: false,
  additionalHeaders: { 'x-graphql-yoga-csrf': '1' },
});
`;
}

/**
 * CSP level 3. Scripts are our files and the one start script, by its hash; no `eval`. The editor sets styles in
 * elements; its font and pictures are data inside the style sheet. Requests go to our own origin only: a script that
 * got in after all would have nobody to tell.
 */
function contentSecurityPolicy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self' 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A worker obeys the policy of its own file, not the page's. None of them has to load or ask for anything. */
const WORKER_POLICY = "default-src 'none'";

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
