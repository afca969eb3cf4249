/** Where tests keep databases that nobody needs afterwards. */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4e9;

/**
 * Memory where the system offers it as a directory and has plenty: a copy of a database takes a third of the time, and
 * takes no longer while a disk is busy.
 */
export function scratchDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
