/**
 * Work that nobody may distinguish from work that was not done: the same statements write the same rows, which are then
 * kept or rolled back. Only for rows: what runs after the commit, such as sending an email, is not undone.
 */
import type { Ctx } from '#core/context.ts';

/** Runs `work` and keeps what it wrote. Call it in a transaction. */
export async function kept<T>(tx: Ctx, work: () => Promise<T>): Promise<T> {
  await tx.db.$executeRaw`SAVEPOINT undone`;
  const result = await work();
  await tx.db.$executeRaw`RELEASE SAVEPOINT undone`;
  return result;
}

/** Runs `work` and rolls back what it wrote, in the same time. Call it in a transaction. */
export async function undone<T>(tx: Ctx, work: () => Promise<T>): Promise<T> {
  await tx.db.$executeRaw`SAVEPOINT undone`;
  const result = await work();
  await tx.db.$executeRaw`ROLLBACK TO SAVEPOINT undone`;
  return result;
}
