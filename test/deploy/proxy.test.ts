/** deploy/haproxy.cfg, in front of something that tells what it was asked. Needs HAProxy, as Debian has it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const CONFIG = readFileSync(new URL('../../deploy/haproxy.cfg', import.meta.url), 'utf8');
const isInstalled = spawnSync('haproxy', ['-v']).error === undefined;
if (!isInstalled) process.stderr.write('SKIPPED: haproxy is not installed, so deploy/haproxy.cfg is not tried.\n');

describe.skipIf(!isInstalled)('deploy/haproxy.cfg', () => {
  let home: string;
  let proxy: ChildProcess;
  let origin: string;
  let log = '';
  const replicas: { name: string; server: Server; isReady: boolean; asked: IncomingHttpHeaders[] }[] = [];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'latchkey-haproxy-'));
    for (const name of ['one', 'two']) {
      const replica = { name, isReady: true, asked: [] as IncomingHttpHeaders[], server: createServer() };
      replica.server.on('request', (request, response) => {
        if (request.url === '/readyz') return response.writeHead(replica.isReady ? 200 : 503).end();
        replica.asked.push(request.headers);
        return response.end(name);
      });
      replicas.push(replica);
      replica.server.listen(0, '127.0.0.1');
      await once(replica.server, 'listening');
    }
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const servers = replicas.map(({ name, server }) => `server ${name} 127.0.0.1:${portOf(server)}`).join('\n    ');
    const config = CONFIG.replace(/server-template .*/, servers).replace('bind :8080', `bind 127.0.0.1:${port}`);
    const file = join(home, 'haproxy.cfg');
    writeFileSync(file, config);
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    proxy = spawn('haproxy', ['-f', file], { stdio: ['ignore', 'pipe', 'ignore'] });
    proxy.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await vi.waitFor(async () => expect((await ask('/graphql')).status).toBe(200), { timeout: 20_000 });
  });
  afterAll(async () => {
    proxy?.kill('SIGTERM');
    for (const { server } of replicas) server.close();
    if (home !== undefined) rmSync(home, { recursive: true });
  });

  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}${path}`, { headers });
    return { status: response.status, body: await response.text() };
  };
  const lastAsked = () => replicas.flatMap(({ asked }) => asked.splice(0)).at(-1);

  test('says who the client is, whatever the client says', async () => {
    lastAsked();
    await ask('/graphql', { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' });
    const headers = lastAsked();
    expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1' });
    expect(headers).not.toHaveProperty('forwarded');
  });

  test.each(['/healthz', '/readyz', '/metrics'])('%s is not for the public', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  test('logs no token of an emailed link and no address', async () => {
    const paths = ['/verify-email?token=hunter2', '/api/verify-email/hunter2', '/api/Exist-Email/hunter2@example.com'];
    for (const path of paths) await ask(path);
    await expect.poll(() => log).toMatch(/GET \/api\/Exist-Email\/ 200/);
    expect(log).toMatch(/GET \/verify-email 200/);
    expect(log).toMatch(/GET \/api\/verify-email\/ 200/);
    expect(log).not.toContain('hunter2');
  });

  test('a replica that is stopping gets no more requests', async () => {
    const [one, two] = replicas;
    if (one === undefined || two === undefined) throw new Error('two replicas');
    one.isReady = false;
    const bodies = async () =>
      new Set((await Promise.all(Array.from({ length: 8 }, () => ask('/')))).map((it) => it.body));
    await expect.poll(bodies, { timeout: 20_000 }).toEqual(new Set(['two']));
    one.isReady = true;
    await expect.poll(bodies, { timeout: 20_000 }).toEqual(new Set(['one', 'two']));
  });
});

function portOf(server: { address: () => string | AddressInfo | null }): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
