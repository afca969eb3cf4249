/** Notifies the owner of wrong passwords, whatever networks they came from. */
import { randomUUID } from 'node:crypto';
import { audit, auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import type { Budget } from '#core/limits/budget.ts';
import { countOf, takeCount } from '#core/limits/budget-state.ts';
import { takeOne } from '#core/limits/throttle.ts';

/** The owner is notified of a sign-in after at least this many wrong passwords. */
const MANY = 10;

/**
 * Counts a wrong password.
 * @param account the id of an account, or the key for an unknown identifier
 */
export async function countFailure(ctx: Ctx, account: string): Promise<void> {
  await takeOne(ctx, failuresOf(account));
}

/** How many wrong passwords were entered for the account since a sign-in with the correct one. */
export async function failuresBefore(ctx: Ctx, userId: string): Promise<number> {
  return countOf(ctx, failuresOf(userId));
}

/** Whether so many came before this sign-in that `reportFailures` notifies the owner. */
export async function hasManyFailures(ctx: Ctx, userId: string): Promise<boolean> {
  return (await failuresBefore(ctx, userId)) >= MANY;
}

/**
 * Resets the count after a correct password. If many wrong ones preceded it, the owner gets one email about the
 * session, even if several sign-ins succeed at once: someone may have guessed it. Never call it in a transaction.
 * @param failures how many there were when the password was checked; if 0, the database is not asked
 */
export async function reportFailures(ctx: Ctx, { user, session }: Viewer, failures: number): Promise<void> {
  if (failures === 0) return;
  await inTransaction(ctx, async (tx) => {
    const count = await takeCount(tx, failuresOf(user.id));
    if (count < MANY) return;
    await auditBy(tx, { user, session }, 'login.after_failures');
    const at = tx.clock().toISOString();
    await tx.outbox.queue(tx, { mail: 'sign-in-after-failures', sessionId: session.id, failures: count, at });
  });
}

/**
 * Notifies the owner that strangers are guessing, at most once a day. For an identifier that nobody has, the same is
 * done for no account, so that the time does not reveal the difference. Never call it in a transaction.
 */
export async function reportGuessing(ctx: Ctx, account: string, userId: string | null): Promise<void> {
  if (!(await takeOne(ctx, { name: 'guessing-notice', of: account }))) return;
  await inTransaction(ctx, async (tx) => {
    await audit(tx, 'login.many_failures', userId);
    const at = tx.clock().toISOString();
    await tx.outbox.queue(tx, { mail: 'many-failures', userId: userId ?? randomUUID(), at });
  });
}

/** The budget that counts wrong passwords for an account. */
export function failuresOf(account: string): Budget {
  return { name: 'login-failures', of: account };
}
