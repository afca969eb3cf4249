/**
 * Wraps the weak hashes of imported users in Argon2id before anything is written: otherwise a dump of the database
 * would give them away until each of these people signs in. Hashes take time, so never call it in a transaction.
 */
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';

/** The users, with hashes that may be stored. As many at once as there are slots, because more would be refused. */
export async function wrapWeakHashes<Record extends { user: User }>(
  { passwordHasher, config }: Ctx,
  records: readonly Record[],
): Promise<Record[]> {
  const wrapped: Record[] = [];
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
