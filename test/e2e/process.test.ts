/** The real process: what only starting, stopping and killing it can show. */
import { existsSync } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { createServer, connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LoginDocument, MeDocument, RefreshDocument, RegisterDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { emptyPostgresql } from '../support/database.ts';
import { dataDirectory, type Ended, runService, type ServiceProcess, startService } from '../support/process.ts';
import { startSmtpServer } from '../support/smtp.ts';

const PASSWORD = 'correct horse battery staple';
const SECRET = 'a secret that is only good for tests, 48 bytes long';
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.test',
  MAIL_FROM: 'no-reply@auth.example.test',
  HASH_MEMORY_KIB: '19456',
  HASH_ITERATIONS: '2',
};

describe.concurrent('the first start on an empty directory', () => {
  test('makes secret, keys and tables and says where everything is; the second start keeps all of it', async () => {
    const DATA_DIR = await directory('empty');
    const first = await start({ DATA_DIR });
    for (const path of ['/graphql', '/dev/mailbox', '/healthz']) expect(first.stdout()).toContain(`${first.url}${path}`);
    const secret = join(DATA_DIR, 'secret');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(await status(first, '/readyz')).toBe(200);

    await register(first, 'ada@example.test');
    await first.ask(VerifyEmailDocument, { input: { email: 'ada@example.test', code: await mailboxCode(first) } });
    const before = { keys: await keyIds(first), secret: await readFile(secret, 'utf8'), login: await login(first, 'ada@example.test') };
    expect(before.keys).toHaveLength(1);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: '' });

    const second = await start({ DATA_DIR });
    expect(await keyIds(second)).toEqual(before.keys);
    expect(await readFile(secret, 'utf8')).toBe(before.secret);
    expect(second.stdout()).not.toContain('migration applied');
    expect((await login(second, 'ada@example.test')).__typename).toBe('LoginSuccess');
    const { accessToken } = tokensOf(before.login);
    expect((await second.ask(MeDocument, {}, accessToken)).me?.email).toBe('ada@example.test');
  });
});

describe.concurrent('on PostgreSQL', () => {
  test('two replicas that start at the same moment on an empty database share one key ring and migrate once', async () => {
    const { url, drop } = await emptyPostgresql();
    onTestFinished(drop);
    const env = { DATABASE_URL: url, SECRET };
    const [one, other] = await Promise.all([start(env), start(env)]);
    expect([await status(one, '/readyz'), await status(other, '/readyz')]).toEqual([200, 200]);
    expect(await keyIds(one)).toHaveLength(1);
    expect(await keyIds(other)).toEqual(await keyIds(one));

    const migrations = await query(url, 'SELECT migration_name AS name, finished_at IS NOT NULL AS done FROM _prisma_migrations');
    expect(migrations.length).toBeGreaterThan(0);
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
    expect(migrations.every(({ done }) => done)).toBe(true);
    expect(`${one.stdout()}${other.stdout()}`.match(/migration applied/g)).toHaveLength(migrations.length);

    // An account made here is one there: the mail may have left through either.
    await register(one, 'grace@example.test');
    const code = await Promise.any([one, other].map((replica) => mailboxCode(replica)));
    await other.ask(VerifyEmailDocument, { input: { email: 'grace@example.test', code } });
    const { accessToken, refreshToken } = tokensOf(await login(one, 'grace@example.test'));
    expect((await other.ask(MeDocument, {}, accessToken)).me?.email).toBe('grace@example.test');
    const refreshed = await other.ask(RefreshDocument, { input: { refreshToken } });
    expect(refreshed.refresh.__typename).toBe('RefreshSuccess');
    const ends = await Promise.all([one.stop(), other.stop()]);
    expect(ends).toMatchObject([{ code: 0, stderr: '' }, { code: 0, stderr: '' }]);
  });

  test('a PostgreSQL that does not answer is one line without its password', async () => {
    const ended = await runService({ DATABASE_URL: 'postgresql://latchkey:hunter2@127.0.0.1:1/latchkey', SECRET });
    expectRefusal(ended, /127\.0\.0\.1:1/);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain('hunter2');
  });
});

