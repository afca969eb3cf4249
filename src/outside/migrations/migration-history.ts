/**
 * What `_prisma_migrations` says was done to a database, read without an engine and without a lock. Nearly every start
 * finds that nothing is missing, and the engine alone would cost a fifth of its time and 60 MB of memory.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Database } from '../database.ts';
import { PRISMA_DIRECTORY, readMigrations } from './migration-files.ts';

/** The schema of the job queue. */
export const JOB_SCHEMA = 'pgboss';

/** What migrations need of a database. */
export type Migratable = Pick<Database, 'kind' | 'query' | 'openSchemaSession'>;

type Entry = { name: string; checksum: string; isDone: boolean; isRolledBack: boolean };

const HAS_MIGRATIONS = {
  name: 'has-migrations',
  text: `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "exists"`,
};
const READ_MIGRATIONS = {
  name: 'read-migrations',
  text: `
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AND rolled_back_at IS NULL AS "isDone",
           rolled_back_at IS NOT NULL AS "isRolledBack"
      FROM _prisma_migrations ORDER BY migration_name, started_at`,
};
const HAS_JOBS = {
  name: 'has-jobs',
  text: `SELECT to_regclass('${JOB_SCHEMA}.version') IS NOT NULL AS "exists"`,
};
const READ_JOBS_VERSION = { name: 'read-jobs-version', text: `SELECT version FROM ${JOB_SCHEMA}.version` };

/** Compares the database with the migrations of this version. Changes nothing. */
export type MigrationState = {
  /** Those of this version. */
  known: string[];
  /** Migrations that the next start or `migrate` will apply. */
  missing: string[];
  /** Migrations of a newer version. Only that version can use this database. */
  unknown: string[];
};

/** Reads which migrations were applied. */
export async function readMigrationState(database: Database, directory = PRISMA_DIRECTORY): Promise<MigrationState> {
  const { migrationDirectories } = await readMigrations(directory);
  const known = migrationDirectories.map(({ path }) => path);
  const entries = await readEntries(database);
  const done = new Set(entries.filter(({ isDone }) => isDone).map(({ name }) => name));
  const unknown = new Set(entries.map(({ name }) => name).filter((name) => !known.includes(name)));
  return { known, missing: known.filter((name) => !done.has(name)), unknown: [...unknown] };
}

/**
 * Whether every migration was applied from the very script that is here, no other was, none is under way or failed, and
 * the job queue has the tables of this version. Where it is false, the engine says what that means.
 */
export async function isUpToDate(database: Migratable, directory: string): Promise<boolean> {
  const { migrationDirectories } = await readMigrations(directory);
  const wanted = migrationDirectories.map(({ path, migrationFile }) => `${path} ${checksum(migrationFile.content)}`);
  const entries = (await readEntries(database)).filter(({ isRolledBack }) => !isRolledBack);
  const found = entries.map((entry) => `${entry.name} ${entry.isDone ? entry.checksum : 'unfinished'}`);
  return found.join('\n') === wanted.join('\n') && (await hasJobTables(database));
}

async function readEntries(database: Pick<Database, 'query'>): Promise<Entry[]> {
  const [table] = await database.query<{ exists: boolean }>(HAS_MIGRATIONS, []);
  return table?.exists ? database.query<Entry>(READ_MIGRATIONS, []) : [];
}

/** On the embedded database, the queue makes them itself. */
async function hasJobTables(database: Migratable): Promise<boolean> {
  if (database.kind === 'embedded') return true;
  const [table] = await database.query<{ exists: boolean }>(HAS_JOBS, []);
  if (!table?.exists) return false;
  const wanted: { pgboss: { schema: number } } = createRequire(import.meta.url)('pg-boss/package.json');
  const [row] = await database.query<{ version: number }>(READ_JOBS_VERSION, []);
  return Number(row?.version) === wanted.pgboss.schema;
}

/** As Prisma makes it. */
function checksum(script: { tag: string; value: string }): string {
  return createHash('sha256').update(script.value).digest('hex');
}
