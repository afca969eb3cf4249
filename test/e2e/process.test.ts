/** The real process: what only starting, stopping and killing it can show. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { test as base, describe, expect, vi } from 'vitest';
import {
  LoginDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { emptyPostgresql, freshDatabase } from '../support/database.ts';
import { blocksOf } from '../support/markdown.ts';
import { dataDirectory, type Ended, runService, type ServiceProcess, startService } from '../support/process.ts';
import { type SmtpServer, startSmtpServer } from '../support/smtp.ts';
import { openSocket } from '../support/socket.ts';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 90_000 });

const PASSWORD = 'correct horse battery staple';
const SECRET = 'a secret that is only good for tests, 48 bytes long';

/** What a test starts or makes ends with it, however it goes. */
const test = base.extend('machine', async ({ task: _ }, { onCleanup }) => {
  const endings: (() => unknown)[] = [];
  onCleanup(async () => {
    for (const end of endings.reverse()) await end();
  });
  return {
    start: async (env: Record<string, string>): Promise<ServiceProcess> => {
      const service = await startService(env);
      endings.push(() => service.stop('SIGKILL'));
      return service;
    },
    directory: async (state: 'empty' | 'migrated'): Promise<string> => {
      const { path, drop } = await dataDirectory(state);
      endings.push(drop);
      return path;
    },
    postgresql: async (state: 'empty' | 'migrated'): Promise<string> => {
      const { url, drop } = await (state === 'empty' ? emptyPostgresql() : freshDatabase('postgresql'));
      endings.push(drop);
      return url;
    },
    smtp: async (): Promise<SmtpServer> => {
      const smtp = await startSmtpServer();
      endings.push(smtp.close);
      return smtp;
    },
    /** A port that someone else has. */
    portInUse: async (): Promise<string> => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      endings.push(() => other.close());
      return String((other.address() as AddressInfo).port);
    },
  };
});

/** What the document says the first start prints. */
function greeting(document: string, { url }: ServiceProcess): string {
  const block = blocksOf(document).find(({ text }) => text.includes('Latchkey is ready'));
  return block?.text.replaceAll('http://localhost:4000', url) ?? 'no greeting';
}

describe.concurrent('the first start on an empty directory', () => {
  test('makes secret, keys and tables and says where everything is; the second start keeps all of it', async ({
    machine,
  }) => {
    const DATA_DIR = await machine.directory('empty');
    const first = await machine.start({ DATA_DIR });
    for (const document of ['README.md', 'docs/getting-started.md'])
      expect(first.stdout()).toContain(greeting(document, first));
    const secret = join(DATA_DIR, 'secret');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(await status(first, '/readyz')).toBe(200);

    await register(first, 'ada@example.test');
    await first.ask(VerifyEmailDocument, { input: { email: 'ada@example.test', code: await mailboxCode([first]) } });
    const { accessToken } = tokensOf(await login(first, 'ada@example.test'));
    const before = { keys: await keyIds(first), secret: await readFile(secret, 'utf8') };
    expect(before.keys).toHaveLength(1);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: '' });

    const second = await machine.start({ DATA_DIR });
    expect({ keys: await keyIds(second), secret: await readFile(secret, 'utf8') }).toEqual(before);
    expect(second.stdout()).not.toContain('tables created');
    expect((await login(second, 'ada@example.test')).__typename).toBe('LoginSuccess');
    expect((await second.ask(MeDocument, {}, accessToken)).me?.email).toBe('ada@example.test');
  });
});

