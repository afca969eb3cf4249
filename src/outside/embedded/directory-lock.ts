/**
 * An exclusive lock on a directory: one process at a time.
 *
 * It is a write lock of SQLite (part of Node) on an otherwise unused file next to the directory. The kernel holds the
 * lock, so it ends with the process, even by `kill -9`. There are no stale locks that would have to be recognized by
 * process id, which is not unique across containers. If two processes try at once, one wins.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Long enough for a previous process that is just closing. */
const WAIT_MILLISECONDS = 500;
const SQLITE_BUSY = 5;

/** Another process has locked the directory. */
export class DirectoryInUseError extends Error {
  /** The process id of the holder; useful only if both processes run in the same PID namespace. */
  readonly processId: number;
  constructor(directory: string, processId: number) {
    super(`${directory} is in use by another process (${processId})`);
    this.processId = processId;
  }
}

/**
 * Locks the directory, which may not exist yet; its parent must exist. Returns a function that releases the lock.
 * The lock file is kept on purpose: if it were removed, two processes could lock two different files.
 * Fails with DirectoryInUseError.
 */
export function lockDirectory(directory: string): () => void {
  const path = `${directory}.lock`;
  createForOwnerOnly(path);
  const lock = new DatabaseSync(path, { timeout: WAIT_MILLISECONDS });
  try {
    lock.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`);
  } catch (error) {
    const inUse = isBusy(error) ? new DirectoryInUseError(directory, Number(readHolder(lock))) : error;
    lock.close();
    throw inUse;
  }
  return () => lock.close();
}

function createForOwnerOnly(path: string): void {
  try {
    // Never opens an existing file: closing it would release a lock that this process may hold on it (POSIX).
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function readHolder(lock: DatabaseSync): unknown {
  try {
    return lock.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0;
  } catch {
    return 0;
  }
}
