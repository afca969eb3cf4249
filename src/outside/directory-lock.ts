/**
 * An exclusive claim on a directory: one process at a time, whatever happens to it.
 *
 * The claim is a write lock of SQLite (part of Node) on an otherwise unused file beside the directory. The kernel holds
 * it, so it ends with the process, also by `kill -9`: there are no stale locks to judge by process ids, which start
 * again in every container. Of two takers one wins.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Long enough for a predecessor that is just closing. */
const WAIT_MILLISECONDS = 500;
const SQLITE_BUSY = 5;

/** Another process holds the directory. */
export class DirectoryInUseError extends Error {
  /** The holder as it names itself; of use only where both see the same process ids. */
  readonly processId: number;
  constructor(directory: string, processId: number) {
    super(`${directory} is in use by another process (${processId})`);
    this.processId = processId;
  }
}

/**
 * Claims the directory, which need not exist yet; its parent must. Returns what gives it back.
 * The lock file stays behind on purpose: removing it would let two processes lock two different files.
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
    // Never opens a file that exists: closing it would drop a lock this process may already hold on it (POSIX).
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
