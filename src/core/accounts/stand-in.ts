/**
 * Work for the account of an address that may have none. So that the response time does not reveal which, the very same
 * work is done for a stand-in account, and rolled back. A lighter substitute would reveal it: other tables have other
 * columns, indexes, and foreign keys, which alone made answers for known addresses almost a millisecond slower.
 */
import { v7 as uuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { blankAccount } from './registration.ts';
import { undone } from './undone.ts';

/** All that `work` may depend on. */
type Owner = { id: string; email: string };

/**
 * Runs `work` for an account. For null, runs it for a stand-in and rolls back everything it wrote: ids in its result
 * belong to nothing. The stand-in is written in both cases, and nobody else ever sees it. Call it in a transaction.
 */
export async function asIfKnown<T>(tx: Ctx, owner: Owner | null, work: (owner: Owner) => Promise<T>): Promise<T> {
  if (owner === null) return undone(tx, async () => work(await addStandIn(tx)));
  await undone(tx, () => addStandIn(tx));
  return work(owner);
}

async function addStandIn(tx: Ctx): Promise<Owner> {
  const now = tx.clock();
  // Unique, so that requests at the same moment do not wait for each other.
  const email = `${uuid()}@decoy.invalid`;
  const data = { ...blankAccount(tx, email), email, source: 'REGISTRATION' as const, createdAt: now, updatedAt: now };
  return tx.db.user.create({ data, select: { id: true, email: true } });
}
