/**
 * Wraps weak hashes in Argon2id: those of imported users before anything is written, and those that are stored already,
 * from before that was done or from before HASH_* was raised. Otherwise a dump of the database would give them away
 * until each of these people signs in. Hashes take time, so never call it in a transaction.
 */
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';
import { sampleHashes } from './equal-time.ts';

/** Wraps the hashes of imported users. As many at once as there are slots, because more would be refused. */
export async function wrapWeakHashes<Imported extends { user: User }>(
  { passwordHasher, config }: Ctx,
  records: readonly Imported[],
): Promise<Imported[]> {
  const wrapped: Imported[] = [];
  for (let start = 0; start < records.length; start += config.hash.slots) {
    const some = records.slice(start, start + config.hash.slots);
    const done = some.map(async (record) => {
      const { passwordHash } = record.user;
      if (passwordHash === null) return record;
      return { ...record, user: { ...record.user, passwordHash: await passwordHasher.wrap(passwordHash) } };
    });
    wrapped.push(...(await Promise.all(done)));
  }
  return wrapped;
}

/** Small, because each takes a hash, and the rest of the clean-up should not wait long. */
const BATCH = 20;

/** Stored hashes of the same kind and cost as one of them. */
const OF_KIND = {
  name: 'weak-password-hashes',
  text: `SELECT id, password_hash AS "passwordHash" FROM users
          WHERE password_hash IS NOT NULL AND password_hash_kind(password_hash) = password_hash_kind($1) LIMIT $2`,
};

/**
 * Wraps some of the stored weak hashes, one at a time, so that people who sign in keep the other slots. A hash that was
 * replaced in the meantime stays. Returns how many it wrapped; 0 when nothing is left.
 */
export async function wrapStoredHashes({ database, db, passwordHasher }: Ctx): Promise<number> {
  let count = 0;
  for (const sample of (await sampleHashes(database)).filter(({ hash }) => passwordHasher.isWeak(hash))) {
    const found = await database.query<{ id: string; passwordHash: string }>(OF_KIND, [sample.hash, BATCH]);
    for (const { id, passwordHash } of found) {
      // People who sign in come first; the next run continues.
      if (passwordHasher.waiting() > 0) return count;
      const wrapped = await passwordHasher.wrap(passwordHash);
      if (wrapped === passwordHash) continue;
      count += (await db.user.updateMany({ where: { id, passwordHash }, data: { passwordHash: wrapped } })).count;
    }
  }
  return count;
}
