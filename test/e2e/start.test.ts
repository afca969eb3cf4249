/** What a start may find: a PostgreSQL that is not there yet, a replica that is migrating, an unfit database. */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { runLatchkey } from '../support/command.ts';
import { emptyPostgresql, type FreshDatabase, freshDatabase } from '../support/database.ts';
import { SECRET } from '../support/latchkey.ts';
import { beginService, type ServiceProcess } from '../support/process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

vi.setConfig({ testTimeout: 90_000 });

async function onServer(url: string, ...statements: string[]): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  return client;
}

describe('a start that has to wait', () => {
  let proxy: TcpProxy;
  let database: FreshDatabase<'postgresql'>;
  let service: ServiceProcess | null = null;
  let env: Record<string, string>;

  const reachOf = async (fresh: FreshDatabase<'postgresql'>) => {
    database = fresh;
    const server = new URL(database.url);
    proxy = await startTcpProxy({ host: server.hostname, port: Number(server.port) });
    server.host = `127.0.0.1:${proxy.port}`;
    env = { DATABASE_URL: server.href, SECRET };
  };
  afterEach(async () => {
    await service?.stop('SIGKILL');
    service = null;
    await proxy.close();
    await database.drop();
  });

  const answers = async ({ fetch }: ServiceProcess) => {
    const [alive, ready, other] = await Promise.all([
      fetch('/healthz'),
      fetch('/readyz'),
      fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
    ]);
    return {
      healthz: [alive.status, await alive.json()],
      readyz: [ready.status, await ready.json()],
      graphql: [other.status, other.headers.get('retry-after'), (await other.json()).errors?.[0].extensions.code],
      policy: alive.headers.get('x-content-type-options'),
    };
  };
  const WAITING = {
    healthz: [200, { status: 'ok' }],
    readyz: [503, { status: 'unavailable', reason: 'starting' }],
    graphql: [503, '5', 'SERVICE_UNAVAILABLE'],
    policy: 'nosniff',
  };

  test('for PostgreSQL is alive and not ready meanwhile, and goes on by itself', async () => {
    await reachOf(await freshDatabase('postgresql'));
    await proxy.refuse();
    service = await beginService(env);
    expect(await answers(service)).toEqual(WAITING);
    await expect.poll(service.stdout).toContain('waiting for PostgreSQL to accept connections');
    await proxy.heal();
    await expect.poll(service.stdout, { timeout: 30_000 }).toContain('"listening"');
    expect((await service.fetch('/readyz')).status).toBe(200);
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('for the migration of another replica says so, and goes on after it', async () => {
    await reachOf(await emptyPostgresql());
    const other = await onServer(database.url, 'SELECT pg_advisory_lock(72707369)');
    service = await beginService(env);
    await expect.poll(service.stdout, { timeout: 30_000 }).toContain('waiting for another process that is migrating');
    expect(await answers(service)).toEqual(WAITING);
    expect(await runLatchkey(['migrate'], { env: { ...env, MIGRATION_WAIT: '0s' } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]*MIGRATION_WAIT[^\n]*\n$/),
    });
    await other.end();
    await expect.poll(service.stdout, { timeout: 30_000 }).toContain('"listening"');
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('and is told to stop ends at once', async () => {
    await reachOf(await freshDatabase('postgresql'));
    proxy.vanish();
    service = await beginService({ ...env, DATABASE_WAIT: '1h' });
    await expect.poll(service.stdout, { timeout: 30_000 }).toContain('waiting for PostgreSQL');
    expect(await service.stop()).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});

describe('a database that is not fit is refused in one line, by a start, migrate and doctor', () => {
  let database: FreshDatabase<'postgresql'>;
  beforeEach(async () => {
    database = await emptyPostgresql();
  });
  afterEach(() => database.drop());

  const pretend = (version: string) => [
    `CREATE FUNCTION public.version() RETURNS text LANGUAGE sql AS $$ SELECT '${version}'::text $$`,
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`,
  ];

  test.each<[what: string, statements: string[], says: string]>([
    ['CockroachDB', pretend('CockroachDB CCL v25.1.2 (x86_64-pc-linux-gnu, built 2025/03/12)'), 'It is CockroachDB'],
    ['YugabyteDB', pretend('PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64-pc-linux-gnu, 64-bit'), 'It is YugabyteDB'],
    ['an engine nobody knows', pretend('FancyDB 1.0, the database'), 'It is FancyDB 1.0'],
    [
      'a standby',
      [
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
      ],
      'It is read-only',
    ],
  ])('%s', async (_, statements, says) => {
    await (await onServer(database.url, ...statements)).end();
    await expectRefusal(database.url, says);
  });

  test('one that has no connection left', async () => {
    const role = `limited_${new URL(database.url).pathname.slice(1)}`;
    const server = await onServer(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1`);
    const url = new URL(database.url);
    Object.assign(url, { username: role, password: 'x' });
    try {
      const env = { DATABASE_URL: url.href, SECRET, DATABASE_WAIT: '0s' };
      expect(await runLatchkey(['migrate'], { env })).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^PostgreSQL at \S+ is not available: too many connections for role .*\n$/),
      });
    } finally {
      await server.query(`DROP ROLE ${role}`);
      await server.end();
    }
  });

  test('LATIN1', async () => {
    const url = new URL(inject('postgresqlUrl'));
    url.pathname = `${new URL(database.url).pathname}_latin1`;
    const name = url.pathname.slice(1);
    const create = `CREATE DATABASE ${name} ENCODING LATIN1 LOCALE 'C' TEMPLATE template0`;
    const server = await onServer(inject('postgresqlUrl'), create);
    try {
      await expectRefusal(url.href, 'Its encoding is LATIN1');
    } finally {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.end();
    }
  });

  async function expectRefusal(url: string, says: string): Promise<void> {
    const env = { DATABASE_URL: url, SECRET };
    for (const command of ['migrate', 'keys list']) {
      const { code, stderr } = await runLatchkey(command.split(' '), { env });
      expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(says)]);
      expect(code).toBe(1);
    }
    const { stdout } = await runLatchkey(['doctor'], { env });
    expect(stdout.split('\n').filter((line) => line.startsWith('FAIL  database '))).toEqual([
      expect.stringContaining(says),
    ]);
  }
});
