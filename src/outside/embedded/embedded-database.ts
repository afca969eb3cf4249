/**
 * The embedded database: PostgreSQL compiled to WebAssembly (PGlite), one directory, one process, one connection.
 *
 * Every acknowledged write survives the death of the process (`kill -9`). PGlite does not call fsync, so a power
 * failure may lose the last seconds. If that matters, use a PostgreSQL server (DATABASE_URL).
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { OperatorError } from '#errors/operator-error.ts';
import { copyEmptyDatabase } from '../migrations/empty-database.ts';
import { DirectoryInUseError, lockDirectory } from './directory-lock.ts';

/** Another process has opened the embedded database; two at once would corrupt it. */
export class DatabaseInUseError extends OperatorError {
  constructor(directory: string, cause: DirectoryInUseError) {
    super(
      `The database in ${directory} is in use by process ${cause.processId}. ` +
        'Stop it, or choose another DATA_DIR. To run several processes, use PostgreSQL (DATABASE_URL).',
      { cause },
    );
  }
}

/** The directory is not empty, but contains no database of this service. It is left unchanged. */
export class NotADatabaseError extends OperatorError {
  constructor(directory: string) {
    super(`${directory} contains files that are not a database. Choose another DATA_DIR, or empty the directory.`);
  }
}

/**
 * PostgreSQL's default of 128 MB is claimed at the start and never given back. The system caches the files as well:
 * reads and writes in a table of 174 MB took the same time with 16, 32, and 128 MB.
 */
const LEAN = ['-c', 'shared_buffers=32MB'];

export type EmbeddedDatabase = { pglite: PGlite; close: () => Promise<void> };

/**
 * Opens the database in `directory`, and creates it if there is none.
 * Fails with DatabaseInUseError or NotADatabaseError without changing the directory.
 */
export async function openEmbedded(directory: string): Promise<EmbeddedDatabase> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const release = lock(directory);
  try {
    await initialiseOnce(directory);
    // Loaded when it is needed: with PostgreSQL, it would cost a start time and memory for nothing.
    const { PGlite, types } = await import('@electric-sql/pglite');
    const pglite = await PGlite.create({ dataDir: directory, startParams: [...PGlite.defaultStartParams, ...LEAN] });
    await keepParsersOf([...Object.keys(types.parsers).map(Number).filter(Number.isInteger), types.UUID], pglite);
    // PGlite uses the time zone of the machine, but the driver adapter sends UTC times without a zone.
    await pglite.exec("SET TIME ZONE 'UTC'");
    const close = async () => {
      try {
        await pglite.close();
      } finally {
        release();
      }
    };
    return { pglite, close };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Leaves only the parsers of these types and of their arrays. PGlite makes one for each array type there is, such as
 * the rows of every table, and copies all of them for each statement: a third of the time of a simple one.
 */
async function keepParsersOf(types: number[], pglite: PGlite): Promise<void> {
  const { rows } = await pglite.query<{ array: number }>('SELECT typarray AS array FROM pg_type WHERE oid = ANY($1)', [
    types,
  ]);
  const kept = new Set([...types, ...rows.map(({ array }) => array)]);
  pglite.parsers = Object.fromEntries(Object.entries(pglite.parsers).filter(([type]) => kept.has(Number(type))));
}

function lock(directory: string): () => void {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw new DatabaseInUseError(directory, error);
    throw error;
  }
}

/**
 * A process that is killed while creating a database leaves one that cannot be opened. So the database is created under
 * another name and renamed when it is complete; the remains of an earlier attempt are deleted. The lock is held
 * meanwhile.
 */
async function initialiseOnce(directory: string): Promise<void> {
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const entries = existsSync(directory) ? await readdir(directory) : [];
  if (entries.includes('PG_VERSION')) return;
  if (entries.length > 0) throw new NotADatabaseError(directory);

  await mkdir(unfinished, { mode: 0o700 });
  if (!copyEmptyDatabase(unfinished)) {
    const { PGlite } = await import('@electric-sql/pglite');
    const pglite = await PGlite.create({ dataDir: unfinished });
    await pglite.close();
  }
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
  await chmod(directory, 0o700);
}
