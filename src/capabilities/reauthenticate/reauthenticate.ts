/**
 * Confirm the viewer's identity within a session. Sensitive actions require it when the last sign-in is too old.
 *
 * The password counts against the same budgets as a sign-in. The confirmation is valid for this session only. Someone
 * whose account has no password signs in again, or sets one with `resetPassword`.
 * Fails with: InvalidCredentialsError, TooManyAttemptsError, ServiceBusyError; UnauthenticatedError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { recentSignInEndsAt } from '#core/sessions/recent-sign-in.ts';
import { holdViewer } from '#core/sessions/viewer.ts';
import { InvalidCredentialsError } from '#errors.ts';

export type ReauthenticateSuccess = {
  /** Until when sensitive actions do not ask again. */
  validUntil: Date;
};

export async function reauthenticate(ctx: Ctx, input: { password: string }): Promise<ReauthenticateSuccess> {
  const { user, session } = await requirePassword(ctx, input.password, 'reauthenticate.failed');
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, { user, session });
    // The password was changed in the meantime, so the one that was checked is no longer valid.
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const authenticatedAt = tx.clock();
    await tx.db.session.update({ where: { id: session.id }, data: { authenticatedAt } });
    await auditBy(tx, { user, session }, 'reauthenticate.completed');
    return { validUntil: recentSignInEndsAt(tx, { authenticatedAt }) };
  });
}
