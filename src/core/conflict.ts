/**
 * Conflicts of transactions. PostgreSQL, and even more so the engines that resemble it, may end a transaction that did
 * nothing wrong, because it and others waited for each other or cannot be put in an order. Nothing of it was done, and
 * its client is expected to run it again (PostgreSQL documentation, section 13.5).
 */
import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { isConflict } from '#errors/database-error.ts';

const MAX_ATTEMPTS = 4;
/** Of different length, so that those that met do not meet again. */
const MAX_PAUSE_MS = 50;

/**
 * Runs a whole transaction, and after a conflict again from the beginning, a few times at most. Not for a part of a
 * transaction: what came before it was rolled back as well.
 */
export async function againAfterConflict<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isConflict(error)) throw error;
      await setTimeout(randomInt(MAX_PAUSE_MS * attempt));
    }
  }
}
