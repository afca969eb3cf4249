/**
 * Wrong passwords of one account over all networks. Nobody is refused for them: they are counted so that the owner hears
 * of a sign-in that follows many, when somebody may have guessed right.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { type Budget, countOf, reserve, takeCount } from '#core/limits/throttle.ts';
import type { Viewer } from '#core/sessions/viewer.ts';

/** Counted within a day of the first; the limit is out of reach. */
const FAILURES = {
  name: 'login-failures',
  limit: 1_000_000,
  windowSeconds: 86_400,
  refusal: 'login.throttled',
} as const;

/** From how many wrong passwords on the owner is told. */
const MANY = 10;

/** @param account the id of an account, or what an unknown identifier is counted by */
export async function countFailure(ctx: Ctx, account: string): Promise<void> {
  await reserve(ctx, [failuresOf(account)]);
}

/**
 * Starts the count again after a right password. When many wrong ones came before it, the owner gets an email about the
 * session: one, however many sign in at once. Never call it in a transaction.
 */
export async function reportFailures(ctx: Ctx, { user, session }: Viewer): Promise<void> {
  const failures = failuresOf(user.id);
  if ((await countOf(ctx, failures)) === 0) return;
  await inTransaction(ctx, async (tx) => {
    const count = await takeCount(tx, failures);
    if (count < MANY) return;
    await audit(tx, 'login.after_failures', user.id, { actorId: user.id, sessionId: session.id });
    const at = tx.clock().toISOString();
    await tx.outbox.queue(tx, { mail: 'sign-in-after-failures', sessionId: session.id, failures: count, at });
  });
}

function failuresOf(account: string): Budget {
  return { rule: FAILURES, of: account };
}
