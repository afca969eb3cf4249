/**
 * One process at a time makes what is kept in node_modules/.cache and src/generated. Another that needs it waits, and
 * then finds it there.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url));
/** Nothing that is made takes as long on any machine. */
const WAIT_MILLISECONDS = 600_000;

/**
 * Waits until no other process has the lock, which ends with a process even by `kill -9`: it is a write lock of SQLite.
 * @returns what releases it; null if this user cannot write there
 */
export function lockCache(): (() => void) | null {
  try {
    mkdirSync(CACHE, { recursive: true });
    // SQLite would open what it can only read, too.
    accessSync(CACHE, constants.W_OK);
    const lock = new DatabaseSync(join(CACHE, 'making.lock'), { timeout: WAIT_MILLISECONDS });
    lock.exec('BEGIN IMMEDIATE');
    return () => lock.close();
  } catch {
    return null;
  }
}
