/** Wrong codes and links in the audit log. */
import { type AuditDetails, audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import type { Budget } from '#core/limits/budget.ts';
import { networkOf } from '#core/limits/network.ts';
import { noteExhausted, takeOne } from '#core/limits/throttle.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { EmailedPurpose } from './challenge-purpose.ts';

const FAILED = {
  'verify-email': 'verify_email.failed',
  'reset-password': 'reset_password.failed',
  'change-email': 'change_email.failed',
  'undo-email-change': 'change_email.failed',
  'undo-account-deletion': 'delete_account.failed',
  'undo-security-change': 'undo_security_change.failed',
  'reset-second-factors': 'second_factor_reset.failed',
  'sign-in-with-email': 'login_with_email.failed',
} as const satisfies Record<EmailedPurpose, AuditEventName>;

/** Whose proof it should be: the account, if known, and what else the event says. */
type Claimant = { subjectId: () => Promise<string | null>; details?: AuditDetails };

/** Runs `work`. If it fails with InvalidCodeError, records that. */
export async function recordingWrongProof<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  { subjectId, details = {} }: Claimant,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidCodeError && (await mayRecordWrongProof(ctx))) {
      await audit(ctx, FAILED[purpose], await subjectId(), details);
    }
    throw error;
  }
}

/** Someone who tries link tokens, or codes of many addresses, gets the same answer without filling the audit log. */
export async function mayRecordWrongProof(ctx: Ctx): Promise<boolean> {
  const budget: Budget = { name: 'wrong-proof', of: networkOf(ctx.caller.ipAddress) };
  if (await takeOne(ctx, budget)) return true;
  await noteExhausted(ctx, budget);
  return false;
}