describe.concurrent('on PostgreSQL', () => {
  test('two replicas that start at the same moment on an empty database migrate once and share one key ring', async ({
    machine,
  }) => {
    const url = await machine.postgresql('empty');
    const env = { DATABASE_URL: url, SECRET };
    const [one, other] = await Promise.all([machine.start(env), machine.start(env)]);
    expect([await status(one, '/readyz'), await status(other, '/readyz')]).toEqual([200, 200]);
    expect(await keyIds(one)).toHaveLength(1);
    expect(await keyIds(other)).toEqual(await keyIds(one));

    const migrations = await query(
      url,
      'SELECT migration_name AS name, finished_at IS NOT NULL AS done FROM _prisma_migrations',
    );
    expect(migrations.length).toBeGreaterThan(0);
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
    expect(migrations.every(({ done }) => done)).toBe(true);
    expect(`${one.stdout()}${other.stdout()}`.match(/"msg":"tables created"/g)).toHaveLength(1);

    // What one of them did, the other knows.
    await register(one, 'grace@example.test');
    const code = await mailboxCode([one, other]);
    await other.ask(VerifyEmailDocument, { input: { email: 'grace@example.test', code } });
    const { accessToken, refreshToken } = tokensOf(await login(one, 'grace@example.test'));
    expect((await other.ask(MeDocument, {}, accessToken)).me?.email).toBe('grace@example.test');
    expect((await other.ask(RefreshDocument, { input: { refreshToken } })).refresh.__typename).toBe('RefreshSuccess');
    expect(await Promise.all([one.stop(), other.stop()])).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
  });

  test('one that does not answer is told in one line without its password', async () => {
    const DATABASE_URL = 'postgresql://latchkey:hunter2@127.0.0.1:1/latchkey';
    const ended = await runService({ DATABASE_URL, DATABASE_WAIT: '0s', SECRET });
    expectRefusal(ended, '127.0.0.1:1/latchkey');
    expect(`${ended.stdout}${ended.stderr}`).not.toContain('hunter2');
  });
});

