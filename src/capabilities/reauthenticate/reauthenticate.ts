/**
 * Show again who one is, in a session that goes on: what is sensitive asks for it when the last proof is too old.
 *
 * The password is counted by the same budgets as a login. The proof holds for this session alone and is lost with it;
 * an account without a password logs in again, or sets one by `resetPassword`.
 * Fails with: InvalidCredentialsError, TooManyAttemptsError, ServiceBusyError; UnauthenticatedError.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { recentSignInEndsAt } from '#core/sessions/recent-sign-in.ts';
import { holdViewer } from '#core/sessions/viewer.ts';
import { InvalidCredentialsError } from '#errors.ts';

export type ReauthenticateSuccess = {
  /** Until when nothing asks again. */
  validUntil: Date;
};

export async function reauthenticate(ctx: Ctx, input: { password: string }): Promise<ReauthenticateSuccess> {
  const { user, session } = await requirePassword(ctx, input.password, 'reauthenticate.failed');
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, { user, session });
    // Changed meanwhile: what was shown is not the password any more.
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const authenticatedAt = tx.clock();
    await tx.db.session.update({ where: { id: session.id }, data: { authenticatedAt } });
    await audit(tx, 'reauthenticate.completed', user.id, { actorId: user.id, sessionId: session.id });
    return { validUntil: recentSignInEndsAt(tx, { authenticatedAt }) };
  });
}
