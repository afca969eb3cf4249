/**
 * The real process on TLS, whose certificate is renewed, and on a Unix socket, which a killed process leaves behind.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test as base, expect, vi } from 'vitest';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { runLatchkey } from '../support/command.ts';
import { dataDirectory, runService, startService } from '../support/process.ts';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 90_000 });

/** A migrated DATA_DIR, which goes with whatever runs on it. */
const test = base.extend('place', async ({ task: _ }, { onCleanup }) => {
  const { path, drop } = await dataDirectory('migrated');
  const endings: (() => unknown)[] = [drop];
  onCleanup(async () => {
    for (const end of endings.reverse()) await end();
  });
  return {
    path,
    start: async (env: Record<string, string>) => {
      const service = await startService({ DATA_DIR: path, ...env });
      endings.push(() => service.stop('SIGKILL'));
      return service;
    },
  };
});

function write(folder: string, { cert, key }: Certificate): { TLS_CERT: string; TLS_KEY: string } {
  const files = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') };
  writeFileSync(files.TLS_CERT, cert);
  writeFileSync(files.TLS_KEY, key);
  return files;
}

test('a renewed certificate is used after SIGHUP, and one that cannot be used is not', async ({ place }) => {
  const [first, second] = [selfSigned(), selfSigned()];
  const files = write(place.path, first);
  const service = await place.start(files);
  expect(service.url).toBe(`https://localhost:${service.port}`);
  const serial = async () => {
    const asked = secureRequest({
      port: service.port,
      host: 'localhost',
      path: '/healthz',
      rejectUnauthorized: false,
      agent: false,
    });
    asked.end();
    const [answer] = await once(asked, 'response');
    const { serialNumber } = (answer.socket as TLSSocket).getPeerX509Certificate() ?? {};
    expect(await text(answer)).toBe('{"status":"ok"}');
    return serialNumber;
  };
  const before = await serial();
  writeFileSync(files.TLS_CERT, second.cert);
  service.signal('SIGHUP');
  await expect.poll(service.stdout).toContain('cannot use the new TLS files');
  expect(await serial()).toBe(before);
  writeFileSync(files.TLS_KEY, second.key);
  service.signal('SIGHUP');
  await expect.poll(service.stdout).toContain('the TLS certificate was renewed');
  expect(await serial()).not.toBe(before);
  expect(service.stdout()).not.toContain('PRIVATE KEY');
  expect(await service.stop()).toMatchObject({ code: 0 });
});

test('a certificate without its key, or with another one, keeps the service from starting', async ({ place }) => {
  const { cert } = selfSigned();
  const files = write(place.path, { cert, key: selfSigned().key });
  const ended = await runService({ DATA_DIR: place.path, ...files });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('TLS_CERT and TLS_KEY are not a certificate'),
  });
  expect(ended.stderr).not.toContain('PRIVATE KEY');
});

test('doctor looks at the certificate', async ({ place }) => {
  const verdict = async (certificate: Certificate, host = 'localhost') => {
    const env = { DATA_DIR: place.path, PUBLIC_URL: `https://${host}`, ...write(place.path, certificate) };
    const { stdout } = await runLatchkey(['doctor', '--json'], { env });
    const { checks } = JSON.parse(stdout);
    return checks.find(({ check }: { check: string }) => check === 'certificate');
  };
  expect(await verdict(selfSigned())).toMatchObject({
    status: 'ok',
    message: expect.stringContaining('for localhost'),
  });
  expect(await verdict(selfSigned({ validDays: 3 }))).toMatchObject({ status: 'warn' });
  expect(await verdict(selfSigned({ validDays: -2 }))).toMatchObject({ status: 'fail' });
  const other = await verdict(selfSigned(), 'auth.localhost');
  expect(other).toMatchObject({ status: 'warn', message: expect.stringContaining('not for auth.localhost') });
  const mismatch = { cert: selfSigned().cert, key: selfSigned().key };
  expect(await verdict(mismatch)).toMatchObject({ status: 'fail' });
});

test('a Unix socket that a killed process left behind is replaced, and a stopped one leaves none', async ({
  place,
}) => {
  const socketPath = join(place.path, 'http.sock');
  const env = { HOST: socketPath, TRUSTED_PROXIES: 'unix' };
  const ask = async (options: RequestOptions) => {
    const asked = request({ socketPath, headers: { host: 'localhost' }, ...options });
    asked.end();
    const [answer] = await once(asked, 'response');
    return text(answer);
  };
  const first = await place.start(env);
  expect(await ask({ path: '/healthz' })).toBe('{"status":"ok"}');
  await first.stop('SIGKILL');
  expect(existsSync(socketPath)).toBe(true);
  const second = await place.start(env);
  expect(await ask({ path: '/readyz' })).toContain('ok');
  expect(await second.stop()).toMatchObject({ code: 0 });
  expect(existsSync(socketPath)).toBe(false);
});

test('the health check of the container finds the service wherever it listens, and says when it does not answer', async ({
  place,
}) => {
  const file = fileURLToPath(new URL('../../build/health.ts', import.meta.url));
  const check = async (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [file], { env }).then(
      () => 'alive',
      ({ code, stderr }) => `${code}: ${stderr.trim()}`,
    );
  const listeners: Record<string, string>[] = [
    { HOST: '0.0.0.0', MAILBOX: 'on' },
    { ...write(place.path, selfSigned()), PUBLIC_URL: 'https://auth.localhost' },
    { HOST: join(place.path, 'http.sock'), TRUSTED_PROXIES: 'unix' },
  ];
  for (const env of listeners) {
    const service = await place.start(env);
    const listening = { ...env, PORT: String(service.port) };
    expect([env, await check(listening)]).toEqual([env, 'alive']);
    await service.stop();
    expect(await check(listening)).toMatch(/^1: connect E\w+|^1: .*ECONNREFUSED/);
  }
});
