/** The pages at the address of the service and of its API. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

/** What Chromium sends when it opens an address. */
const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';
const PRODUCTION = {
  NODE_ENV: 'production',
  HASH_MEMORY_KIB: '19456',
  HASH_ITERATIONS: '2',
  PUBLIC_URL: 'https://example.test/auth',
  APP_NAME: 'Acme',
  APP_URL: 'https://app.example.test',
};

describe('where things are', () => {
  let development: Latchkey;
  let production: Latchkey;
  let server: Server;
  beforeAll(async () => {
    development = await startLatchkey();
    production = await startLatchkey({ env: PRODUCTION });
    server = createServer(production.app.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([development.close(), production.close()]);
  });
  const open = async ({ fetch }: Latchkey, path: string, accept = BROWSER, method = 'GET') => {
    const response = await fetch(path, { method, headers: { accept } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const linksIn = (html: string) => [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);

  test('the address of the service shows it to people, and names it to programs', async () => {
    const page = await open(development, '/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(linksIn(page.text)).toEqual(['data:,', 'graphql', 'docs', '.well-known/jwks.json']);
    for (const path of ['/docs', '/.well-known/jwks.json']) expect((await open(development, path)).status).toBe(200);
    for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.9', 'text/html;q=0']) {
      const { status, headers, text } = await open(development, '/', accept);
      expect([accept, status, headers.get('vary')]).toEqual([accept, 200, 'Accept']);
      expect(JSON.parse(text)).toEqual({
        name: 'Latchkey',
        graphql: 'https://auth.example.test/graphql',
        reference: 'https://auth.example.test/docs',
        jwks: 'https://auth.example.test/.well-known/jwks.json',
      });
    }
    expect((await open(development, '/', BROWSER, 'HEAD')).status).toBe(200);
  });

  test('in production it has the name of the operator, leads to the app, and tells nothing that is switched off', async () => {
    const page = await open(production, '/');
    // The links are relative, because PUBLIC_URL has a path.
    expect(linksIn(page.text)).toEqual(['data:,', 'graphql', '.well-known/jwks.json', 'https://app.example.test']);
    expect(page.text).toContain('This is the sign-in service of Acme.');
    expect(page.text).not.toMatch(/Latchkey|GraphiQL|mailbox|docs|\d\.\d\.\d/);
    const { text } = await open(production, '/', '*/*');
    expect(JSON.parse(text)).toEqual({
      name: 'Acme',
      graphql: 'https://example.test/auth/graphql',
      jwks: 'https://example.test/auth/.well-known/jwks.json',
    });
  });

  test('an address that leads nowhere is a page for people, in their language, and JSON for programs', async () => {
    const nowhere = await open(production, '/verify-emai/half-a-link');
    expect(nowhere.status).toBe(404);
    expect(nowhere.text).toContain('<title>This page does not exist – Acme</title>');
    expect(nowhere.headers.get('content-security-policy')).toContain("style-src 'sha256-");
    expect(nowhere.text).not.toContain('half-a-link');
    const german = await production.fetch('/nowhere', { headers: { accept: BROWSER, 'accept-language': 'de' } });
    expect([german.status, await german.text()]).toEqual([404, expect.stringContaining('Diese Seite gibt es nicht')]);
    const { status, text, headers } = await open(production, '/nowhere', '*/*');
    expect([status, JSON.parse(text), headers.get('vary')]).toEqual([404, { error: 'Not found.' }, 'Accept']);
  });

  test('the API reference and its document are off in production, unless a setting turns them on', async () => {
    for (const path of ['/docs', '/docs/', '/openapi.json']) {
      expect([path, (await open(production, path)).status]).toEqual([path, 404]);
      expect([path, (await open(development, path)).status]).not.toEqual([path, 404]);
    }
    const off = await startLatchkey({ env: { API_REFERENCE: 'off' } });
    expect((await open(off, '/docs')).status).toBe(404);
    await off.close();
    const safe = { ...PRODUCTION, SMTP_URL: 'smtp://localhost', SECRET: randomBytes(32).toString('base64') };
    expect(parseConfig({ ...safe, API_REFERENCE: 'on' }).reference).toBe(true);
  });

  test('the API in a browser is a page with how to call it, where there is no GraphiQL', async () => {
    const page = await open(production, '/graphql');
    expect(page.status).toBe(200);
    expect(page.text).toContain('curl https://example.test/auth/graphql');
    expect(page.headers.get('vary')).toBe('Accept');
    const { port } = server.address() as AddressInfo;
    const overHttp = await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept: BROWSER } });
    expect(await overHttp.text()).toBe(page.text);
    expect((await open(development, '/graphql')).text).toContain('GraphiQL');
  });

  test.each(['/', '/graphql'])('the page at %s runs nothing and is kept nowhere', async (path) => {
    const { headers } = await open(production, path);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex');
  });

  test.each([
    ['a query', '/graphql?query=%7B__typename%7D', BROWSER, 403],
    ['a program that takes anything', '/graphql', '*/*', 403],
    ['a program that prefers JSON', '/graphql', 'application/graphql-response+json, text/html;q=0.5', 403],
  ])('%s at the API is for GraphQL', async (_, path, accept, status) => {
    for (const latchkey of [development, production]) {
      const answer = await open(latchkey, path, accept);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, expect.stringContaining('json')]);
    }
  });
});
