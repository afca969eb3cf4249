/**
 * Limits how much one account may change: each change writes a row of the audit log and more (OWASP ASVS 5.0, 2.4.1).
 * The limit is far above what people and scripts need, and all sessions of the account share it. Everything that checks
 * a credential has a tighter budget as well.
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
