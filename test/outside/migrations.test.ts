import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { DatabaseConfig } from '#config/database/database-settings.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { findUnwrittenChanges, PRISMA_DIRECTORY, writeMigration } from '#outside/migrations/migration-files.ts';
import { applyMigrations, DatabaseNewerError, MigrationError } from '#outside/migrations/migrations.ts';
import { ENGINES, emptyEmbedded, emptyPostgresql, freshDatabase } from '../support/database.ts';

const log = createLog('silent');
const SECOND_MIGRATION = '20990101000000_second';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(config: DatabaseConfig) {
  const database = await openDatabase(config, log);
  cleanups.push(() => database.close());
  return database;
}

/** A migrated database of its own. */
async function openFresh(engine: DatabaseConfig['kind']) {
  const config = await freshDatabase(engine);
  cleanups.push(config.drop);
  return open(config);
}

/** Our `prisma` folder with one more migration. */
async function folderWith(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-prisma-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  await cp(PRISMA_DIRECTORY, folder, { recursive: true });
  await mkdir(join(folder, 'migrations', SECOND_MIGRATION));
  await rewrite(folder, script);
  return folder;
}

const rewrite = (folder: string, script: string) =>
  writeFile(join(folder, 'migrations', SECOND_MIGRATION, 'migration.sql'), script);

describe.each(ENGINES)('migrations on the %s engine', (engine) => {
  test('make the schema of an empty database, once', async () => {
    const config = await (engine === 'embedded' ? emptyEmbedded() : emptyPostgresql());
    cleanups.push(config.drop);
    const database = await open(config);
    const applied = await applyMigrations(database, log);
    expect(applied[0]).toBe('20261121000000_init');
    expect(await database.prisma.user.count()).toBe(0);
    expect(await applyMigrations(database, log)).toEqual([]);
    const rows = await database.prisma.$queryRaw<{ migration_name: string; finished: boolean }[]>`
      SELECT migration_name, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY migration_name`;
    expect(rows).toEqual(applied.map((name) => ({ migration_name: name, finished: true })));
  });

  test('are one line of the log: how many made a new database, and which ones an upgrade applied', async () => {
    const config = await (engine === 'embedded' ? emptyEmbedded() : emptyPostgresql());
    cleanups.push(config.drop);
    const database = await open(config);
    const lines: Record<string, unknown>[] = [];
    const noted = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
    const { length: count } = await applyMigrations(database, noted);
    await applyMigrations(database, noted, await folderWith('CREATE TABLE things (name text)'));
    await applyMigrations(database, noted, await folderWith('CREATE TABLE things (name text)'));
    expect(lines).toMatchObject([
      { level: 'info', msg: 'tables created', count, seconds: expect.any(Number) },
      { level: 'info', msg: 'migrations applied', migrations: [SECOND_MIGRATION], seconds: expect.any(Number) },
    ]);
  });

  test('keep scripts whole: semicolons in comments, texts and function bodies', async () => {
    const database = await openFresh(engine);
    const folder = await folderWith(`
      -- a comment; with a semicolon; and 'a quote
      CREATE TABLE things (name text DEFAULT 'a;b');
      CREATE FUNCTION answer() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 41; RETURN 42; END; $$;
      INSERT INTO things VALUES (DEFAULT) -- the last one ends without a semicolon`);
    expect(await applyMigrations(database, log, folder)).toEqual([SECOND_MIGRATION]);
    const rows = await database.prisma.$queryRaw`SELECT name, answer() FROM things`;
    expect(rows).toEqual([{ name: 'a;b', answer: 41 }]);
  });

  test('that fail leave nothing behind, say why, and run again once they are fixed', async () => {
    const database = await openFresh(engine);
    const folder = await folderWith('CREATE TABLE things (name text); ALTER TABLE nothing ADD COLUMN x int;');
    const attempt = applyMigrations(database, log, folder);
    await expect(attempt).rejects.toThrow(MigrationError);
    await expect(attempt).rejects.toThrow(/20990101000000_second.*relation "nothing" does not exist/);
    await expect(applyMigrations(database, log, folder)).rejects.toThrow(/relation "nothing" does not exist/);
    await rewrite(folder, 'CREATE TABLE things (name text)');
    expect(await applyMigrations(database, log, folder)).toEqual([SECOND_MIGRATION]);
    expect(await applyMigrations(database, log, folder)).toEqual([]);
  });

  test('that fail for another reason say which', async () => {
    const config = await (engine === 'embedded' ? emptyEmbedded() : emptyPostgresql());
    cleanups.push(config.drop);
    const database = await open(config);
    const openSchemaSession: Database['openSchemaSession'] = async (onWaiting) => {
      const session = await database.openSchemaSession(onWaiting);
      const connect = async () => {
        const adapter = await session.adapters.connect();
        adapter.queryRaw = () => Promise.reject(new Error('No space left on device'));
        return adapter;
      };
      const { provider, adapterName } = session.adapters;
      return { ...session, adapters: { provider, adapterName, connect, connectToShadowDb: connect } };
    };
    await expect(applyMigrations({ ...database, openSchemaSession }, log)).rejects.toThrow(
      'The database cannot be migrated: No space left on device',
    );
  });

  test('that were done when the process was killed, before anything else was written down, do not run again', async () => {
    const database = await openFresh(engine);
    const folder = await folderWith('CREATE TABLE things (name text)');
    const dying: Database = {
      ...database,
      openSchemaSession: async () => {
        const session = await database.openSchemaSession();
        const runScript = async (script: string) => {
          await session.runScript(script);
          if (script.includes('CREATE TABLE things')) throw new Error('killed');
        };
        return { ...session, runScript };
      },
    };
    await expect(applyMigrations(dying, log, folder)).rejects.toThrow('killed');
    expect(await applyMigrations(database, log, folder)).toEqual([]);
    expect(await database.prisma.$queryRaw`SELECT count(*)::int AS count FROM things`).toEqual([{ count: 0 }]);
  });

  test('refuse a database that is newer than the code', async () => {
    const database = await openFresh(engine);
    const folder = await folderWith('CREATE TABLE things (name text)');
    await applyMigrations(database, log, folder);
    const attempt = applyMigrations(database, log);
    await expect(attempt).rejects.toThrow(DatabaseNewerError);
    await expect(attempt).rejects.toThrow(SECOND_MIGRATION);
  });

  test('refuse a database that was migrated by a file that has changed since', async () => {
    const database = await openFresh(engine);
    const folder = await folderWith('CREATE TABLE things (name text)');
    await applyMigrations(database, log, folder);
    await rewrite(folder, 'CREATE TABLE things (name text, size int)');
    await expect(applyMigrations(database, log, folder)).rejects.toThrow(/other versions of 20990101000000_second/);
  });
});

