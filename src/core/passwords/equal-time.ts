/**
 * Makes a wrong password take equally long for every account, and for identifiers that no account has.
 *
 * The cost of checking a hash depends on the hash: those made before HASH_* was raised cost less, and imported ones
 * cost what the other system chose. The time of a refusal would therefore reveal that an account exists. So every
 * failed comparison waits until the most expensive hash in the database would have been checked. It waits on a timer,
 * which takes no CPU time. See the OWASP Authentication Cheat Sheet, "Authentication and Error Messages".
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { PasswordHasher } from '#outside/passwords/password-hasher.ts';

export type EqualTime = {
  /** How many milliseconds longer the most expensive hash in use takes than this one; null means no account. */
  missing: (phc: string | null) => Promise<number>;
  /** Waits that long. Call it after a failed comparison, outside any transaction. */
  wait: (phc: string | null) => Promise<void>;
};

/** More kinds than a real database has. Bounds the search if malformed imported hashes all look like new kinds. */
const MAX_KINDS = 30;
const LOOK_AGAIN_MILLISECONDS = 60_000;

/** One stored hash of each kind (algorithm and parameters), found by stepping through the index. */
const SAMPLES = {
  name: 'sample-password-hashes',
  text: `
    WITH RECURSIVE kinds (kind, step) AS (
      SELECT min(password_hash_kind(password_hash)), 1 FROM users WHERE password_hash IS NOT NULL
      UNION ALL
      SELECT (SELECT min(password_hash_kind(password_hash)) FROM users
               WHERE password_hash IS NOT NULL AND password_hash_kind(password_hash) > kinds.kind), step + 1
        FROM kinds WHERE kinds.kind IS NOT NULL AND step < ${MAX_KINDS})
    SELECT (SELECT password_hash FROM users
             WHERE password_hash IS NOT NULL AND password_hash_kind(password_hash) = kinds.kind LIMIT 1) AS hash
      FROM kinds WHERE kinds.kind IS NOT NULL`,
};

/** One stored hash of each kind in use. */
export function sampleHashes(database: Database): Promise<{ hash: string }[]> {
  return database.query<{ hash: string }>(SAMPLES, []);
}

type Owned = { database: Database; passwordHasher: PasswordHasher; clock: Clock };

export function createEqualTime({ database, passwordHasher, clock }: Owned): EqualTime {
  let seen: { samples: Promise<{ hash: string }[]>; until: number } | undefined;

  /** One stored hash of each kind in use, as of the last minute. */
  function samples(): Promise<{ hash: string }[]> {
    const now = clock().getTime();
    // If the clock was set back, do not keep the old samples for longer.
    if (seen === undefined || now >= seen.until || now < seen.until - LOOK_AGAIN_MILLISECONDS) {
      const found = sampleHashes(database);
      seen = { samples: found, until: now + LOOK_AGAIN_MILLISECONDS };
      found.catch(() => {
        seen = undefined;
      });
    }
    return seen.samples;
  }

  async function missing(phc: string | null): Promise<number> {
    const own = await passwordHasher.millisecondsOf(phc);
    let longest = own;
    for (const { hash } of await samples()) longest = Math.max(longest, await passwordHasher.millisecondsOf(hash));
    return longest - own;
  }

  return {
    missing,
    wait: async (phc) => {
      // Too busy to measure: the queue of waiting passwords then hides the time better than this wait would.
      const milliseconds = await missing(phc).catch((error) => {
        if (error instanceof ServiceBusyError) return 0;
        throw error;
      });
      if (milliseconds >= 1) await pause(milliseconds);
    },
  };
}
