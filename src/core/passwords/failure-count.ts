/**
 * Counts wrong passwords of one account across all networks. This never blocks anyone. It only serves to notify the
 * owner of a sign-in that follows many wrong passwords, because someone may have guessed the right one.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { type Budget, countOf, reserve, takeCount } from '#core/limits/throttle.ts';

/** The owner is notified after at least this many wrong passwords. */
const MANY = 10;

/** @param account the id of an account, or the key for an unknown identifier */
export async function countFailure(ctx: Ctx, account: string): Promise<void> {
  await reserve(ctx, [failuresOf(account)]);
}

/**
 * Resets the count after a correct password. If many wrong ones preceded it, the owner gets one email about the
 * session, even if several sign-ins succeed at once. Never call it in a transaction.
 */
export async function reportFailures(ctx: Ctx, { user, session }: Viewer): Promise<void> {
  const failures = failuresOf(user.id);
  if ((await countOf(ctx, failures)) === 0) return;
  await inTransaction(ctx, async (tx) => {
    const count = await takeCount(tx, failures);
    if (count < MANY) return;
    await auditBy(tx, { user, session }, 'login.after_failures');
    const at = tx.clock().toISOString();
    await tx.outbox.queue(tx, { mail: 'sign-in-after-failures', sessionId: session.id, failures: count, at });
  });
}

function failuresOf(account: string): Budget {
  return { name: 'login-failures', of: account };
}
