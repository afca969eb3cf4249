/**
 * The API reference: `/openapi.json`, and `/docs`, where people can try the APIs. Everything is served from our own
 * files, because people type passwords into this page: code from another host could read them.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Hono } from 'hono';
import packed from 'swagger-ui-dist/package.json' with { type: 'json' };
import type { Config } from '#config/config.ts';
import type { RestApi, RestEnv } from './api.ts';
import { openApiDocument } from './openapi.ts';

/** The version in the path allows caching the files forever. */
const ASSETS = `/docs/${packed.version}`;
const FOR_EVER = 'public, max-age=31536000, immutable';

/** All files that are served: no name from a request is ever looked up on disk. */
const FILES: Record<string, string> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** URLs are relative to `/docs`, so that the page also works if PUBLIC_URL has a path. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>REST APIs – Latchkey</title>
<link rel="icon" href=".${ASSETS}/favicon-32x32.png">
<link rel="stylesheet" href=".${ASSETS}/swagger-ui.css">
<script src=".${ASSETS}/swagger-ui-bundle.js" defer></script>
<script src=".${ASSETS}/start.js" defer></script>
</head>
<body>
<noscript>This page needs JavaScript. The OpenAPI document: <a href="./openapi.json">openapi.json</a></noscript>
<div id="reference"></div>
</body>
</html>
`;

/**
 * The script of the page. A token entered there is gone when the tab is closed. Swagger UI has dark colors, but leaves
 * it to the page when to use them; and some of its fields have no label for screen readers (WCAG 4.1.2).
 */
const START = `const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();

const labels = { '#servers': 'Server', '.examples-select-element': 'Example', '.body-param__text': 'Request body' };
const label = () => {
  for (const [selector, text] of Object.entries(labels)) {
    for (const field of document.querySelectorAll(selector + ':not([aria-label])')) field.ariaLabel = text;
  }
};
new MutationObserver(label).observe(document.getElementById('reference'), { childList: true, subtree: true });

SwaggerUIBundle({
  url: './openapi.json',
  dom_id: '#reference',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
  persistAuthorization: false,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
});
`;

/** CSP level 3: scripts and styles are our own files, and requests go only to this service. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function createReference(apis: readonly RestApi[], config: Pick<Config, 'publicUrl'>): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  let document: string | undefined;
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument(apis, config));
    return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
  app.get('/docs', (c) =>
    c.html(PAGE, 200, {
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    }),
  );
  app.get('/docs/', (c) => c.redirect('../docs'));
  app.get(`${ASSETS}/start.js`, (c) =>
    c.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' }),
  );
  const { resolve } = createRequire(import.meta.url);
  for (const [name, type] of Object.entries(FILES)) {
    // Read once: however many ask for it and do not take it, it is in memory once.
    let file: Promise<Uint8Array<ArrayBuffer>> | undefined;
    app.get(`${ASSETS}/${name}`, async (c) => {
      file ??= readFile(resolve(`swagger-ui-dist/${name}`)).then(
        (bytes) => new Uint8Array(bytes),
        (error) => {
          // A moment without file descriptors must not break the page until the next start.
          file = undefined;
          throw error;
        },
      );
      return c.body(await file, 200, { 'content-type': type, 'cache-control': FOR_EVER });
    });
  }
  return app;
}
