/** Renders the email of a job from the rows at the time it is sent: jobs in the outbox contain only ids. */
import { passwordSuspendedEmail } from '#capabilities/confirm-login/password-suspended.email.ts';
import { invitationEmail } from '#capabilities/invitations/invitation.email.ts';
import { manyFailuresEmail } from '#capabilities/login/many-failures.email.ts';
import { newDeviceEmail } from '#capabilities/login/new-device.email.ts';
import { signInAfterFailuresEmail } from '#capabilities/login/sign-in-after-failures.email.ts';
import { ownerChangeEmail } from '#capabilities/members/owner-change.email.ts';
import { recoveryCodeUsedEmail } from '#capabilities/recovery-codes/recovery-code-used.email.ts';
import { sessionElsewhereEmail } from '#capabilities/refresh/session-elsewhere.email.ts';
import { sessionReplayedEmail } from '#capabilities/refresh/session-replayed.email.ts';
import { alreadyRegisteredEmail } from '#capabilities/register/already-registered.email.ts';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { identifiersChangedEmail } from '#capabilities/update-profile/identifiers-changed.email.ts';
import { warnOfFormerAddresses } from '#core/accounts/former-address.ts';
import { HELD_DAYS } from '#core/accounts/former-identifier.ts';
import { sessionRef } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import type { Mail } from '#core/mail/mail.ts';
import { linkTo } from '#core/mail/mail-link.ts';
import { suitsMethods } from '#core/mail/mail-values.ts';
import type { MailJob } from '#core/mail/outbox.ts';
import { findOpenInvitation, invitationCode, invitationToken } from '#core/organizations/invitation.ts';
import { findSession } from '#core/sessions/session.ts';
import { DAY_SECONDS, daysAfter, minutesAfter, secondsBetween } from '#core/time.ts';
import type { User } from '#generated/prisma/client.ts';
import { addressed, languageOrDefault, type Recipient, senderOf } from './mail-addressee.ts';
import { renderProof, renderSecurityChange, renderUndo } from './render-challenge-mail.ts';

/**
 * The email of a job, or null if it is no longer relevant: what it is about has ended, or since it was queued, its way
 * to sign in was closed (SIGN_IN_METHODS).
 */
export async function renderMail(ctx: Ctx, job: MailJob): Promise<Mail | null> {
  const mail = await render(ctx, job);
  return mail !== null && suitsMethods(mail.name, ctx.config.signInMethods) ? mail : null;
}

async function render(ctx: Ctx, job: MailJob): Promise<Mail | null> {
  switch (job.mail) {
    case 'verify-email':
    case 'reset-password':
    case 'change-email':
    case 'sign-in-with-email':
    case 'reset-second-factors':
      return renderProof(ctx, job);
    case 'email-change-notice':
    case 'account-deletion':
      return renderUndo(ctx, job);
    case 'security-change':
      return renderSecurityChange(ctx, job.challengeId);
    case 'invitation':
      return renderInvitation(ctx, job);
    case 'already-registered':
      return toUser(ctx, job.userId, alreadyRegisteredEmail);
    case 'password-changed':
      return toUser(ctx, job.userId, async (to, user) => {
        const former = await warnOfFormerAddresses(ctx, user, to.locale);
        return passwordChangedEmail({ ...to, at: new Date(job.at), signedOut: job.signedOut ?? 'everywhere', former });
      });
    case 'owner-change':
      return renderOwnerChange(ctx, job);
    case 'identifiers-changed':
      return toUser(ctx, job.userId, (to) => {
        const at = new Date(job.at);
        const heldUntil = job.isHeld ? daysAfter(at, HELD_DAYS) : null;
        return identifiersChangedEmail({ ...to, changed: job.changed, heldUntil, at });
      });
    case 'security-notice':
      return toUser(ctx, job.userId, (to) => {
        const at = new Date(job.at);
        return job.notice === 'recovery_code_used'
          ? recoveryCodeUsedEmail({ ...to, at, left: job.left ?? 0 })
          : passwordSuspendedEmail({ ...to, at });
      });
    case 'many-failures':
      return toUser(ctx, job.userId, (to) => manyFailuresEmail({ ...to, at: new Date(job.at) }));
    case 'session-replayed':
      return aboutSession(ctx, job, sessionReplayedEmail);
    case 'new-device':
      return aboutSession(ctx, job, newDeviceEmail);
    case 'sign-in-after-failures':
      return aboutSession(ctx, job, (mail) => signInAfterFailuresEmail({ ...mail, failures: job.failures }));
    case 'session-elsewhere':
      return renderSessionElsewhere(ctx, job);
  }
}

