/**
 * The embedded database: PostgreSQL compiled to WebAssembly (PGlite), one directory, one process, one connection.
 *
 * Every acknowledged write survives the death of the process (`kill -9`); PGlite does not call fsync, so a power cut may
 * cost the last seconds. Where that matters, DATABASE_URL names a real PostgreSQL.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { OperatorError } from '#errors.ts';
import { DirectoryInUseError, lockDirectory } from './directory-lock.ts';

/** Another process has the embedded database open; two at once would destroy it. */
export class DatabaseInUseError extends OperatorError {
  constructor(directory: string, cause: DirectoryInUseError) {
    super(
      `The database in ${directory} is in use by process ${cause.processId}. ` +
        'Stop that one, or choose another DATA_DIR; several processes can share a PostgreSQL named by DATABASE_URL.',
      { cause },
    );
  }
}

/** The directory holds something, but no database of ours; it is left as it is. */
export class NotADatabaseError extends OperatorError {
  constructor(directory: string) {
    super(`${directory} contains files that are not a database. Choose another DATA_DIR, or empty the directory.`);
  }
}

export type EmbeddedDatabase = { pglite: PGlite; close: () => Promise<void> };

/**
 * Opens the database in `directory` and makes it first where there is none.
 * Fails with DatabaseInUseError or NotADatabaseError; the directory is untouched then.
 */
export async function openEmbedded(directory: string): Promise<EmbeddedDatabase> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const release = lock(directory);
  try {
    await initialiseOnce(directory);
    const pglite = await PGlite.create({ dataDir: directory });
    // PGlite takes the zone of the machine; the driver adapter sends times without one and means UTC.
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

function lock(directory: string): () => void {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw new DatabaseInUseError(directory, error);
    throw error;
  }
}

/**
 * A process killed half-way through making a database leaves one that never opens. So it is made under another name
 * and gets its own when it is complete; what an earlier attempt left is thrown away. The lock is held all the while.
 */
async function initialiseOnce(directory: string): Promise<void> {
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const entries = existsSync(directory) ? await readdir(directory) : [];
  if (entries.includes('PG_VERSION')) return;
  if (entries.length > 0) throw new NotADatabaseError(directory);

  await mkdir(unfinished, { mode: 0o700 });
  const pglite = await PGlite.create({ dataDir: unfinished });
  await pglite.close();
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
  await chmod(directory, 0o700);
}
