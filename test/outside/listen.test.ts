/** Unix sockets: the file, who may connect, and what is trusted of those who do. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { print } from 'graphql';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '#http/server.ts';
import { listen } from '#outside/listen.ts';
import { LoginDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

let folder: string;
let latchkey: Latchkey;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-socket-'));
  latchkey = await startLatchkey({ env: { HOST: join(folder, 'http.sock'), TRUSTED_PROXIES: 'unix' } });
});
afterAll(async () => {
  await latchkey.close();
  rmSync(folder, { recursive: true });
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const at = (host: string) => ({ host, port: 4000, isUnixSocket: true, tls: null });
async function open(path: string): Promise<void> {
  const server = createHttpServer((incoming, response) => latchkey.app.listener(incoming, response), {
    keepAliveSeconds: 75,
    headers: [],
  });
  servers.push(server);
  expect(await listen(server, at(path))).toBeNull();
}

async function send(socketPath: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const method = body === undefined ? 'GET' : 'POST';
  const asked = request({ socketPath, path, method, headers: { host: 'localhost', ...headers } }, (answer) => {
    text(answer).then((received) => resolve({ status: answer.statusCode, body: received }), reject);
  });
  asked.on('error', reject).end(body);
  return promise;
}

test('the service answers on it, and only its user and group may connect', async () => {
  const { host } = latchkey.config.listen;
  await open(host);
  expect(statSync(host).mode & 0o777).toBe(0o660);
  expect(await send(host, '/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' });
  expect(await send(host, '/readyz')).toMatchObject({ status: 200 });
});

test('its peer is the proxy that passes the address of the client', async () => {
  const { host } = latchkey.config.listen;
  await open(host);
  const { email, id } = await latchkey.person();
  const body = JSON.stringify({
    query: print(LoginDocument),
    variables: { input: { identifier: email, password: PASSWORD } },
  });
  const json = { 'content-type': 'application/json' };
  expect((await send(host, '/graphql', { ...json, 'x-forwarded-for': '203.0.113.7' }, body)).body).toContain(
    'LoginSuccess',
  );
  expect((await send(host, '/graphql', json, body)).body).toContain('LoginSuccess');
  const sessions = await latchkey.app.parts.database.prisma.session.findMany({
    where: { userId: id },
    orderBy: { id: 'desc' },
    take: 2,
  });
  expect(sessions.map(({ ipAddress }) => ipAddress)).toEqual([null, '203.0.113.7']);
});

test('a socket that a process listens on, another file, and a missing directory are told apart and left alone', async () => {
  const path = join(folder, 'taken.sock');
  await open(path);
  await expect(open(path)).rejects.toThrow(`Cannot listen on ${path}: another process listens on it`);
  expect(await send(path, '/healthz')).toMatchObject({ status: 200 });
  const file = join(folder, 'file');
  writeFileSync(file, 'precious');
  await expect(open(file)).rejects.toThrow('is not a socket');
  expect(statSync(file).size).toBe(8);
  await expect(open(join(folder, 'no', 'http.sock'))).rejects.toThrow('its directory does not exist');
  servers.length = 1;
});
