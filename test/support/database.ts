/** A database of its own for a test file, on either engine, migrated and empty, in a fraction of a second. */
import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { DatabaseConfig } from '#config/database/database-settings.ts';

export type Engine = DatabaseConfig['kind'];

/** For `describe.each(ENGINES)`. */
export const ENGINES = ['embedded', 'postgresql'] as const satisfies readonly Engine[];

/** Where the database is, and how to throw it away after closing it. */
export type FreshDatabase<E extends Engine = Engine> = Extract<DatabaseConfig, { kind: E }> & {
  drop: () => Promise<void>;
};

export function freshDatabase<E extends Engine>(engine: E): Promise<FreshDatabase<E>>;
export async function freshDatabase(engine: Engine): Promise<FreshDatabase> {
  return engine === 'embedded' ? copyDirectory() : createFrom(inject('postgresqlTemplate'));
}

/** A PostgreSQL database without any table. */
export async function emptyPostgresql(): Promise<FreshDatabase<'postgresql'>> {
  return createFrom('template1');
}

/** An embedded database without any table, also where a start or a build has left one with tables to copy. */
export async function emptyEmbedded(): Promise<FreshDatabase<'embedded'>> {
  const fresh = emptyDirectory();
  await mkdir(fresh.directory, { recursive: true });
  const { PGlite } = await import('@electric-sql/pglite');
  await (await PGlite.create({ dataDir: fresh.directory })).close();
  return fresh;
}

/** A path for an embedded database that does not exist yet, as in a DATA_DIR of its own. */
export function emptyDirectory(): FreshDatabase<'embedded'> {
  const data = join(inject('embeddedTemplates'), randomUUID());
  const drop = () => rm(data, { recursive: true, force: true });
  return { kind: 'embedded', directory: join(data, 'database'), drop };
}

function copyDirectory(): FreshDatabase<'embedded'> {
  const fresh = emptyDirectory();
  // Of a thousand small files, `cp` makes several promises each: it takes ten times as long.
  cpSync(join(inject('embeddedTemplates'), 'template'), fresh.directory, { recursive: true });
  return fresh;
}

async function createFrom(template: string): Promise<FreshDatabase<'postgresql'>> {
  const name = `latchkey_${randomUUID().replaceAll('-', '')}`;
  // Half the work for the server of what it does by default.
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const url = new URL(inject('postgresqlUrl'));
  url.pathname = `/${name}`;
  return {
    kind: 'postgresql',
    url: url.href,
    poolSize: 10,
    drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresqlUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