describe('migrations on PostgreSQL', () => {
  test('of replicas that start together one migrates and the others wait', async () => {
    const config = await emptyPostgresql();
    cleanups.push(config.drop);
    const folder = await folderWith('SELECT pg_sleep(0.5); CREATE TABLE things (name text)');
    const replicas = await Promise.all([1, 2, 3, 4].map(() => open(config)));
    const applied = await Promise.all(
      replicas.map(async (replica) => {
        const names = await applyMigrations(replica, log, folder);
        expect(await replica.prisma.$queryRaw`SELECT count(*)::int AS count FROM things`).toEqual([{ count: 0 }]);
        return names;
      }),
    );
    const lengths = applied.map((names) => names.length).sort();
    expect(lengths.slice(0, 3)).toEqual([0, 0, 0]);
    expect(lengths[3]).toBeGreaterThanOrEqual(2);
  });

  test('keep the connection that has the lock when a statement fails', async () => {
    const config = await emptyPostgresql();
    cleanups.push(config.drop);
    const session = await (await open(config)).openSchemaSession();
    cleanups.push(session.close);
    const connection = async () => (await session.jobs.db.executeSql('SELECT pg_backend_pid() AS pid', [])).rows;
    const before = await connection();
    await expect(session.runScript('SELECT 1 FROM nothing')).rejects.toThrow('does not exist');
    expect(await connection()).toEqual(before);
  });

  test('that are all done do not wait for a process that migrates', async () => {
    const database = await openFresh('postgresql');
    const migrating = await database.openSchemaSession();
    expect(await applyMigrations(database, log)).toEqual([]);
    await migrating.close();
  });

  test('include the tables of the job queue, even if nothing else is missing', async () => {
    const database = await openFresh('postgresql');
    await database.prisma.$executeRaw`DROP SCHEMA pgboss CASCADE`;
    expect(await applyMigrations(database, log)).toEqual([]);
    expect(await database.prisma.$queryRaw`SELECT count(*)::int AS count FROM pgboss.version`).toEqual([{ count: 1 }]);
  });

  test('interrupted half-way, run again at the next start', async () => {
    const database = await openFresh('postgresql');
    const folder = await folderWith('CREATE TABLE things (name text); SELECT pg_sleep(0.7)');
    const attempt = applyMigrations(database, log, folder).catch((error: unknown) => error);
    const terminate = () => database.prisma.$queryRaw<unknown[]>`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
    while ((await terminate()).length === 0) await sleep(20);
    expect(await attempt).toBeInstanceOf(MigrationError);
    expect(await applyMigrations(database, log, folder)).toEqual([SECOND_MIGRATION]);
  });
});

describe('the migrations of this repository', () => {
  test('lead exactly to the schema', async () => {
    expect(await findUnwrittenChanges()).toBeNull();
  });

  test('are written from the difference to the schema', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-prisma-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    await cp(PRISMA_DIRECTORY, folder, { recursive: true });
    const schema = await readFile(join(folder, 'schema.prisma'), 'utf8');
    // Prisma would like a key for the audit log, whose parts have one each.
    const extended = schema.replace('model AuditEvent {', 'model AuditEvent {\n  color String?\n');
    const things = '\nmodel Thing {\n  id Int @id\n\n  @@map("things")\n}\n';
    await writeFile(join(folder, 'schema.prisma'), extended + things);
    const path = await writeMigration('add_things', () => new Date('2099-02-03T04:05:06Z'), folder);
    expect(path).toBe(join(folder, 'migrations', '20990203040506_add_things', 'migration.sql'));
    const script = await readFile(String(path), 'utf8');
    expect(script).toContain('CREATE TABLE "things"');
    expect(script).toMatch(/ALTER TABLE "audit_events" ADD COLUMN +"color" TEXT;/);
    expect(script).not.toContain('audit_events_pkey');
    expect(await findUnwrittenChanges(folder)).toBeNull();
  });
});
