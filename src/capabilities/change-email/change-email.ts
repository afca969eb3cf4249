/**
 * Change the email address of the account. The old address stays in use until the new one is verified with a code or
 * link sent to it, which ends with the session that requested it.
 *
 * Anyone who reads the new address is warned before confirming that the old one stays in charge for these seven days:
 * the account may be a stranger's.
 *
 * The answer is the same whether or not the new address has an account; its owner gets a notice instead of a code. The
 * old address is notified when the change is requested and when it is made, with a link that undoes it for seven days,
 * whatever else has happened since: it restores the address, the username, the phone number, and the second factors,
 * ends every session, invalidates the password, which the intruder may know or have set, and emails a link to choose a
 * new one, where passwords sign in. It also undoes a deletion of the account.
 * Fails with: ReauthenticationRequiredError, InvalidCodeError, EmailTakenError (only for someone who reads the
 * address), TooManyAttemptsError, ValidationError; UnauthenticatedError.
 */
import { UNDO_DAYS, warnBeforeAddressChange } from '#core/accounts/former-address.ts';
import { holdFormerIdentifiers } from '#core/accounts/former-identifier.ts';
import { reclaimIdentifiers } from '#core/accounts/identifier-claim.ts';
import { setVerifiedAddress } from '#core/accounts/verified-address.ts';
import { audit, auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { type EmailAddress, storedAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptNewEmailAddress } from '#core/input/new-email-address.ts';
import { reserve } from '#core/limits/throttle.ts';
import type { Locale } from '#core/locale.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { endChallenges, issueChallenge, previewChallenge } from '#core/proofs/challenge.ts';
import { mailPasswordLink } from '#core/proofs/password-link.ts';
import { answerLinkProof, answerOwnProof, type ValidProof } from '#core/proofs/proof.ts';
import { endLaterUndoLinks, keepUndoLink } from '#core/proofs/undo-link.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { LIFT_SUSPENSION } from '#core/second-factors/password-suspension.ts';
import { revertSecurityChanges } from '#core/second-factors/security-change.ts';
import { endTrustedDevices } from '#core/second-factors/trusted-device.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { daysAfter } from '#core/time.ts';
import { isUsableAccount, USABLE_ACCOUNT } from '#core/usable.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type RequestEmailChangeSuccess = { newEmail: string; resendAvailableAt: Date };
export type ConfirmEmailChangeInput = { token?: string | null | undefined; code?: string | null | undefined };
export type EmailChangeSuccess = { user: User };

export async function requestEmailChange(ctx: Ctx, input: { newEmail: string }): Promise<RequestEmailChangeSuccess> {
  const viewer = await requireStrongSignIn(ctx);
  const { user, session } = viewer;
  const newEmail = requireNewAddress(ctx, input.newEmail, user.email);
  // For all addresses together, because each request also sends an email to the current address.
  await reserve(ctx, [{ name: 'email-change', of: user.id, subjectId: user.id }]);
  const resendAvailableAt = await reserveMail(ctx, 'change-email', newEmail);
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, viewer);
    // Whether the address has an account is checked only when the email is rendered, so nothing here depends on it.
    const proof = await issueChallenge(
      tx,
      'change-email',
      { id: user.id, email: newEmail },
      {
        sessionId: session.id,
      },
    );
    await tx.outbox.queue(tx, { mail: 'change-email', challengeId: proof.id });
    await tellOldAddress(tx, current, 'requested');
    await auditBy(tx, { user, session }, 'change_email.requested');
    return { newEmail, resendAvailableAt };
  });
}

/** What the link to confirm would do, in words for its page; null when it can no longer be used. Changes nothing. */
export async function previewEmailChange(
  ctx: Ctx,
  { token, locale }: { token: string; locale: Locale },
): Promise<string | null> {
  const challenge = await previewChallenge(ctx, 'change-email', token);
  return challenge && warnBeforeAddressChange(challenge.user, locale).warning;
}

