/**
 * Checks a second factor: a code of an authenticator app, or a recovery code. All places that take one share this rule
 * and its budgets, so a stolen session and a known password give no more guesses together than one of them alone.
 *
 * A guess is counted before it is compared. Ten wrong ones an hour block the account for the rest of the hour, whatever
 * else succeeds in between: the right password neither counts nor clears them (NIST SP 800-63B-4 section 3.2.2).
 */
import { type AuditDetails, audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import type { Budget } from '#core/limits/budget.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import type { SessionFactor } from '#core/tokens/authentication-claims.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import { INVALID_FACTOR } from '#errors/second-factor-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { countRecoveryCodes, matchRecoveryCode, type RecoveryMatch, spendRecoveryCode } from './recovery-code.ts';
import { matchTotp, stampTotp, type TotpMatch } from './totp-factor.ts';

/** Exactly one of them. */
export type SecondFactorInput = {
  code?: string | null | undefined;
  recoveryCode?: string | null | undefined;
  /** From a field that takes either kind: pages and REST APIs have only one. */
  either?: string | undefined;
};
export type TypedFactor = { kind: SessionFactor; typed: string };
/** A factor that was recognized and is not used up yet. */
export type FactorMatch = TotpMatch | RecoveryMatch;

/** Longer than anything a person types, with all the separators of a recovery code. */
const MAX_LENGTH = { totp: 32, recovery_code: 64 } as const;
/** Letters and digits of the longest code that an app shows; a recovery code has more. */
const LONGEST_CODE = 12;

/** The one factor that the input holds. Fails with ValidationError. */
export function requireSecondFactor(input: SecondFactorInput): TypedFactor {
  const { code, recoveryCode } = input.either === undefined ? input : kindOf(input.either);
  const errors = collectFieldErrors();
  const given: TypedFactor = recoveryCode
    ? { kind: 'recovery_code', typed: recoveryCode }
    : { kind: 'totp', typed: code ?? '' };
  const field = recoveryCode ? 'recoveryCode' : 'code';
  if (code && recoveryCode) errors.add('code', 'NOT_ALLOWED', 'Please provide either a code or a recovery code.');
  if (given.typed === '') errors.add(field, 'REQUIRED', 'Please enter the code.');
  if (given.typed.length > MAX_LENGTH[given.kind]) errors.add(field, 'TOO_LONG', 'This is too long for a code.');
  errors.throwIfAny();
  return given;
}

function kindOf(either: string): Omit<SecondFactorInput, 'either'> {
  return either.replace(/[^0-9a-z]/gi, '').length > LONGEST_CODE ? { recoveryCode: either } : { code: either };
}

/**
 * The factor, if it is one of this person's.
 * Fails with InvalidCodeError and TooManyAttemptsError. Never call it in a transaction.
 * @param wrong how a wrong one is recorded, and what else counts it
 */
export async function checkSecondFactor(
  ctx: Ctx,
  user: Pick<User, 'id'>,
  { kind, typed }: TypedFactor,
  wrong: { event: AuditEventName & `${string}.failed`; details?: AuditDetails; count?: () => Promise<void> },
): Promise<FactorMatch> {
  const of = { of: user.id, subjectId: user.id };
  const budgets: Budget[] = [{ name: 'second-factor', ...of }];
  if (kind === 'recovery_code') budgets.push({ name: 'recovery-code', ...of });
  await reserve(ctx, budgets);
  const match = await (kind === 'totp' ? matchTotp(ctx, user.id, typed) : matchRecoveryCode(ctx, user.id, typed));
  // A code that was right is not a guess, even where it turns out to be used already.
  if (match !== null) {
    await giveBack(ctx, budgets);
    return match;
  }
  await audit(ctx, wrong.event, user.id, wrong.details);
  await wrong.count?.();
  throw new InvalidCodeError(INVALID_FACTOR[kind]);
}

/**
 * Uses the factor up. Resets the count of wrong ones in a row, and cancels a requested removal of the factors: the
 * owner still has them. The owner is notified when it is a recovery code.
 * Fails with InvalidCodeError if it was used already. Call it in a transaction, with the user locked.
 */
export async function spendSecondFactor(tx: Ctx, user: User, match: FactorMatch): Promise<void> {
  const isSpent = await (match.kind === 'totp' ? stampTotp(tx, match) : spendRecoveryCode(tx, match));
  if (!isSpent) throw new InvalidCodeError(INVALID_FACTOR[match.kind]);
  if (user.secondFactorFailures > 0 || user.factorsResetAt !== null) {
    await tx.db.user.update({ where: { id: user.id }, data: { secondFactorFailures: 0, factorsResetAt: null } });
  }
  if (user.factorsResetAt !== null) await audit(tx, 'second_factor_reset.undone', user.id);
  if (match.kind === 'totp') return;
  await audit(tx, 'recovery_code.used', user.id);
  const left = await countRecoveryCodes(tx, user.id);
  const at = tx.clock().toISOString();
  await tx.outbox.queue(tx, { mail: 'security-notice', userId: user.id, notice: 'recovery_code_used', left, at });
}
