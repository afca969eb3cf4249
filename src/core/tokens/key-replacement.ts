/** New signing keys for all there are: nothing that was signed before is accepted anymore, here or elsewhere. */
import type { PrismaDb } from '#outside/database.ts';
import { keyState, lockKeyRing, type RingParts, requireOpenKeys } from './key-rotation.ts';
import { generateKey } from './signing-key.ts';

/**
 * Makes a key, which takes a while, and returns what puts it in place of every key created until `at`, in the current
 * transaction. That returns how many keys were removed; a key that was created later and signs already stays the
 * signer. Fails with KeyRingLockedError.
 */
export async function prepareReplacement(parts: RingParts): Promise<(db: PrismaDb, at: Date) => Promise<number>> {
  await requireOpenKeys(parts);
  const spare = await generateKey(parts.config.jwtAlgorithm, parts.secrets);
  return async (db, at) => {
    await lockKeyRing(db);
    const { count } = await db.signingKey.deleteMany({ where: { createdAt: { lte: at } } });
    const now = parts.clock();
    const left = await db.signingKey.findMany();
    if (left.some((key) => keyState(key, now) === 'active')) return count;
    await db.signingKey.create({ data: { ...spare, createdAt: now, activeAt: now } });
    return count;
  };
}
