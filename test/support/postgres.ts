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
import { openDatabase } from '#outside/database.ts';
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
    await Promise.all([
      migrate({ kind: 'postgresql', url: url.href, poolSize: 2 }),
      migrate({ kind: 'embedded', directory: join(folder, 'template') }),
    ]);
  } catch (error) {
    await teardown();
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
  const database = await openDatabase(config, log);
  try {
    await applyMigrations(database, log);
    const boss = new PgBoss({ ...database.jobs, schema: 'pgboss', supervise: false, schedule: false });
    await boss.start();
    await boss.stop({ graceful: false });
  } finally {
    await database.close();
  }
}
