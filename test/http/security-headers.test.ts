/** The headers that every answer has: of every route, of every refusal, and of node:http. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { securityHeadersOf } from '#http/security-headers.ts';
import { createHttpServer, type Refusal } from '#http/server.ts';
import { RegisterDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { LINK_PAGES } from '../support/link-pages.ts';
import { openSocket } from '../support/socket.ts';

const PAGES = [...LINK_PAGES, 'dev/mailbox', 'dev/mailbox.json', 'dev/mailbox/1', 'favicon.ico', 'brand-logo'];
const OTHERS = [
  '',
  'graphql',
  'graphql?query={__typename}',
  'graphql?query={',
  'docs',
  'openapi.json',
  'healthz',
  'readyz',
  '.well-known/jwks.json',
  '.well-known/oauth-authorization-server',
  '.well-known/openid-configuration',
  '.well-known/change-password',
  'oauth/introspect',
  'oauth/revoke',
  'nothing/here',
  '%ff',
  'graphql/',
];

const refusals: Refusal[] = [];
let latchkey: Latchkey;
let server: Server;
let port: number;
beforeAll(async () => {
  latchkey = await startLatchkey({
    env: {
      SMTP_URL: '',
      MAILBOX: 'on',
      CORS_ORIGINS: 'https://app.example.test',
      SERVICE_CLIENTS: `shop:${'a'.repeat(32)}`,
      CHANGE_PASSWORD_URL: 'https://app.example.test/password',
    },
  });
  server = createHttpServer((request, response) => latchkey.app.listener(request, response), {
    keepAliveSeconds: 75,
    headers: securityHeadersOf(latchkey.config),
    onRefused: (refusal) => refusals.push(refusal),
    patience: { headersMs: 300, requestMs: 300, stallMs: 20_000, answerMs: 20_000 },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await latchkey.close();
});

/** What an answer lacks; nothing if it is as it should be. */
function lacks(headers: Headers): string[] {
  const policy = headers.get('content-security-policy') ?? '';
  const expected: [string, boolean][] = [
    ['strict-transport-security', headers.get('strict-transport-security') === 'max-age=31536000'],
    ['x-content-type-options', headers.get('x-content-type-options') === 'nosniff'],
    ['referrer-policy', (headers.get('referrer-policy') ?? '') !== ''],
    ...["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"].map((directive): [string, boolean] => [
      directive,
      policy.split('; ').includes(directive),
    ]),
    ['a policy for scripts', !/script-src[^;]*unsafe/.test(policy)],
  ];
  return expected.flatMap(([name, isFine]) => (isFine ? [] : [name]));
}

/** What would let a script into a page that someone has written something into. */
function unsafe(html: string, headers: Headers): string[] {
  const policy = new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map((directive): [string, string] => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  const scripts = policy.get('script-src') ?? policy.get('default-src');
  const inline = [...html.matchAll(/<script\b([^>]*)>/gi)].filter(
    ([, attributes = '']) => !/\bsrc="[^"]*"|type="application\/json"/.test(attributes),
  );
  const expected: [string, boolean][] = [
    ["default-src 'none'", policy.get('default-src') === "'none'"],
    ['no script but our files', scripts === "'self'" || scripts === "'none'"],
    ['base-uri', policy.get('base-uri') === "'none'"],
    ['form-action', ["'none'", "'self'"].includes(policy.get('form-action') ?? '')],
    ['frame-ancestors', ["'none'", "'self'"].includes(policy.get('frame-ancestors') ?? '')],
    ['no inline script', inline.length === 0],
    ['no handler in an attribute', !/<[^>]*\son[a-z]+\s*=/i.test(html)],
    ['no script in a link', !/(?:href|src|action)="?\s*javascript:/i.test(html)],
  ];
  return expected.flatMap(([name, isFine]) => (isFine ? [] : [name]));
}

/** A type, and for a text the character encoding (OWASP ASVS 5.0, 4.1.1); JSON is UTF-8 (RFC 8259 section 8.1). */
function saysWhatItIs(headers: Headers): boolean {
  const type = headers.get('content-type') ?? '';
  return /^text\//.test(type) ? /; *charset=utf-8$/i.test(type) : /^[a-z]+\/[\w.+-]+(?:;|$)/.test(type);
}

const raw = (text: string) => {
  const [head = ''] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']),
  );
  return { status: Number(status.split(' ')[1]), headers };
};

