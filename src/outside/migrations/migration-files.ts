/** The folder `prisma/`: the schema, the migrations that lead to it, and the difference between the two. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import type { Clock } from '../clock.ts';
import { pgliteSchemaSession } from '../embedded/pglite-session.ts';
import { type SchemaFile, startSchemaEngine } from './schema-engine.ts';

/** The Prisma folder of this service. */
export const PRISMA_DIRECTORY = fileURLToPath(new URL('../../../prisma', import.meta.url));

const LOCK_FILE = 'migration_lock.toml';
const LOCK_CONTENT =
  '# Written by `npm run migrate:new`. The engine the migrations are for.\nprovider = "postgresql"\n';

export async function readSchema(directory: string): Promise<SchemaFile> {
  const path = join(directory, 'schema.prisma');
  return { path, content: await readFile(path, 'utf8') };
}

/** The migrations, ordered by name, which is the order in which they are applied. */
export async function readMigrations(directory: string): Promise<MigrationList> {
  const baseDir = join(directory, 'migrations');
  const entries = await readdir(baseDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: { path: LOCK_FILE, content: await readFile(join(baseDir, LOCK_FILE), 'utf8').catch(() => LOCK_CONTENT) },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: { path: 'migration.sql', content: await readScript(join(baseDir, path, 'migration.sql')) },
      })),
    ),
  };
}

async function readScript(path: string) {
  try {
    return { tag: 'ok', value: await readFile(path, 'utf8') } as const;
  } catch (error) {
    return { tag: 'error', value: String(error) } as const;
  }
}

/**
 * What Prisma misses in a table that is partitioned: an id is unique within its month, because a key of the whole audit
 * log would have to contain the time.
 */
const KEY = 'ADD CONSTRAINT "audit_events_pkey" PRIMARY KEY \\("id"\\)';
const MISSED_KEY = new RegExp(`-- AlterTable\\nALTER TABLE "audit_events" ${KEY};\\s*|,\\s*${KEY}`);

/**
 * The SQL that leads from the migrations to the schema; null if they agree. Needs no database: the migrations run in
 * memory. The separate schema of pg-boss is not included.
 */
export async function findUnwrittenChanges(directory: string = PRISMA_DIRECTORY): Promise<string | null> {
  const [schema, migrations] = await Promise.all([readSchema(directory), readMigrations(directory)]);
  const { PGlite } = await import('@electric-sql/pglite');
  const pglite = await PGlite.create();
  try {
    using engine = await startSchemaEngine(await pgliteSchemaSession(pglite, async () => undefined), schema);
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    const script = (stdout ?? '').replace(MISSED_KEY, '');
    return exitCode === 0 || script.trim() === '' ? null : script;
  } finally {
    await pglite.close();
  }
}

/**
 * Writes the next migration, `migrations/<yyyymmddhhmmss>_<name>/migration.sql`, from the difference between the schema
 * and the migrations. Returns its path, or null if there is no difference. Read it before committing: a renamed column
 * appears as one dropped and one added.
 */
export async function writeMigration(
  name: string,
  clock: Clock,
  directory: string = PRISMA_DIRECTORY,
): Promise<string | null> {
  if (!/^[a-z0-9][a-z0-9_]{0,99}$/.test(name)) {
    throw new TypeError(
      'The name of a migration may contain only lowercase letters, digits, and underscores, for example add_phone',
    );
  }
  const script = await findUnwrittenChanges(directory);
  if (script === null) return null;
  const time = clock().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(directory, 'migrations', `${time}_${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(directory, 'migrations', LOCK_FILE), LOCK_CONTENT);
  const path = join(folder, 'migration.sql');
  await writeFile(path, script);
  return path;
}
