/**
 * How much one person may change in a while, whatever it is: each change is a row of the audit log and more (OWASP ASVS
 * 5.0, 2.4.1). Far more than people and scripts do, and shared by all sessions of the account. What takes a credential
 * has tighter budgets of its own.
 */
import type { Ctx } from '#core/context.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import { TooManyWritesError } from '#errors/refused-errors.ts';
import { reserve } from './throttle.ts';

/** Takes one change from the person's budget, or fails with TooManyWritesError. Never call it in a transaction. */
export async function spendWrite(ctx: Ctx, userId: string): Promise<void> {
  try {
    await reserve(ctx, [{ name: 'write', of: userId, subjectId: userId }]);
  } catch (refusal) {
    if (refusal instanceof TooManyAttemptsError) throw new TooManyWritesError(refusal.retryAfterSeconds);
    throw refusal;
  }
}