describe.concurrent('told to stop', () => {
  test('takes no more traffic, answers the request under way, keeps its mail; the database opens again', async ({
    machine,
  }) => {
    const DATA_DIR = await machine.directory('migrated');
    const smtp = await machine.smtp();
    const env = { DATA_DIR, SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@example.test' };
    const service = await machine.start(env);

    const body = registration('ada@example.test');
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nexpect: 100-continue\r\n\r\n`;
    const underWay = await openSocket(service.port);
    underWay.write(head + body.slice(0, 20));
    await vi.waitFor(() => expect(underWay.received()).toContain('100 Continue'));

    const ended = service.stop();
    await vi.waitFor(() => expect(service.stdout()).toContain('"stopping"'));
    const healthz = () =>
      service.fetch('/healthz').then(
        () => 'answered',
        () => 'refused',
      );
    await vi.waitFor(async () => expect(await healthz()).toBe('refused'));
    // The rest of the request, and behind it on the same connection the question that a balancer asks.
    const askedAt = performance.now();
    underWay.write(`${body.slice(20)}GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await underWay.closed;
    // It does not wait until the client lets go of the connection.
    expect(performance.now() - askedAt).toBeLessThan(4000);
    expect(underWay.received()).toMatch(/RegisterSuccess.*HTTP\/1\.1 503/s);
    expect(await ended).toMatchObject({ code: 0, stderr: '' });

    const again = await machine.start(env);
    await smtp.waitForMail((mail) => mail.envelope.to.includes('ada@example.test'));
    expect((await login(again, 'ada@example.test')).__typename).toBe('EmailNotVerifiedError');
  });

  test('a client that says nothing is cut off in seconds, and an idle one when it was told', {
    timeout: 60_000,
  }, async ({ machine }) => {
    const DATA_DIR = await machine.directory('migrated');
    const { port } = await machine.start({ DATA_DIR, KEEP_ALIVE_TIMEOUT: '2s' });
    const [silent, idle] = [await openSocket(port), await openSocket(port)];
    idle.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await idle.closed;
    expect(idle.received()).toMatch(/keep-alive: timeout=2\r\n/i);
    await silent.closed;
    expect(silent.received()).not.toContain('200');
  });

  test('kill -9 in the middle of registrations: every acknowledged account is there, and its mail leaves', async ({
    machine,
  }) => {
    const DATA_DIR = await machine.directory('migrated');
    const smtp = await machine.smtp();
    await smtp.pause();
    // One at a time, so that one at most was being sent when the process died.
    const env = { DATA_DIR, SMTP_URL: `${smtp.url}?maxConnections=1`, MAIL_FROM: 'no-reply@example.test' };
    const service = await machine.start(env);

    const acknowledged: string[] = [];
    const people = async (name: string) => {
      for (let i = 0; ; i++) {
        const email = `${name}${i}@example.test`;
        await register(service, email);
        acknowledged.push(email);
      }
    };
    const killed = Promise.allSettled(['ada', 'grace', 'hedy'].map(people));
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(12), { interval: 1, timeout: 10_000 });
    expect(await service.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await killed;

    await smtp.resume();
    const again = await machine.start(env);
    const logins = await Promise.all(acknowledged.map((email) => login(again, email)));
    expect(logins.map(({ __typename }) => __typename)).toEqual(acknowledged.map(() => 'EmailNotVerifiedError'));
    // Save the one that was just being sent: it is tried again when the dead process' claim on it has ended, minutes
    // later.
    const mailed = () =>
      acknowledged.filter((email) => smtp.mails.some((mail) => mail.envelope.to.includes(email))).length;
    await vi.waitFor(async () => expect(await mailed()).toBeGreaterThanOrEqual(acknowledged.length - 1), {
      timeout: 20_000,
    });
  });
});

describe.concurrent('refuses to start, in one line, and leaves everything as it is', () => {
  test('while another process has the directory; that one goes on undisturbed', async ({ machine }) => {
    const DATA_DIR = await machine.directory('migrated');
    const owner = await machine.start({ DATA_DIR });
    await register(owner, 'ada@example.test');
    expectRefusal(await runService({ DATA_DIR }), DATA_DIR);
    await register(owner, 'grace@example.test');
    for (const email of ['ada@example.test', 'grace@example.test']) {
      expect((await login(owner, email)).__typename).toBe('EmailNotVerifiedError');
    }
    expect(await owner.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('with another secret than the keys were made with, or without one; the right one works afterwards', async ({
    machine,
  }) => {
    const DATA_DIR = await machine.directory('migrated');
    const secret = join(DATA_DIR, 'secret');
    const first = await machine.start({ DATA_DIR });
    const keys = await keyIds(first);
    await first.stop();

    expectRefusal(await runService({ DATA_DIR, SECRET: `not ${SECRET}` }), 'cannot be decrypted with this SECRET');
    await rename(secret, `${secret}.kept`);
    expectRefusal(await runService({ DATA_DIR }), secret);
    expect(existsSync(secret)).toBe(false);

    await rename(`${secret}.kept`, secret);
    const again = await machine.start({ DATA_DIR });
    expect(await keyIds(again)).toEqual(keys);
    await again.stop();

    // And so the secret is changed.
    const SECRET_PREVIOUS_FILE = secret;
    expect(await keyIds(await machine.start({ DATA_DIR, SECRET, SECRET_PREVIOUS_FILE }))).toEqual(keys);
  });

  test('when the port is in use', async ({ machine }) => {
    const PORT = await machine.portInUse();
    const DATABASE_URL = await machine.postgresql('migrated');
    expectRefusal(await runService({ DATABASE_URL, SECRET, PORT }), `127.0.0.1:${PORT}`);
  });

  test('with settings that cannot be used: every problem is named at once', async ({ machine }) => {
    const DATA_DIR = await machine.directory('empty');
    const bad = {
      PORT: 'http',
      JWT_ALG: 'none',
      ACCESS_TOKEN_TTL: '15',
      SMTP_URL: 'localhost:25',
      CORS_ORIGINS: '*',
      SECRET: 'too short',
    };
    const ended = await runService({ DATA_DIR, ...bad });
    expectProblems(ended, Object.keys(bad));
    expect(`${ended.stdout}${ended.stderr}`).not.toContain('too short');
    expect(existsSync(join(DATA_DIR, 'database'))).toBe(false);
  });

  test('with the development mailbox on the network, unless a setting allows it', async ({ machine }) => {
    const DATA_DIR = await machine.directory('empty');
    const ended = await runService({ DATA_DIR, HOST: '0.0.0.0', PUBLIC_URL: 'https://auth.example.test' });
    expectProblems(ended, ['SMTP_URL']);
    expect(ended.stderr).toContain('set MAILBOX=on');
  });

  test('in production without what is safe only there', async ({ machine }) => {
    const DATA_DIR = await machine.directory('empty');
    expectProblems(await runService({ DATA_DIR, NODE_ENV: 'production' }), [
      'PUBLIC_URL',
      'SMTP_URL',
      'HASH_MEMORY_KIB',
    ]);
  });
});

describe.concurrent('in production', () => {
  test('there is no mailbox, no GraphiQL, no API reference, no introspection and no debugger', async ({ machine }) => {
    const service = await machine.start({
      NODE_ENV: 'production',
      DATABASE_URL: await machine.postgresql('migrated'),
      SECRET,
      PUBLIC_URL: 'https://auth.example.test',
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'no-reply@auth.example.test',
      HASH_MEMORY_KIB: '19456',
      HASH_ITERATIONS: '2',
    });
    expect(service.stdout()).not.toMatch(/GraphiQL|mailbox/i);
    expect(await status(service, '/dev/mailbox')).toBe(404);
    const page = await service.fetch('/graphql', { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toMatch(/GraphiQL|<script/i);
    for (const path of ['/docs', '/openapi.json']) expect(await status(service, path)).toBe(404);
    const introspection = await service.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __type(name: "User") { name } }' }),
    });
    expect(await introspection.json()).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(await status(service, '/readyz')).toBe(200);
    service.signal('SIGUSR1');
    expect(await status(service, '/readyz')).toBe(200);
    // Nor a debugger, which Node opens at that signal and says so.
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});

function expectRefusal({ code, stderr }: Ended, names: string): void {
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(names)]);
  expect(code).toBe(1);
}

function expectProblems({ code, stderr }: Ended, variables: readonly string[]): void {
  const named = stderr
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(':')[0]);
  expect(named.sort()).toEqual([...variables].sort());
  expect(code).toBe(1);
}

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

/** The code of the newest email in the development mailbox of the replica that sent it. */
async function mailboxCode(replicas: readonly ServiceProcess[]): Promise<string> {
  const newest = async (service: ServiceProcess) => {
    const page = async (path: string) => (await service.fetch(path)).text();
    const link = /href="(mailbox\/[^"]+)"/.exec(await page('/dev/mailbox'))?.[1];
    return link && /id="code">(\d{6})</.exec(await page(`/dev/${link}`))?.[1];
  };
  const look = async () => (await Promise.all(replicas.map(newest))).join('');
  // Not expect.poll: it loses its test where several run at once.
  return vi.waitFor(async () => {
    const code = await look();
    expect(code).toMatch(/^\d{6}$/);
    return code;
  }, 5000);
}