describe.concurrent('told to stop', () => {
  test('SIGTERM: no more traffic is asked for, the request under way is answered, the database opens again', async () => {
    const DATA_DIR = await directory('migrated');
    const smtp = await startSmtpServer();
    onTestFinished(smtp.close);
    const env = { DATA_DIR, SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@example.test' };
    const service = await start(env);

    const body = registration('ada@example.test');
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nexpect: 100-continue\r\n\r\n`;
    const underWay = await openConnection(service.port);
    underWay.write(head + body.slice(0, 20));
    await expect.poll(underWay.received).toContain('100 Continue');

    const stoppedAt = performance.now();
    const ended = service.stop();
    await expect.poll(service.stdout).toContain('"stopping"');
    await expect(service.fetch('/healthz')).rejects.toThrow();
    // The rest of the request, and behind it on the same connection the question that a balancer asks.
    underWay.write(`${body.slice(20)}GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await underWay.closed;
    expect(underWay.received()).toMatch(/RegisterSuccess[^]*HTTP\/1\.1 503/);
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    expect(performance.now() - stoppedAt).toBeLessThan(3000);

    const again = await start(env);
    await smtp.waitForMail((mail) => mail.envelope.to.includes('ada@example.test'));
    expect((await login(again, 'ada@example.test')).__typename).toBe('EmailNotVerifiedError');
  });

  test('kill -9 in the middle of registrations: every acknowledged account is there, and its mail leaves', async () => {
    const DATA_DIR = await directory('migrated');
    const smtp = await startSmtpServer();
    onTestFinished(smtp.close);
    await smtp.pause();
    const env = { DATA_DIR, SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@example.test' };
    const service = await start(env);

    const acknowledged: string[] = [];
    const people = async (group: string) => {
      for (let i = 0; ; i++) {
        const email = `${group}${i}@example.test`;
        const registered = await register(service, email).then(
          () => true,
          () => false,
        );
        if (!registered) return;
        acknowledged.push(email);
      }
    };
    const groups = Promise.all(['ada', 'grace', 'hedy'].map(people));
    await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(12);
    expect(await service.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await groups;

    await smtp.resume();
    const again = await start(env);
    const logins = await Promise.all(acknowledged.map((email) => login(again, email)));
    expect(logins.map(({ __typename }) => __typename)).toEqual(acknowledged.map(() => 'EmailNotVerifiedError'));
    for (const email of acknowledged) await smtp.waitForMail((mail) => mail.envelope.to.includes(email));
  });
});

describe.concurrent('refuses to start, in one line, and leaves everything as it is', () => {
  test('while another process has the directory; that one goes on undisturbed', async () => {
    const DATA_DIR = await directory('migrated');
    const owner = await start({ DATA_DIR });
    await register(owner, 'ada@example.test');
    expectRefusal(await runService({ DATA_DIR }), DATA_DIR);
    await register(owner, 'grace@example.test');
    expect(await owner.stop()).toMatchObject({ code: 0, stderr: '' });
    const again = await start({ DATA_DIR });
    for (const email of ['ada@example.test', 'grace@example.test']) {
      expect((await login(again, email)).__typename).toBe('EmailNotVerifiedError');
    }
  });

  test('with another secret than the keys were made with, or without one; the right one works afterwards', async () => {
    const DATA_DIR = await directory('migrated');
    const secret = join(DATA_DIR, 'secret');
    const first = await start({ DATA_DIR });
    const keys = await keyIds(first);
    await first.stop();

    expectRefusal(await runService({ DATA_DIR, SECRET: `not ${SECRET}` }), 'SECRET');
    await rename(secret, `${secret}.kept`);
    expectRefusal(await runService({ DATA_DIR }), secret);
    expect(existsSync(secret)).toBe(false);

    await rename(`${secret}.kept`, secret);
    expect(await keyIds(await start({ DATA_DIR }))).toEqual(keys);
  });

  test('when the port is in use', async () => {
    const DATA_DIR = await directory('migrated');
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    expectRefusal(await runService({ DATA_DIR, PORT: port }), port);
  });

  test('with settings that cannot be used: every problem is named at once', async () => {
    const DATA_DIR = await directory('empty');
    const bad = { PORT: 'http', JWT_ALG: 'none', ACCESS_TOKEN_TTL: '15', SMTP_URL: 'localhost:25', CORS_ORIGINS: '*', SECRET: 'short' };
    const { code, stdout, stderr } = await runService({ DATA_DIR, ...bad });
    expect(code).toBe(1);
    for (const variable of Object.keys(bad)) expect(stderr).toContain(`  ${variable}: `);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(`${stdout}${stderr}`).not.toContain('short');
    expect(existsSync(join(DATA_DIR, 'database'))).toBe(false);
  });

  test('in production without PUBLIC_URL and SMTP_URL', async () => {
    const { code, stderr } = await runService({ DATA_DIR: await directory('empty'), NODE_ENV: 'production', HASH_MEMORY_KIB: '8' });
    expect(code).toBe(1);
    for (const variable of ['PUBLIC_URL', 'SMTP_URL', 'HASH_MEMORY_KIB']) expect(stderr).toContain(`  ${variable}: `);
  });
});

describe.concurrent('in production', () => {
  test('there is no mailbox, no GraphiQL and no introspection', async () => {
    const service = await start({ DATA_DIR: await directory('migrated'), SMTP_URL: 'smtp://127.0.0.1:1', ...PRODUCTION });
    expect(service.stdout()).not.toMatch(/GraphiQL|Mailbox/);
    expect(await status(service, '/dev/mailbox')).toBe(404);
    const page = await service.fetch('/graphql', { headers: { accept: 'text/html' } });
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.headers.get('content-type')).not.toContain('text/html');
    const introspection = await service.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __schema { types { name } } }' }),
    });
    expect(await introspection.json()).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    expect(await status(service, '/readyz')).toBe(200);
  });
});

