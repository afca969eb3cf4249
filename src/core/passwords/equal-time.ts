/**
 * A wrong password takes as long for one account as for any other, and for nobody's.
 *
 * What checking a stored hash costs is in the hash: those made before HASH_* was raised cost less, those imported from
 * another system cost what that system chose. Without more, the time of a refusal would tell that there is an account.
 * So every comparison that fails waits for as long as the most expensive hash in the database would have taken longer.
 * It waits on a timer: no processor works for it. (OWASP Authentication Cheat Sheet, "Authentication and Error Messages")
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceBusyError } from '#errors.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { PasswordHasher } from '#outside/password-hasher.ts';

export type EqualTime = {
  /** Milliseconds that comparing with the most expensive hash in use takes longer than with this one, or with nobody's. */
  missing: (phc: string | null) => Promise<number>;
  /** Waits for as long. Call it after a comparison that failed, outside any transaction. */
  wait: (phc: string | null) => Promise<void>;
};

/** More kinds than a real database has; a walk over every salt that somebody imported as plain text ends there. */
const MAX_KINDS = 30;
const LOOK_AGAIN_MILLISECONDS = 60_000;

/** One stored hash of each kind, found by stepping through the index. */
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

type Owned = { database: Database; passwordHasher: PasswordHasher; clock: Clock };

export function createEqualTime({ database, passwordHasher, clock }: Owned): EqualTime {
  let seen: { samples: Promise<{ hash: string }[]>; until: number } | undefined;

  /** One stored hash of each kind in use, as of the last minute. */
  function samples(): Promise<{ hash: string }[]> {
    const now = clock().getTime();
    // A clock that was set back does not keep what was found before for longer.
    if (seen === undefined || now >= seen.until || now < seen.until - LOOK_AGAIN_MILLISECONDS) {
      const found = database.query<{ hash: string }>(SAMPLES, []);
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
      // So busy that nothing could be measured: the line of waiting passwords blurs the time more than any hash does.
      const milliseconds = await missing(phc).catch((error) => {
        if (error instanceof ServiceBusyError) return 0;
        throw error;
      });
      if (milliseconds >= 1) await pause(milliseconds);
    },
  };
}
