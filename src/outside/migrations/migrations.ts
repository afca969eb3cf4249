/**
 * Migrates the database to the schema of this version, with Prisma's own bookkeeping (`_prisma_migrations`).
 *
 * One replica at a time migrates; the others wait and then find nothing to do. A migration and the record that it is
 * done are one transaction, so an interrupted migration leaves nothing behind and is simply run again. A database with
 * migrations that are unknown here, or different under the same name, is rejected and left unchanged.
 */
import type { DiagnoseMigrationHistoryOutput, MigrationList } from '@prisma/schema-engine-wasm';
import { PgBoss } from 'pg-boss';
import { OperatorError } from '#errors/operator-error.ts';
import type { Log } from '../log.ts';
import type { SchemaSession } from '../postgresql/schema-session.ts';
import { PRISMA_DIRECTORY, readMigrations, readSchema } from './migration-files.ts';
import { isUpToDate, JOB_SCHEMA, type Migratable } from './migration-history.ts';
import { startSchemaEngine } from './schema-engine.ts';

/** The database cannot be migrated; the migration in the message has changed nothing. */
export class MigrationError extends OperatorError {}

/** The database was migrated by a newer version of this service. */
export class DatabaseNewerError extends MigrationError {
  constructor(names: readonly string[]) {
    super(
      `The database is newer than this version of Latchkey: it has ${names.join(', ')}. ` +
        'Start the version that created it, or a newer one.',
    );
  }
}

const NOTE_COMPLETION = `
  UPDATE "_prisma_migrations" SET "finished_at" = now() WHERE "finished_at" IS NULL AND "rolled_back_at" IS NULL`;
const FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Applies the missing migrations and returns their names. Takes no lock and starts no engine when none is missing.
 * Fails with MigrationError, DatabaseNewerError, MigrationLockedError and DatabaseUnreachableError.
 * @param onWaiting called if another process is migrating
 */
export async function applyMigrations(
  database: Migratable,
  log: Log,
  directory: string = PRISMA_DIRECTORY,
  onWaiting?: () => void,
): Promise<string[]> {
  if (await isUpToDate(database, directory)) return [];
  const [schema, migrationsList] = await Promise.all([readSchema(directory), readMigrations(directory)]);
  const session = await database.openSchemaSession(onWaiting);
  const scripts = completeScripts(session, migrationsList);
  const startedAt = performance.now();
  try {
    using engine = await startSchemaEngine(scripts.session, schema);
    const diagnosis = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: FILTERS,
    });
    refuseStrangers(diagnosis, migrationsList);
    for (const migrationName of diagnosis.failedMigrationNames) {
      log.warn({ migration: migrationName }, 'a migration was interrupted; running it again');
      await engine.markMigrationRolledBack({ migrationName });
    }
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: FILTERS });
    if (database.kind === 'postgresql') await migrateJobQueue(session);
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    const isNew = appliedMigrationNames.length === migrationsList.migrationDirectories.length;
    // Of a new database, the names say nothing: all of them.
    if (isNew) log.info({ count: appliedMigrationNames.length, seconds }, 'tables created');
    else if (appliedMigrationNames.length > 0)
      log.info({ migrations: appliedMigrationNames, seconds }, 'migrations applied');
    return appliedMigrationNames;
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    // The error of PostgreSQL says more about a failed script than that of the engine.
    throw (
      scripts.failure() ?? new MigrationError(`The database cannot be migrated: ${oneLine(error)}`, { cause: error })
    );
  } finally {
    await session.close();
  }
}

/**
 * The tables of the job queue, by the same role as ours. When the queue opens them later, it finds nothing to do, so
 * the role of the running service needs no right to change the schema.
 */
async function migrateJobQueue({ jobs }: SchemaSession): Promise<void> {
  const boss = new PgBoss({ ...jobs, schema: JOB_SCHEMA, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.stop({ graceful: false, close: false });
}

function refuseStrangers(diagnosis: DiagnoseMigrationHistoryOutput, migrations: MigrationList): void {
  const known = new Set(migrations.migrationDirectories.map((migration) => migration.path));
  const { history, failedMigrationNames, editedMigrationNames } = diagnosis;
  const persisted = history !== null && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [];
  const strangers = new Set([...persisted, ...failedMigrationNames].filter((name) => !known.has(name)));
  if (strangers.size > 0) throw new DatabaseNewerError([...strangers]);
  // A migration that has never succeeded may be edited.
  const edited = editedMigrationNames.filter((name) => !failedMigrationNames.includes(name));
  if (edited.length > 0) {
    throw new MigrationError(
      `The database was migrated by other versions of ${edited.join(', ')}. ` +
        'A migration must not be edited after it was applied. Restore it and put the change into a new migration.',
    );
  }
}

/**
 * The engine records the end of a migration after its script. A process killed in between would leave a migration that
 * is done but counts as failed, so the record is written in the transaction of the script.
 */
function completeScripts(session: SchemaSession, migrations: MigrationList) {
  const names = new Map(migrations.migrationDirectories.map((it) => [it.migrationFile.content.value, it.path]));
  let failure: MigrationError | undefined;
  const runScript = async (script: string) => {
    const name = names.get(script);
    if (name === undefined) return session.runScript(script);
    try {
      await session.runScript(`${script}\n;${NOTE_COMPLETION}`);
    } catch (error) {
      failure = new MigrationError(`Migration ${name} failed and was rolled back: ${oneLine(error)}`, { cause: error });
      throw error;
    }
  };
  return { session: { ...session, runScript }, failure: () => failure };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