/** Starts the service and ends it with the test, however that goes. */
async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startService(env);
  onTestFinished(async () => void (await service.stop('SIGKILL')));
  return service;
}

async function directory(state: 'empty' | 'migrated'): Promise<string> {
  const { path, drop } = await dataDirectory(state);
  onTestFinished(drop);
  return path;
}

function expectRefusal({ code, stderr }: Ended, names: string | RegExp): void {
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(typeof names === 'string' ? escaped(names) : names)]);
  expect(code).toBe(1);
}

const escaped = (text: string) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

async function status(service: ServiceProcess, path: string): Promise<number> {
  return (await service.fetch(path)).status;
}

async function keyIds(service: ServiceProcess): Promise<string[]> {
  const { keys } = await (await service.fetch('/.well-known/jwks.json')).json();
  return keys.map(({ kid }: { kid: string }) => kid);
}

async function register(service: ServiceProcess, email: string): Promise<void> {
  const { register } = await service.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
  expect(register.__typename).toBe('RegisterSuccess');
}

async function login(service: ServiceProcess, identifier: string) {
  return (await service.ask(LoginDocument, { input: { identifier, password: PASSWORD } })).login;
}

function tokensOf(result: Awaited<ReturnType<typeof login>>) {
  if (result.__typename !== 'LoginSuccess') throw new Error(`login failed: ${JSON.stringify(result)}`);
  return result.tokens;
}

/** The code of the newest mail in the development mailbox, once it is there. */
async function mailboxCode(service: ServiceProcess): Promise<string> {
  const page = async (path: string) => (await service.fetch(path)).text();
  const newest = async () => /href="(mailbox\/[^"]+)"/.exec(await page('/dev/mailbox'))?.[1];
  await expect.poll(newest, { timeout: 5000 }).toBeDefined();
  return /id="code">(\d{6})</.exec(await page(`/dev/${await newest()}`))?.[1] ?? '';
}

function registration(email: string): string {
  const query = 'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }';
  return JSON.stringify({ query, variables: { input: { name: 'Ada', email, password: PASSWORD } } });
}

/** A connection to write HTTP on by hand. */
async function openConnection(port: number) {
  const socket = connectSocket(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { write: (data: string) => void socket.write(data), received: () => text, closed };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