function registration(email: string): string {
  const query = 'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }';
  return JSON.stringify({ query, variables: { input: { name: 'Ada', email, password: PASSWORD } } });
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

describe('a stop that is not complete', () => {
  test('says how many requests it had to cut off, and ends with 1', async ({ machine }) => {
    const DATA_DIR = await machine.directory('migrated');
    const service = await machine.start({ DATA_DIR, SHUTDOWN_TIMEOUT: '2s' });
    const [silent, underWay] = [await openSocket(service.port), await openSocket(service.port)];
    const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    underWay.write(`${head}content-length: 100\r\nexpect: 100-continue\r\n\r\n{`);
    await vi.waitFor(() => expect(underWay.received()).toContain('100 Continue'));
    const { code, stdout } = await service.stop();
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/"level":"warn".*"requests":1,"msg":"requests in progress/),
    ]);
    await silent.closed;
  });
});

describe('an error that nobody catches', () => {
  test.each([
    ['thrown', 'throw error'],
    ['of a promise', 'Promise.reject(error)'],
  ])('%s is a line of the log without the data that it quotes, and the process ends with 1', async (_, fault) => {
    const error = `Object.assign(new Error('Key (email)=(ada@example.test) exists'), { code: '23505', severity: 'ERROR' })`;
    const script = `process.on('SIGUSR2', () => { const error = ${error}; ${fault} })`;
    const { path: DATA_DIR, drop } = await dataDirectory('migrated');
    const service = await startService({
      DATA_DIR,
      NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(script).toString('base64')}`,
    });
    const { code, stdout, stderr } = await service.stop('SIGUSR2');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('"msg":"the process ends because of an unexpected error"');
    expect(stdout).toContain('"sqlState":"23505"');
    expect(stdout).not.toContain('ada@');
    await drop();
  });
});
