/**
 * Brings the database to the schema this code was written for, with Prisma's own bookkeeping (`_prisma_migrations`).
 *
 * One replica at a time, the others wait and then find nothing to do. A migration and the note that it is done are one
 * transaction: one that was interrupted left nothing behind and is simply run again.
 * A database that has migrations this code does not know, or others under the same name, is refused and left alone.
 */
import type { DiagnoseMigrationHistoryOutput, MigrationList } from '@prisma/schema-engine-wasm';
import { OperatorError } from '#errors.ts';
import type { Database, SchemaSession } from './database.ts';
import type { Log } from './log.ts';
import { PRISMA_DIRECTORY, readMigrations, readSchema } from './migration-files.ts';
import { startSchemaEngine } from './schema-engine.ts';

/** The database cannot be migrated; nothing was changed by the migration it names. */
export class MigrationError extends OperatorError {}

/** The database was migrated by a newer version of this service. */
export class DatabaseNewerError extends MigrationError {
  constructor(names: readonly string[]) {
    super(
      `The database is newer than this version of Latchkey: it has ${names.join(', ')}. ` +
        'Start the version that made it, or a later one.',
    );
  }
}

const NOTE_COMPLETION = `
  UPDATE "_prisma_migrations" SET "finished_at" = now() WHERE "finished_at" IS NULL AND "rolled_back_at" IS NULL`;
const FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Applies what is missing and returns the names of what was applied.
 * Fails with MigrationError, DatabaseNewerError, DatabaseUnreachableError.
 */
export async function applyMigrations(
  database: Database,
  log: Log,
  directory: string = PRISMA_DIRECTORY,
): Promise<string[]> {
  const [schema, migrationsList] = await Promise.all([readSchema(directory), readMigrations(directory)]);
  const session = await database.openSchemaSession();
  const scripts = completeScripts(session, migrationsList);
  try {
    using engine = await startSchemaEngine(scripts.session, schema);
    const diagnosis = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: FILTERS,
    });
    refuseStrangers(diagnosis, migrationsList);
    for (const migrationName of diagnosis.failedMigrationNames) {
      log.warn({ migration: migrationName }, 'this migration was interrupted; running it again');
      await engine.markMigrationRolledBack({ migrationName });
    }
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: FILTERS });
    for (const migration of appliedMigrationNames) log.info({ migration }, 'migration applied');
    return appliedMigrationNames;
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    // What the engine makes of a failed script says less than PostgreSQL did.
    throw (
      scripts.failure() ?? new MigrationError(`The database cannot be migrated: ${oneLine(error)}`, { cause: error })
    );
  } finally {
    await session.close();
  }
}

/** How the database stands to the migrations this code knows. Changes nothing. */
export type MigrationState = {
  /** To be applied, by the next start or `migrate`. */
  missing: string[];
  /** Of a newer version, which alone can run on this database. */
  unknown: string[];
};

/** Reads what was applied, without an engine and without a lock. */
export async function readMigrationState(database: Database, directory = PRISMA_DIRECTORY): Promise<MigrationState> {
  const { migrationDirectories } = await readMigrations(directory);
  const known = migrationDirectories.map(({ path }) => path);
  const [table] = await database.query<{ exists: boolean }>(HAS_MIGRATIONS, []);
  const rows = table?.exists ? await database.query<{ name: string; isDone: boolean }>(READ_MIGRATIONS, []) : [];
  const done = new Set(rows.filter(({ isDone }) => isDone).map(({ name }) => name));
  return {
    missing: known.filter((name) => !done.has(name)),
    unknown: rows.map(({ name }) => name).filter((name) => !known.includes(name)),
  };
}

const HAS_MIGRATIONS = {
  name: 'has-migrations',
  text: `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "exists"`,
};
const READ_MIGRATIONS = {
  name: 'read-migrations',
  text: `
    SELECT migration_name AS name, bool_or(finished_at IS NOT NULL AND rolled_back_at IS NULL) AS "isDone"
      FROM _prisma_migrations GROUP BY migration_name ORDER BY migration_name`,
};

function refuseStrangers(diagnosis: DiagnoseMigrationHistoryOutput, migrations: MigrationList): void {
  const known = new Set(migrations.migrationDirectories.map((migration) => migration.path));
  const { history, failedMigrationNames, editedMigrationNames } = diagnosis;
  const persisted = history !== null && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [];
  const strangers = new Set([...persisted, ...failedMigrationNames].filter((name) => !known.has(name)));
  if (strangers.size > 0) throw new DatabaseNewerError([...strangers]);
  // One that never got through may be fixed.
  const edited = editedMigrationNames.filter((name) => !failedMigrationNames.includes(name));
  if (edited.length > 0) {
    throw new MigrationError(
      `The database was migrated by other versions of ${edited.join(', ')}. ` +
        'A migration must not change once it was applied: restore the file, and put the change into a new one.',
    );
  }
}

/**
 * The engine notes the end of a migration after its script. A process killed between the two would leave a migration
 * that is done but counts as failed; so the note goes into the script's own transaction.
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
      failure = new MigrationError(`Migration ${name} failed and was undone: ${oneLine(error)}`, { cause: error });
      throw error;
    }
  };
  return { session: { ...session, runScript }, failure: () => failure };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