describe('every answer has the headers', () => {
  test('of every route, however it is asked', async () => {
    const openapi = await (await latchkey.fetch('/openapi.json')).json();
    const routes = Object.keys(openapi.paths).map((path) => path.slice(1).replaceAll(/\{\w+\}/g, 'x'));
    const html = await (await fetch(`http://127.0.0.1:${port}/docs`)).text();
    const graphiql = await (
      await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept: 'text/html' } })
    ).text();
    const assets = [...`${html}${graphiql}`.matchAll(/(?:src|href)="\.?\/?((?:docs|graphiql)\/[^"]+)"/g)];
    expect(assets.length).toBeGreaterThan(4);
    const paths = [...routes, ...PAGES, ...OTHERS, ...assets.map(([, path]) => path)];
    const asked: RequestInit[] = [
      { method: 'GET' },
      { method: 'GET', headers: { accept: 'text/html' } },
      { method: 'HEAD' },
      { method: 'DELETE' },
      { method: 'OPTIONS', headers: { origin: 'https://app.example.test', 'access-control-request-method': 'POST' } },
      { method: 'OPTIONS', headers: { origin: 'https://evil.example' } },
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'token=x' },
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
    ];
    const failures: string[] = [];
    const statuses = new Set<number>();
    for (const path of paths) {
      for (const init of asked) {
        const response = await fetch(`http://127.0.0.1:${port}/${path}`, { ...init, redirect: 'manual' });
        const { byteLength } = await response.arrayBuffer();
        statuses.add(response.status);
        const lacking = lacks(response.headers);
        if (byteLength > 0 && !saysWhatItIs(response.headers)) lacking.push('content-type');
        if (lacking.length > 0) failures.push(`${init.method} /${path} ${response.status}: ${lacking.join(', ')}`);
      }
    }
    expect(failures).toEqual([]);
    // Pages, redirects, and refusals of many kinds were among them.
    for (const status of [200, 204, 302, 400, 401, 404, 405, 415]) expect([...statuses]).toContain(status);
  });

  test('of every page: a strict policy, and no inline script', async () => {
    const person = { name: 'Ada Example', email: latchkey.address(), password: PASSWORD };
    await latchkey.ask(RegisterDocument, { input: person });
    await expect.poll(async () => (await latchkey.fetch('/dev/mailbox.json')).text()).toContain(person.email);
    const waiting = [
      '',
      'graphql',
      'docs',
      'dev/mailbox',
      ...LINK_PAGES,
      ...LINK_PAGES.map((page) => `${page}?token=x`),
    ];
    const pages: string[] = [];
    const failures: string[] = [];
    for (const path of waiting) {
      const url = new URL(path, `http://127.0.0.1:${port}`);
      const response = await fetch(url, { headers: { accept: 'text/html' } });
      if (!/^text\/html/.test(response.headers.get('content-type') ?? '')) continue;
      pages.push(path);
      const html = await response.text();
      failures.push(...unsafe(html, response.headers).map((each) => `/${path}: ${each}`));
      // What a page leads to or shows in a frame is a page as well.
      for (const [, found = ''] of html.matchAll(/(?:href|src)="([^"#]+)"/g)) {
        const to = new URL(found.replaceAll('&amp;', '&'), response.url);
        const next = `${to.pathname.slice(1)}${to.search}`;
        if (to.origin === url.origin && !waiting.includes(next)) waiting.push(next);
      }
    }
    expect(failures).toEqual([]);
    for (const path of ['', 'graphql', 'docs', 'dev/mailbox', ...LINK_PAGES]) expect(pages).toContain(path);
    // The email itself, on a page of its own.
    expect(pages.filter((path) => path.startsWith('dev/mailbox/')).length).toBeGreaterThan(0);
  });

  test.each([
    [
      'a body over the limit',
      413,
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 200000\r\n\r\n${'x'.repeat(200_000)}`,
    ],
    [
      'a chunked body over the limit',
      413,
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n30d40\r\n${'x'.repeat(200_000)}\r\n0\r\n\r\n`,
    ],
    ['a malformed Host', 400, 'GET /healthz HTTP/1.1\r\nhost: a b\r\n\r\n'],
    ['a malformed Host, for GraphQL', 400, 'POST /graphql HTTP/1.1\r\nhost: a b\r\ncontent-length: 0\r\n\r\n'],
    ['a target that is not a path', 400, 'GET healthz HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['two Hosts', 400, 'GET /healthz HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n'],
    ['no Host', 400, 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['what is not HTTP', 400, 'hello\r\n\r\n'],
    ['a malformed header', 400, 'GET /healthz HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n'],
    ['two lengths', 400, 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    [
      'both a length and chunks',
      400,
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'chunks that are not the last encoding',
      400,
      'POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    ],
    ['a blank before the colon', 400, 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length : 5\r\n\r\n'],
    ['a malformed chunk', 400, 'POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['too many headers', 431, `GET /healthz HTTP/1.1\r\nhost: x\r\n${`a: ${'x'.repeat(1000)}\r\n`.repeat(30)}\r\n`],
    ['too long a target', 431, `GET /${'x'.repeat(30_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    [
      'chunk extensions without end',
      413,
      `POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`,
    ],
    [
      'an expectation that is unknown',
      417,
      'POST /graphql HTTP/1.1\r\nhost: x\r\nexpect: cookies\r\ncontent-length: 0\r\n\r\n',
    ],
    ['headers that do not end', 408, 'GET /healthz HTTP/1.1\r\nhost: x\r\n'],
    [
      'a body that does not end',
      408,
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\nx',
    ],
    ['HTTP/1.0 without a Host, which is fine', 200, 'GET /healthz HTTP/1.0\r\n\r\n'],
  ])('of what is refused before it reaches a route: %s, %d', async (_, expected, sent) => {
    const socket = await openSocket(port);
    socket.write(sent);
    await expect.poll(() => socket.received(), { timeout: 10_000 }).toContain('\r\n\r\n');
    const { status, headers } = raw(socket.received());
    expect([status, lacks(headers)]).toEqual([expected, []]);
    socket.end();
  });
});

test('TRACE gives nothing back', async () => {
  for (const path of ['/', '/graphql', '/api/auth/login/', '/healthz', '/verify-email']) {
    const socket = await openSocket(port);
    socket.write(`TRACE ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: a=brought-along\r\n\r\n`);
    await socket.closed;
    expect(socket.received()).toMatch(/^HTTP\/1\.1 40[345] /);
    expect(socket.received()).not.toContain('brought-along');
  }
});

test('what is refused before it reaches a route is told, for the log, with a code that quotes nothing of it', () => {
  expect([...new Set(refusals.map(({ status }) => status))].sort()).toEqual([400, 408, 413, 417, 431]);
  expect(refusals.filter(({ ip, reason }) => ip !== '127.0.0.1' || !/^[A-Z_]+$/.test(reason))).toEqual([]);
});

test('HSTS lasts a year: only with https, for subdomains if the operator wants it, and never on this machine', () => {
  const hsts = (env: Record<string, string>) =>
    Object.fromEntries(securityHeadersOf(parseConfig({ MAILBOX: 'on', ...env })))['strict-transport-security'];
  const site = { PUBLIC_URL: 'https://auth.example.com' };
  expect(hsts(site)).toBe('max-age=31536000');
  expect(hsts({ ...site, HSTS: 'include-subdomains' })).toBe('max-age=31536000; includeSubDomains');
  expect(hsts({ ...site, HSTS: 'off' })).toBeUndefined();
  expect(hsts({})).toBeUndefined();
  expect(hsts({ PUBLIC_URL: 'https://localhost:4000' })).toBeUndefined();
  expect(hsts({ PUBLIC_URL: 'http://auth.example.com' })).toBeUndefined();
  expect(() => parseConfig({ HSTS: 'on' })).toThrow('HSTS: requires a PUBLIC_URL');
});