export async function confirmEmailChange(ctx: Ctx, input: ConfirmEmailChangeInput): Promise<EmailChangeSuccess> {
  return answerOwnProof(ctx, { purpose: 'change-email', operation: 'confirm-email-change' }, input, {
    first: (proof) => changeAddress(ctx, proof, input),
    again: async ({ id, address }) => {
      const user = await ctx.db.user.findUnique({ where: { id, email: address, ...USABLE_ACCOUNT } });
      return user && { user };
    },
  });
}

async function changeAddress(
  ctx: Ctx,
  { challenge, consume }: ValidProof,
  input: ConfirmEmailChangeInput,
): Promise<EmailChangeSuccess> {
  // The link works without a session: someone else may be signed in where it is opened.
  const viewer = input.token ? null : await requireViewer(ctx);
  return inTransaction(ctx, async (tx) => {
    await consume(tx);
    if (viewer !== null) await holdViewer(tx, viewer);
    const before = await tx.db.user.findUniqueOrThrow({ where: { id: challenge.userId } });
    if (!isUsableAccount(before)) throw new InvalidCodeError();
    const user = await setVerifiedAddress(tx, before.id, storedAddress(challenge.address));
    // This ends reset links that were sent to the old address.
    await endChallenges(tx, user.id);
    await endTrustedDevices(tx, user.id);
    await removeLegacyPasswords(tx, user.id);
    await tellOldAddress(tx, before, 'changed');
    await audit(tx, 'change_email.completed', user.id, { actorId: user.id, sessionId: viewer?.session.id ?? null });
    return { user };
  });
}

export async function undoEmailChange(ctx: Ctx, input: { token: string }): Promise<EmailChangeSuccess> {
  return answerLinkProof(ctx, { purpose: 'undo-email-change', operation: 'undo-email-change' }, input.token, {
    first: (proof) => restoreAddress(ctx, proof),
    again: async ({ id, address }) => {
      // Until the owner has chosen a new password with the link that was sent to them.
      const restored = { email: address, passwordHash: null, ...USABLE_ACCOUNT };
      const user = await ctx.db.user.findUnique({ where: { id, ...restored } });
      return user && { user };
    },
  });
}

async function restoreAddress(ctx: Ctx, { challenge, consume }: ValidProof): Promise<EmailChangeSuccess> {
  return inTransaction(ctx, async (tx) => {
    const former = challenge.bringsBack ? await reclaimIdentifiers(tx, challenge, { id: challenge.userId }) : {};
    await consume(tx);
    const before = await tx.db.user.findUniqueOrThrow({ where: { id: challenge.userId } });
    const changes = { ...former, passwordHash: null, deletesAt: null, ...LIFT_SUSPENSION };
    const user = await setVerifiedAddress(tx, challenge.userId, storedAddress(challenge.address), changes);
    await holdFormerIdentifiers(tx, before, user);
    await endChallenges(tx, user.id);
    await revertSecurityChanges(tx, user.id, challenge.createdAt);
    await endLaterUndoLinks(tx, challenge);
    await endSessions(tx, user.id, 'email_changed');
    await audit(tx, 'change_email.undone', user.id);
    if (isOpenMethod(tx, 'password')) await mailPasswordLink(tx, user, { isSecured: true });
    return { user };
  });
}

async function tellOldAddress(tx: Ctx, user: User, event: 'requested' | 'changed'): Promise<void> {
  const endsAt = daysAfter(tx.clock(), UNDO_DAYS);
  const undo = await keepUndoLink(tx, 'undo-email-change', user, endsAt);
  const at = tx.clock().toISOString();
  await tx.outbox.queue(tx, { mail: 'email-change-notice', challengeId: undo.id, event, at });
}

function requireNewAddress({ config }: Ctx, input: string, current: string): EmailAddress {
  const errors = collectFieldErrors();
  const newEmail = acceptNewEmailAddress(config, input, errors, 'newEmail');
  if (newEmail === current) errors.add('newEmail', 'NOT_ALLOWED', 'This is already the email address of your account.');
  errors.throwIfAny();
  return newEmail;
}
