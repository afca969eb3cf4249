/**
 * Before all tests: a PostgreSQL (TEST_DATABASE_URL, or one from npm) and one migrated template for each engine, which
 * `freshDatabase` copies. After all tests: everything gone.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { TestProject } from 'vitest/node';
import type { DatabaseConfig } from '#config/database/database-settings.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';
import { startPostgresqlServer } from './postgresql-server.ts';
import { scratchDirectory } from './scratch.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the server, on a database that may create others. */
    postgresqlUrl: string;
    /** Name of the migrated database to copy. */
    postgresqlTemplate: string;
    /** Directory with the migrated embedded database to copy, as `template`. */
    embeddedTemplates: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(scratchDirectory(), 'latchkey-test-'));
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? { url: given, stop: async () => {} } : await startPostgresqlServer();
  const template = `latchkey_template_${randomUUID().replaceAll('-', '')}`;
  const teardown = async () => {
    await onServer(server.url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await onServer(server.url, `CREATE DATABASE ${template}`);
    const url = new URL(server.url);
    url.pathname = `/${template}`;
    // One after the other: the embedded one keeps this process busy for seconds, and the other waits for no answer that
    // long.
    await migrate({ kind: 'postgresql', url: url.href, poolSize: 2 });
    // The first connection after a migration writes down what each later one needs to know; copies have it, too.
    await onServer(url.href, 'SELECT 1');
    await migrate({ kind: 'embedded', directory: join(folder, 'template') });
  } catch (error) {
    // What fails now fails because of that error.
    await teardown().catch(() => undefined);
    throw error;
  }
  project.provide('postgresqlUrl', server.url);
  project.provide('postgresqlTemplate', template);
  project.provide('embeddedTemplates', folder);
  return teardown;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Our tables and those of the job queue, so that no test has to wait for them. */
async function migrate(config: DatabaseConfig): Promise<void> {
  const log = createLog('warn');
  try {
    const database = await openDatabase(config, log);
    try {
      await applyMigrations(database, log);
      const boss = new PgBoss({ ...database.jobs, schema: 'pgboss', supervise: false, schedule: false });
      await boss.start();
      await boss.stop({ graceful: false });
      if (config.kind === 'embedded') await makeCheap(database);
    } finally {
      await database.close();
    }
  } catch (cause) {
    // An error of the file system of PGlite is only a number.
    throw new Error(`Cannot make the database that tests on ${config.kind} copy`, { cause });
  }
}

/** What a test copies, and what it writes afterwards, is half of what it would be otherwise. */
async function makeCheap({ prisma }: Database): Promise<void> {
  // CREATE DATABASE copies them, and nobody creates one.
  for (const name of ['template0', 'template1']) {
    await prisma.$executeRaw`UPDATE pg_database SET datistemplate = false WHERE datname = ${name}`;
    await prisma.$executeRawUnsafe(`DROP DATABASE ${name}`);
  }
  // They are for a machine that loses its power. In a new copy, every first change would write a whole page.
  await prisma.$executeRaw`ALTER SYSTEM SET full_page_writes = off`;
}