/** An email to the owner of an account; null if the account no longer exists. */
async function toUser(
  ctx: Ctx,
  id: string,
  write: (to: Recipient, user: User) => Mail | Promise<Mail>,
): Promise<Mail | null> {
  const user = await ctx.db.user.findUnique({ where: { id } });
  return user && write(addressed(ctx, user), user);
}

type AboutSession = Recipient & { at: Date; userAgent: string | null; ipAddress: string | null };

/** An email to the owner of a session, with the place where it began; null if the session no longer exists. */
async function aboutSession(
  ctx: Ctx,
  { sessionId, at }: { sessionId: string; at: string },
  write: (mail: AboutSession) => Mail,
): Promise<Mail | null> {
  const found = await findSession(ctx, sessionId);
  if (found === null) return null;
  const { userAgent, ipAddress } = found.session;
  return write({ ...addressed(ctx, found.user), at: new Date(at), userAgent, ipAddress });
}

type JobOf<Name extends MailJob['mail']> = Extract<MailJob, { mail: Name }>;

/** Where the session was seen is in the audit log only. */
async function renderSessionElsewhere(ctx: Ctx, job: JobOf<'session-elsewhere'>): Promise<Mail | null> {
  const found = await findSession(ctx, job.sessionId);
  if (found === null) return null;
  const { isRefused } = job;
  const at = new Date(job.at);
  const name: AuditEventName = isRefused ? 'refresh.denied' : 'refresh.elsewhere';
  // Recorded when the job was made. From then on, so that the search is not through every month.
  const since = { occurredAt: { gte: minutesAfter(at, -1) } };
  const ofSession = { name, sessionRef: sessionRef(ctx, job.sessionId) };
  const event = await ctx.db.auditEvent.findFirst({ where: { ...ofSession, ...since } });
  const seen = { userAgent: event?.userAgent ?? null, ipAddress: event?.ipAddress ?? null };
  return sessionElsewhereEmail({ ...addressed(ctx, found.user), ...seen, isRefused, at });
}

async function renderOwnerChange(ctx: Ctx, job: JobOf<'owner-change'>): Promise<Mail | null> {
  const [organization, owner] = await Promise.all([
    ctx.db.organization.findUnique({ where: { id: job.organizationId } }),
    ctx.db.user.findUnique({ where: { id: job.ownerId } }),
  ]);
  if (organization === null) return null;
  const names = { ownerName: owner?.name ?? null, organizationName: organization.name };
  const change = { event: job.event, at: new Date(job.at) };
  return toUser(ctx, job.userId, (to) => ownerChangeEmail({ ...to, ...change, ...names }));
}

/** Null if it was answered, revoked, or renewed, has expired, or its organization cannot be used. */
async function renderInvitation(ctx: Ctx, { invitationId, generation }: JobOf<'invitation'>): Promise<Mail | null> {
  const found = await findOpenInvitation(ctx, { id: invitationId, generation });
  if (found === null) return null;
  const language = languageOrDefault(ctx, found.locale);
  const token = invitationToken(ctx.secrets, found);
  return invitationEmail({
    to: found.email,
    ...language,
    ...senderOf(ctx),
    organizationName: found.organization.name,
    inviterName: found.invitedBy?.name ?? null,
    code: invitationCode(ctx.secrets, found),
    link: linkTo(ctx.config, 'accept-invitation', token, language.language),
    days: Math.max(1, Math.round(secondsBetween(ctx.clock(), found.expiresAt) / DAY_SECONDS)),
  });
}
