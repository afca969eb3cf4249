/**
 * Get ten new recovery codes; the old ones stop working. They are shown once. The owner gets an email with a link that
 * undoes it, because someone else may have asked. It needs a strong proof.
 * Fails with: ReauthenticationRequiredError, SecondFactorNotSetUpError; UnauthenticatedError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { replaceRecoveryCodes } from '#core/second-factors/recovery-code.ts';
import { recordSecurityChange } from '#core/second-factors/security-change.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { holdViewer } from '#core/sessions/viewer.ts';
import { SecondFactorNotSetUpError } from '#errors/second-factor-errors.ts';

export type RenewRecoveryCodesSuccess = { recoveryCodes: string[] };

export async function renewRecoveryCodes(ctx: Ctx): Promise<RenewRecoveryCodesSuccess> {
  const viewer = await requireStrongSignIn(ctx);
  return inTransaction(ctx, async (tx) => {
    const user = await holdViewer(tx, viewer);
    if (!user.hasSecondFactor) throw new SecondFactorNotSetUpError();
    const recoveryCodes = await replaceRecoveryCodes(tx, user.id);
    await recordSecurityChange(tx, user, 'recovery_codes_renewed', { at: tx.clock() });
    await auditBy(tx, viewer, 'renew_recovery_codes.completed');
    return { recoveryCodes };
  });
}
