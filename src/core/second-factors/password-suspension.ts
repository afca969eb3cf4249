/**
 * Someone who fails the second factor again and again knows the password. After 20 wrong codes in a row it no longer
 * counts, except on a trusted device, until the owner, who is notified, sets a new one by email. Other ways to sign in
 * stay open, so this locks nobody out. At 10 guesses an hour and two valid codes at a time, 20 guesses find one with a
 * probability of 0.004 %; without an end, a year would give 16 %.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import type { ChallengePurpose } from '#core/proofs/challenge-purpose.ts';

const MAX_FAILURES = 20;

/** Counts a wrong second factor that followed the right password. Never call it in a transaction. */
export async function countWrongFactor(ctx: Ctx, userId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, userId);
    if (user === null) return;
    const secondFactorFailures = user.secondFactorFailures + 1;
    const isSuspended = secondFactorFailures >= MAX_FAILURES && user.passwordSuspendedAt === null;
    const passwordSuspendedAt = isSuspended ? tx.clock() : user.passwordSuspendedAt;
    await tx.db.user.update({ where: { id: userId }, data: { secondFactorFailures, passwordSuspendedAt } });
    if (!isSuspended) return;
    await tx.db.challenge.updateMany({
      where: { userId, purpose: 'second-factor' satisfies ChallengePurpose, consumedAt: null, replacedAt: null },
      data: { replacedAt: tx.clock() },
    });
    await audit(tx, 'password.suspended', userId);
    const at = tx.clock().toISOString();
    await tx.outbox.queue(tx, { mail: 'security-notice', userId, notice: 'password_suspended', at });
  });
}

/** For a new password: the one that was suspended no longer exists. */
export const LIFT_SUSPENSION = { passwordSuspendedAt: null, secondFactorFailures: 0 } as const;
