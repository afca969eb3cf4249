/** Several processes on one port, as an operator starts them, under load. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'node:tls';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { LoginDocument, RegisterDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { freshDatabase } from '../support/database.ts';
import { METRICS_TOKEN, metricOf, samplesIn } from '../support/metrics.ts';
import { type ServiceProcess, startService } from '../support/process.ts';
import { startSmtpServer } from '../support/smtp.ts';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 120_000 });

const SECRET = 'a secret that is only good for tests, 48 bytes long';
const PASSWORD = 'correct horse battery staple';
const PEOPLE = 3;
/** Between two sign-ins of a person. */
const PAUSE_MS = 20;
/** A connection that is being handed to a process when that is killed is not answered. */
const PATIENCE_MS = 5000;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function startWorkers(): Promise<{ service: ServiceProcess; url: string; people: string[] }> {
  const { url, drop } = await freshDatabase('postgresql');
  endings.push(drop);
  const smtp = await startSmtpServer();
  endings.push(smtp.close);
  const service = await startService({ DATABASE_URL: url, SECRET, SMTP_URL: smtp.url, WORKERS: '2', METRICS_TOKEN });
  endings.push(() => service.stop('SIGKILL'));
  const people = Array.from({ length: PEOPLE }, (_, at) => `worker${at}@example.test`);
  for (const email of people) {
    await service.ask(RegisterDocument, { input: { name: 'Ada Example', email, password: PASSWORD } });
    const { code } = await smtp.waitForMail((mail) => mail.envelope.to.includes(email));
    await service.ask(VerifyEmailDocument, { input: { email, code } });
  }
  return { service, url, people };
}

const timesSaid = (service: ServiceProcess, message: string) => service.stdout().split(`"msg":"${message}"`).length - 1;

/** The process of a worker, the newest if it was replaced. */
function pidOf(service: ServiceProcess, worker: number): number {
  const started = [...service.stdout().matchAll(/"worker":(\d+),"pid":(\d+),"msg":"worker started"/g)];
  return Number(started.findLast(([, number]) => number === String(worker))?.[2]);
}

test('a dead worker is replaced and no acknowledged write is lost', async () => {
  const { service, url, people } = await startWorkers();
  await expect.poll(() => timesSaid(service, 'listening'), { timeout: 60_000 }).toBe(2);
  const acknowledged: string[] = [];
  let isOver = false;
  const signIn = async (identifier: string) => {
    while (!isOver) {
      // A connection to a process that is killed is cut: nothing was acknowledged on it.
      const asked = service.ask(LoginDocument, { input: { identifier, password: PASSWORD } }).catch(() => null);
      const answer = await Promise.race([asked, setTimeout(PATIENCE_MS, null)]);
      if (answer?.login.__typename === 'LoginSuccess') acknowledged.push(answer.login.session.id);
      await setTimeout(PAUSE_MS);
    }
  };
  const load = people.map(signIn);
  for (const [at, worker] of [1, 0].entries()) {
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length, { interval: 5, timeout: 60_000 }).toBeGreaterThan(before + 10);
    process.kill(pidOf(service, worker), 'SIGKILL');
    await expect.poll(() => timesSaid(service, 'listening'), { timeout: 60_000 }).toBe(3 + at);
  }
  isOver = true;
  await Promise.all(load);
  expect(timesSaid(service, 'a worker died and will be replaced')).toBe(2);

  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query('SELECT id FROM sessions WHERE id = ANY($1)', [acknowledged]);
  await client.end();
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(rows.length).toBe(acknowledged.length);

  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const samples = samplesIn(await (await service.fetch('/metrics', { headers })).text());
  expect(metricOf(samples, 'latchkey_workers')).toBe(2);
  expect(metricOf(samples, 'latchkey_database_up')).toBe(1);
  expect(metricOf(samples, 'latchkey_clock_skew_seconds')).toBeLessThan(5);

  const ended = await service.stop();
  expect(ended.code).toBe(0);
  expect(ended.stdout.match(/"msg":"stopped"/g)).toHaveLength(2);
});

test('a renewed certificate reaches every worker, also one that is just starting', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
  endings.push(() => rmSync(directory, { recursive: true }));
  const [TLS_CERT, TLS_KEY] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const put = ({ cert, key }: Certificate) => {
    writeFileSync(TLS_CERT, cert);
    writeFileSync(TLS_KEY, key, { mode: 0o600 });
  };
  const [first, second, third] = [selfSigned(), selfSigned(), selfSigned()];
  put(first);
  const { url, drop } = await freshDatabase('postgresql');
  endings.push(drop);
  const smtp = await startSmtpServer();
  endings.push(smtp.close);
  const env = { DATABASE_URL: url, SECRET, SMTP_URL: smtp.url, WORKERS: '2', TLS_CERT, TLS_KEY };
  const service = await startService({ ...env, PUBLIC_URL: 'https://localhost' });
  endings.push(() => service.stop('SIGKILL'));

  /** How many of some connections, which the workers share, trust this certificate. */
  async function trusted({ cert }: Certificate): Promise<number> {
    const connections = Array.from({ length: 8 }, async () => {
      const socket = connect({ port: service.port, host: '127.0.0.1', servername: 'localhost', ca: cert });
      const isTrusted = await once(socket, 'secureConnect').then(
        () => true,
        () => false,
      );
      socket.destroy();
      return isTrusted;
    });
    return (await Promise.all(connections)).filter(Boolean).length;
  }

  // The second worker has just been started, and would be ended by the signal.
  await expect.poll(() => timesSaid(service, 'worker started'), { timeout: 60_000, interval: 5 }).toBe(2);
  put(second);
  service.signal('SIGHUP');
  await expect.poll(() => timesSaid(service, 'listening'), { timeout: 60_000 }).toBe(2);
  await expect.poll(() => trusted(second), { timeout: 20_000 }).toBe(8);
  const before = timesSaid(service, 'the TLS certificate was renewed');
  put(third);
  service.signal('SIGHUP');
  await expect.poll(() => timesSaid(service, 'the TLS certificate was renewed'), { timeout: 20_000 }).toBe(before + 2);
  expect(await trusted(third)).toBe(8);
  expect(timesSaid(service, 'a worker died and will be replaced')).toBe(0);
  expect((await service.stop()).code).toBe(0);
});
