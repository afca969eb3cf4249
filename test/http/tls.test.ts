/** TLS without a proxy in front: the same limits as without it, over real connections. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request, type Server } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { securityHeadersOf } from '#http/security-headers.ts';
import { createHttpsServer } from '#http/server.ts';
import { selfSigned } from '../support/certificate.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

const certificate = selfSigned();
const PATIENT = { headersMs: 20_000, requestMs: 20_000, stallMs: 20_000, answerMs: 20_000 };

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

async function listening(less: Partial<typeof PATIENT> = {}): Promise<number> {
  const options = {
    keepAliveSeconds: 75,
    headers: securityHeadersOf(latchkey.config),
    patience: { ...PATIENT, ...less },
  };
  server = createHttpsServer((incoming, response) => latchkey.app.listener(incoming, response), options, certificate);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function open(port: number): Promise<{ socket: TLSSocket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: certificate.cert });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'secureConnect');
  return { socket, received: () => received, closed };
}

test('the service answers, to a client that checks the certificate, with TLS 1.2 and later only', async () => {
  const port = await listening();
  const asked = request({ port, host: 'localhost', path: '/graphql', method: 'POST', ca: certificate.cert });
  asked.setHeader('content-type', 'application/json').end('{"query":"{ __typename }"}');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect([answer.statusCode, await text(answer)]).toEqual([200, '{"data":{"__typename":"Query"}}']);
  expect(answer.headers['strict-transport-security']).toMatch(/^max-age=31536000/);

  const stranger = request({ port, host: 'localhost', path: '/healthz' });
  stranger.end();
  const [refusal] = (await once(stranger, 'error')) as [NodeJS.ErrnoException];
  expect(refusal.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');

  const old = { ca: certificate.cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const;
  const outdated = request({ port, host: 'localhost', path: '/healthz', ...old });
  outdated.end();
  await once(outdated, 'error');
});

test('a cipher suite without forward secrecy or authenticated encryption is refused, also after a renewal', async () => {
  const port = await listening();
  for (const renew of [() => {}, () => server?.setSecureContext(certificate)]) {
    renew();
    for (const ciphers of ['ECDHE-RSA-AES128-SHA256', 'AES128-GCM-SHA256', 'ECDHE-RSA-AES256-SHA']) {
      const weak = request({ port, host: 'localhost', ca: certificate.cert, maxVersion: 'TLSv1.2', ciphers });
      weak.end();
      await once(weak, 'error');
    }
    const strong = {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
    } as const;
    const asked = request({ port, host: 'localhost', path: '/healthz', ca: certificate.cert, ...strong });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"status":"ok"}']);
  }
});

test('plain HTTP gets no answer, and the service goes on', async () => {
  const port = await listening();
  const asked = httpRequest({ port, host: '127.0.0.1', path: '/healthz' });
  asked.end();
  await once(asked, 'error');
  const { socket, received, closed } = await open(port);
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  await closed;
  expect(received()).toContain('{"status":"ok"}');
});

describe('a client is cut off', () => {
  test('that does not finish the handshake', async () => {
    const socket = connectPlain(await listening({ headersMs: 200 }), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    await once(socket, 'close');
  });

  test.each([
    ['its headers', { headersMs: 200 }, 'GET /healthz HTTP/1.1\r\n'],
    ['its body', { headersMs: 200, requestMs: 400 }, 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'],
  ])('that does not finish %s', async (_, less, sent) => {
    const { socket, received, closed } = await open(await listening(less));
    socket.write(sent);
    await closed;
    expect(received()).not.toContain('200 OK');
  });

  test('that sends a thousand requests at once', async () => {
    const { socket, closed } = await open(await listening());
    socket.write('GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1000));
    await closed;
    const begun = latchkey.logged().match(/"path":"\/openapi\.json"/g) ?? [];
    expect(begun.length).toBeLessThanOrEqual(10);
  });
});

test.each([
  ['400', 'nonsense\r\n\r\n'],
  ['431', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
])('what node:http itself answers (%s) has the security headers', async (status, sent) => {
  const { socket, received, closed } = await open(await listening());
  socket.write(sent);
  await closed;
  expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const [name, value] of securityHeadersOf(latchkey.config)) expect(received()).toContain(`${name}: ${value}`);
});
