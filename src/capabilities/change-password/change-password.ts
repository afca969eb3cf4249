/**
 * Choose a new password while signed in, with the current one.
 *
 * A wrong current password counts like one at sign-in: a stolen access token allows no additional guesses. The other
 * sessions end by default, every pending reset link becomes invalid, and the owner is notified. An account without a
 * password sets its first one with `resetPassword`. OWASP ASVS 5.0 sections 6.2.2, 6.2.3, and 7.4.3.
 * Fails with: InvalidCredentialsError, TooManyAttemptsError, ServiceBusyError, ValidationError; UnauthenticatedError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptNewPassword, normalizePassword } from '#core/passwords/password.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { endChallenges } from '#core/proofs/challenge.ts';
import { LIFT_SUSPENSION } from '#core/second-factors/password-suspension.ts';
import { endTrustedDevices } from '#core/second-factors/trusted-device.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { InvalidCredentialsError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type ChangePasswordInput = { currentPassword: string; newPassword: string; endOtherSessions: boolean };
export type ChangePasswordSuccess = { endedSessions: number };

export async function changePassword(ctx: Ctx, input: ChangePasswordInput): Promise<ChangePasswordSuccess> {
  // Check the new password first, because that does not count as a guess.
  const password = requireAcceptable(ctx, input, (await requireViewer(ctx)).user);
  const { user, session } = await requirePassword(ctx, input.currentPassword, 'change_password.failed');
  const passwordHash = await ctx.passwordHasher.hash(password);
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, { user, session });
    // Of two changes at once, the first wins: the password sent with the second is no longer the current one.
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const now = tx.clock();
    await tx.db.user.update({ where: { id: user.id }, data: { passwordHash, updatedAt: now, ...LIFT_SUSPENSION } });
    await tx.db.session.update({ where: { id: session.id }, data: { authenticatedAt: now } });
    await endChallenges(tx, user.id);
    await endTrustedDevices(tx, user.id);
    // A concurrent sign-in with the old password holds the user's row, so its session is visible here.
    const endedSessions = input.endOtherSessions ? await endSessions(tx, user.id, 'password_changed', session.id) : 0;
    await auditBy(tx, { user, session }, 'change_password.completed');
    const signedOut = input.endOtherSessions ? 'elsewhere' : 'nowhere';
    await tx.outbox.queue(tx, { mail: 'password-changed', userId: user.id, at: now.toISOString(), signedOut });
    return { endedSessions };
  });
}

function requireAcceptable(ctx: Ctx, input: ChangePasswordInput, { name, email, username, phone }: User) {
  const errors = collectFieldErrors();
  if (input.currentPassword === '') errors.add('currentPassword', 'REQUIRED', 'Please enter your current password.');
  const personal = [name, email, username, phone];
  const password = acceptNewPassword(ctx, { name: 'newPassword', value: input.newPassword, personal }, errors);
  if (password !== '' && password === normalizePassword(input.currentPassword)) {
    errors.add('newPassword', 'NOT_ALLOWED', 'The new password is the same as the current one.');
  }
  errors.throwIfAny();
  return password;
}
