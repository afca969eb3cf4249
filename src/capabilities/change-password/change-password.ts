/**
 * Choose a new password while signed in, with the current one; for an account without a password, the first one.
 *
 * A wrong current password counts like one at sign-in: a stolen access token allows no additional guesses. An account
 * with a second factor is asked for that as well, because a stolen session and a known password must not be enough; one
 * without a password needs a recent sign-in. The other sessions end by default, every pending reset link becomes
 * invalid, and the owner is notified. OWASP ASVS 5.0 sections 6.2.2, 6.2.3, and 7.4.3.
 * Fails with: InvalidCredentialsError, ReauthenticationRequiredError, TooManyAttemptsError, ServiceBusyError,
 * ValidationError; UnauthenticatedError; ForbiddenError where passwords do not sign in (SIGN_IN_METHODS).
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { refuseBreachedPassword } from '#core/passwords/breached-password.ts';
import { acceptNewPassword, normalizePassword } from '#core/passwords/password.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import { endChallenges } from '#core/proofs/challenge.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { LIFT_SUSPENSION } from '#core/second-factors/password-suspension.ts';
import { endTrustedDevices } from '#core/second-factors/trusted-device.ts';
import { requireRecentFactor, requireRecentSignIn } from '#core/sessions/recent-sign-in.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { requireOpenMethod } from '#core/sign-in-methods.ts';
import { InvalidCredentialsError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type ChangePasswordInput = {
  /** Absent for an account without a password. */
  currentPassword?: string | null | undefined;
  newPassword: string;
  endOtherSessions: boolean;
};
export type ChangePasswordSuccess = { endedSessions: number };

export async function changePassword(ctx: Ctx, input: ChangePasswordInput): Promise<ChangePasswordSuccess> {
  const viewer = await requireViewer(ctx);
  requireOpenMethod(ctx, 'password');
  // Check the new password first, because that does not count as a guess.
  const password = requireAcceptable(ctx, input, viewer.user);
  const { user, session } = await requireOwner(ctx, input);
  await refuseBreachedPassword(ctx, { name: 'newPassword', password });
  const passwordHash = await ctx.passwordHasher.hash(password, { goesFirst: true });
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, { user, session });
    // Of two changes at once, the first wins: the password sent with the second is no longer the current one.
    if (current.passwordHash !== user.passwordHash) throw new InvalidCredentialsError();
    const now = tx.clock();
    await tx.db.user.update({ where: { id: user.id }, data: { passwordHash, updatedAt: now, ...LIFT_SUSPENSION } });
    await endChallenges(tx, user.id);
    await endTrustedDevices(tx, user.id);
    await removeLegacyPasswords(tx, user.id);
    // A concurrent sign-in with the old password holds the user's row, so its session is visible here.
    const endedSessions = input.endOtherSessions ? await endSessions(tx, user.id, 'password_changed', session.id) : 0;
    await auditBy(tx, { user, session }, 'change_password.completed');
    const signedOut = input.endOtherSessions ? 'elsewhere' : 'nowhere';
    await tx.outbox.queue(tx, { mail: 'password-changed', userId: user.id, at: now.toISOString(), signedOut });
    return { endedSessions };
  });
}

async function requireOwner(ctx: Ctx, { currentPassword }: ChangePasswordInput): Promise<Viewer> {
  await requireRecentFactor(ctx);
  return currentPassword == null
    ? requireRecentSignIn(ctx)
    : requirePassword(ctx, currentPassword, 'change_password.failed');
}

function requireAcceptable(ctx: Ctx, input: ChangePasswordInput, user: User) {
  const { name, email, username, phone, passwordHash } = user;
  const errors = collectFieldErrors();
  const currentPassword = input.currentPassword ?? '';
  const isGiven = currentPassword !== '' || (input.currentPassword == null && passwordHash === null);
  if (!isGiven) errors.add('currentPassword', 'REQUIRED', 'Please enter your current password.');
  const personal = [name, email, username, phone];
  const password = acceptNewPassword(ctx, { name: 'newPassword', value: input.newPassword, personal }, errors);
  if (password !== '' && password === normalizePassword(currentPassword)) {
    errors.add('newPassword', 'NOT_ALLOWED', 'The new password is the same as the current one.');
  }
  errors.throwIfAny();
  return password;
}
