/**
 * What one connection may take, over real sockets. The times are shorter than the real ones (test/e2e has one of
 * these).
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { securityHeadersOf } from '#http/security-headers.ts';
import { createHttpServer } from '#http/server.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { openSocket } from '../support/socket.ts';

const PATIENT = { headersMs: 20_000, requestMs: 20_000, stallMs: 20_000, answerMs: 20_000 };
const HOST = 'host: localhost\r\n';

let latchkey: Latchkey;
beforeAll(async () => {
  latchkey = await startLatchkey();
});
afterAll(() => latchkey.close());

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A socket to the service, behind a server that is patient but for this. */
async function socketTo(less: Partial<typeof PATIENT>) {
  server = createHttpServer((request, response) => latchkey.app.listener(request, response), {
    keepAliveSeconds: 75,
    headers: securityHeadersOf(latchkey.config),
    patience: { ...PATIENT, ...less },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return openSocket((server.address() as AddressInfo).port);
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server?.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

describe('a slow client is cut off', () => {
  test.each([
    ['says nothing', ''],
    ['does not finish its headers', `POST /graphql HTTP/1.1\r\n${HOST}`],
  ])('when it %s', async (_, sent) => {
    const socket = await socketTo({ headersMs: 200 });
    socket.write(sent);
    await socket.closed;
    expect(socket.received()).not.toContain('200 OK');
  });

  test('when the headers of a further request do not come to an end', async () => {
    const socket = await socketTo({ headersMs: 200 });
    socket.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\nGET /healthz HTTP/1.1\r\n`);
    await socket.closed;
    expect(socket.received()).toContain('{"status":"ok"}');
  });

  test.each(['/graphql', '/api/auth/login/', '/oauth/introspect', '/verify-email', '/nowhere'])(
    'when it does not finish its body: %s',
    async (path) => {
      const socket = await socketTo({ headersMs: 200, requestMs: 400 });
      const headers = `${HOST}content-type: application/json\r\ncontent-length: 1000\r\n`;
      socket.write(`POST ${path} HTTP/1.1\r\n${headers}\r\n{"query":"`);
      await socket.closed;
      expect(socket.received()).not.toContain('200 OK');
    },
  );

  test.each(['/graphql', '/api/auth/login/'])('when it goes on and on after the refusal: %s', async (path) => {
    const socket = await socketTo({ headersMs: 200, requestMs: 400 });
    const head = `POST ${path} HTTP/1.1\r\n${HOST}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const chunk = `${(100_001).toString(16)}\r\n${'x'.repeat(100_001)}\r\n`;
    socket.write(head + chunk);
    const more = setInterval(() => socket.write(chunk), 20);
    await socket.closed;
    clearInterval(more);
    expect(socket.received()).toContain('413');
  });

  test.each([
    ['does not read', { stallMs: 300 }],
    ['takes an answer too slowly', { answerMs: 300 }],
  ])('when it %s', async (_, less) => {
    const socket = await socketTo(less);
    const [bundle] = /\/docs\/\S+\/swagger-ui-bundle\.js/.exec(await (await latchkey.fetch('/docs')).text()) ?? [];
    socket.pause();
    // More than all buffers on the way take.
    socket.write(`GET ${bundle} HTTP/1.1\r\n${HOST}\r\n`.repeat(10));
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
    socket.end();
  });

  test('when it sends a thousand requests at once: ten are begun', async () => {
    const socket = await socketTo({});
    socket.write(`GET /openapi.json HTTP/1.1\r\n${HOST}\r\n`.repeat(1000));
    await socket.closed;
    const begun = latchkey.logged().match(/"path":"\/openapi\.json"/g) ?? [];
    expect(begun.length).toBeLessThanOrEqual(10);
  });
});

describe('an ordinary client is served', () => {
  const impatient = { headersMs: 300, requestMs: 300, stallMs: 300, answerMs: 300 };

  test('on one connection, for longer than any one request may take', async () => {
    const socket = await socketTo(impatient);
    for (let count = 1; count <= 5; count++) {
      socket.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
      await expect.poll(() => socket.received().split('{"status":"ok"}').length - 1).toBe(count);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(socket.received()).toMatch(/keep-alive: timeout=75\r\n/i);
    socket.end();
  });

  test('with ten requests at once, in their order', async () => {
    const socket = await socketTo(PATIENT);
    const pair = ['/healthz', '/.well-known/jwks.json'].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join('');
    socket.write(pair.repeat(5));
    const kinds = () => socket.received().match(/(?<=\{")(?:status|keys)(?=":)/g);
    await expect.poll(() => kinds()?.length).toBe(10);
    expect(kinds()).toEqual(Array.from({ length: 5 }, () => ['status', 'keys']).flat());
    socket.end();
  });
});

describe('whatever the Host header says', () => {
  const HOSTS = [
    'a@b',
    'a:b@c',
    '@b',
    ':@b',
    'b:99999',
    'b:',
    '[::1',
    '[::1]:1',
    'b/c',
    'b?c',
    'b#c',
    'b\\c',
    '%',
    '%61',
    '\xe9',
    '',
  ];
  const json = (body: string) => `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  test.each([
    ['a query', 'POST /graphql', json('{"query":"{ __typename }"}')],
    ['a body that is not JSON', 'POST /graphql', json('{')],
    ['a body of another type', 'POST /graphql', 'content-type: text/plain\r\ncontent-length: 1\r\n\r\nx'],
    ['a query by GET', 'GET /graphql?query={__typename}', '\r\n'],
    ['a preflight', 'OPTIONS /graphql', 'origin: https://app.example\r\n\r\n'],
    ['a REST call', 'POST /api/auth/login/', json('{')],
  ])('%s is answered, and the service goes on', async (_, line, rest) => {
    const statuses: number[] = [];
    for (const host of HOSTS) {
      const socket = await socketTo({});
      socket.write(Buffer.from(`${line} HTTP/1.1\r\nconnection: close\r\nhost: ${host}\r\n${rest}`, 'latin1'));
      await socket.closed;
      statuses.push(Number(/^HTTP\/1.1 (\d+)/.exec(socket.received())?.[1]));
      server?.close();
    }
    expect(statuses.filter((status) => !(status >= 200 && status < 500))).toEqual([]);
    // RFC 9112 section 3.2: a Host that holds more than a host and a port.
    expect([statuses[0], statuses[1]]).toEqual([400, 400]);
  });
});
