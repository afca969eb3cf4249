/** Renders the email of a job from the rows at the time it is sent: jobs in the outbox contain only ids. */

import { securityChangeEmail, securityNoticeEmail } from '#capabilities/account-security/security-change.email.ts';
import { addressInUseEmail } from '#capabilities/change-email/address-in-use.email.ts';
import { changeEmailEmail } from '#capabilities/change-email/change-email.email.ts';
import { emailChangeNoticeEmail } from '#capabilities/change-email/email-change-notice.email.ts';
import { accountDeletionEmail } from '#capabilities/delete-account/account-deletion.email.ts';
import { invitationEmail } from '#capabilities/invitations/invitation.email.ts';
import { manyFailuresEmail } from '#capabilities/login/many-failures.email.ts';
import { newDeviceEmail } from '#capabilities/login/new-device.email.ts';
import { signInAfterFailuresEmail } from '#capabilities/login/sign-in-after-failures.email.ts';
import { signInEmail } from '#capabilities/login-with-email/sign-in.email.ts';
import { ownerChangeEmail } from '#capabilities/members/owner-change.email.ts';
import { sessionElsewhereEmail } from '#capabilities/refresh/session-elsewhere.email.ts';
import { sessionReplayedEmail } from '#capabilities/refresh/session-replayed.email.ts';
import { alreadyRegisteredEmail } from '#capabilities/register/already-registered.email.ts';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { resetSecondFactorsEmail } from '#capabilities/second-factor-reset/reset-second-factors.email.ts';
import { identifiersChangedEmail } from '#capabilities/update-profile/identifiers-changed.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { serviceNameOf } from '#config/brand/brand-settings.ts';
import { describeClaimedAccount } from '#core/accounts/claimed-account.ts';
import { warnBeforeAddressChange, warnOfFormerAddresses } from '#core/accounts/former-address.ts';
import { HELD_DAYS } from '#core/accounts/former-identifier.ts';
import { sessionRef } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { DEFAULT_LOCALE, type Locale, parseLocale } from '#core/locale.ts';
import type { Addressee, Mail } from '#core/mail/mail.ts';
import { linkTo, type MailedPage } from '#core/mail/mail-link.ts';
import type { MailJob } from '#core/mail/outbox.ts';
import { findOpenInvitation, invitationCode, invitationToken } from '#core/organizations/invitation.ts';
import { findUsableChallenge } from '#core/proofs/challenge.ts';
import type { MailboxPurpose } from '#core/proofs/challenge-purpose.ts';
import { challengeCode, challengeToken } from '#core/proofs/challenge-token.ts';
import type { SecurityChangeKind } from '#core/second-factors/security-change.ts';
import { findSession } from '#core/sessions/session.ts';
import { DAY_SECONDS, daysAfter, minutesAfter, secondsBetween } from '#core/time.ts';
import type { Challenge, User } from '#generated/prisma/client.ts';

/** The email of a job, or null if it is no longer relevant. */
export async function renderMail(ctx: Ctx, job: MailJob): Promise<Mail | null> {
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
    case 'invitation':
      return renderInvitation(ctx, job);
    case 'already-registered': {
      const user = await ctx.db.user.findUnique({ where: { id: job.userId } });
      return user && alreadyRegisteredEmail(addressed(ctx, user));
    }
    case 'password-changed': {
      const user = await ctx.db.user.findUnique({ where: { id: job.userId } });
      if (user === null) return null;
      const to = addressed(ctx, user);
      return passwordChangedEmail({
        ...to,
        at: new Date(job.at),
        signedOut: job.signedOut ?? 'everywhere',
        former: await warnOfFormerAddresses(ctx, user, to.locale),
      });
    }
    case 'owner-change': {
      const [user, organization, owner] = await Promise.all([
        ctx.db.user.findUnique({ where: { id: job.userId } }),
        ctx.db.organization.findUnique({ where: { id: job.organizationId } }),
        ctx.db.user.findUnique({ where: { id: job.ownerId } }),
      ]);
      if (user === null || organization === null) return null;
      const change = { event: job.event, at: new Date(job.at) };
      const names = { ownerName: owner?.name ?? null, organizationName: organization.name };
      return ownerChangeEmail({ ...addressed(ctx, user), ...change, ...names });
    }
    case 'identifiers-changed': {
      const user = await ctx.db.user.findUnique({ where: { id: job.userId } });
      if (user === null) return null;
      const { changed, isHeld, at } = job;
      return identifiersChangedEmail({
        ...addressed(ctx, user),
        changed,
        heldUntil: isHeld ? daysAfter(new Date(at), HELD_DAYS) : null,
        at: new Date(at),
      });
    }
    case 'security-change':
      return renderSecurityChange(ctx, job.challengeId);
    case 'security-notice': {
      const user = await ctx.db.user.findUnique({ where: { id: job.userId } });
      const { notice, left = 0 } = job;
      return user && securityNoticeEmail({ ...addressed(ctx, user), notice, left, at: new Date(job.at) });
    }
    case 'session-replayed': {
      const found = await findSession(ctx, job.sessionId);
      if (found === null) return null;
      const { userAgent, ipAddress } = found.session;
      return sessionReplayedEmail({ ...addressed(ctx, found.user), at: new Date(job.at), userAgent, ipAddress });
    }
    case 'session-elsewhere': {
      const found = await findSession(ctx, job.sessionId);
      if (found === null) return null;
      // Where it was seen is in the audit log only.
      const { isRefused, at } = job;
      const name: AuditEventName = isRefused ? 'refresh.denied' : 'refresh.elsewhere';
      // Recorded when the job was made. From then on, so that the search is not through every month.
      const since = { occurredAt: { gte: minutesAfter(new Date(at), -1) } };
      const ofSession = { name, sessionRef: sessionRef(ctx, job.sessionId) };
      const event = await ctx.db.auditEvent.findFirst({ where: { ...ofSession, ...since } });
      const seen = { userAgent: event?.userAgent ?? null, ipAddress: event?.ipAddress ?? null };
      return sessionElsewhereEmail({ ...addressed(ctx, found.user), ...seen, isRefused, at: new Date(at) });
    }
    case 'new-device': {
      const found = await findSession(ctx, job.sessionId);
      if (found === null) return null;
      const { userAgent, ipAddress } = found.session;
      return newDeviceEmail({ ...addressed(ctx, found.user), at: new Date(job.at), userAgent, ipAddress });
    }
    case 'many-failures': {
      const user = await ctx.db.user.findUnique({ where: { id: job.userId } });
      return user && manyFailuresEmail({ ...addressed(ctx, user), at: new Date(job.at) });
    }
    case 'sign-in-after-failures': {
      const found = await findSession(ctx, job.sessionId);
      if (found === null) return null;
      const { userAgent, ipAddress } = found.session;
      const signIn = { failures: job.failures, at: new Date(job.at), userAgent, ipAddress };
      return signInAfterFailuresEmail({ ...addressed(ctx, found.user), ...signIn });
    }
  }
}

type ProofJob = Extract<MailJob, { mail: MailboxPurpose }>;
type UndoJob = Extract<MailJob, { mail: 'email-change-notice' | 'account-deletion' }>;

async function renderProof(ctx: Ctx, job: ProofJob): Promise<Mail | null> {
  const found = await findUsableChallenge(ctx, job.challengeId);
  if (found === null) return null;
  const own = addressed(ctx, found.user);
  const asked = job.mail === 'sign-in-with-email' ? languageOf(ctx, job.locale) : null;
  const to = { ...own, ...asked, to: found.address };
  const code = challengeCode(ctx.secrets, found);
  const link = linkOf(ctx, job.mail, found, to.language);
  // The time left now, because the email may have waited for the mail server.
  const minutesTo = (end: Date) => Math.max(0, Math.ceil(secondsBetween(ctx.clock(), end) / 60));
  const [codeMinutes, linkMinutes] = [minutesTo(found.codeExpiresAt), minutesTo(found.expiresAt)];
  switch (job.mail) {
    case 'verify-email':
      return verifyEmailEmail({
        ...to,
        code,
        link,
        rejectLink: linkOf(ctx, 'reject-registration', found, to.language),
        codeMinutes,
        linkHours: Math.max(1, Math.round(linkMinutes / 60)),
        account: await describeClaimedAccount(ctx, found.user, to.locale),
      });
    case 'reset-password':
      return resetPasswordEmail({
        ...to,
        code,
        link,
        codeMinutes,
        linkMinutes,
        occasion: found.user.passwordHash !== null ? 'forgotten' : job.isSecured ? 'secured' : 'first',
        former: await warnOfFormerAddresses(ctx, found.user, to.locale),
      });
    case 'sign-in-with-email':
      return signInEmail({ ...to, code, link, codeMinutes, linkMinutes });
    case 'reset-second-factors':
      return resetSecondFactorsEmail({ ...to, link, linkMinutes });
    case 'change-email': {
      // An owner who has verified the address is told and gets no code. An unverified registration has no say.
      const holder = await ctx.db.user.findUnique({ where: { email: found.address } });
      return holder !== null && holder.emailVerifiedAt !== null
        ? addressInUseEmail(addressed(ctx, holder))
        : changeEmailEmail({
            ...to,
            code,
            link,
            codeMinutes,
            linkMinutes,
            warning: warnBeforeAddressChange(found.user, to.locale),
          });
    }
  }
}

async function renderUndo(ctx: Ctx, job: UndoJob): Promise<Mail | null> {
  const found = await findUsableChallenge(ctx, job.challengeId);
  if (found === null) return null;
  const to = { ...addressed(ctx, found.user), to: found.address };
  if (job.mail === 'account-deletion') {
    const link = linkOf(ctx, 'undo-account-deletion', found, to.language);
    return accountDeletionEmail({ ...to, link, deletesAt: found.expiresAt });
  }
  const link = linkOf(ctx, 'undo-email-change', found, to.language);
  const { event, at } = job;
  return emailChangeNoticeEmail({ ...to, event, at: new Date(at), link, linkEndsAt: found.expiresAt });
}

/** Null once it was undone, or a request that waits was called off. */
async function renderSecurityChange(ctx: Ctx, challengeId: string): Promise<Mail | null> {
  const found = await findUsableChallenge(ctx, challengeId);
  const change = found?.subjectId && (await ctx.db.securityChange.findUnique({ where: { id: found.subjectId } }));
  if (!found || !change || change.undoneAt !== null) return null;
  const { userAgent, ipAddress, createdAt: at } = change;
  const kind = change.kind as SecurityChangeKind;
  const resetsAt = found.user.factorsResetAt;
  if (kind === 'reset_requested' && resetsAt === null) return null;
  const to = { ...addressed(ctx, found.user), to: found.address };
  const link = linkOf(ctx, 'undo-security-change', found, to.language);
  const seen = { userAgent, ipAddress, at, resetsAt };
  return securityChangeEmail({ ...to, ...seen, kind, link, linkEndsAt: found.expiresAt });
}

function linkOf(ctx: Ctx, page: MailedPage, challenge: Challenge, language: string): string {
  return linkTo(ctx.config, page, challengeToken(ctx.secrets, challenge), language);
}

/** Null if it was answered, revoked, or renewed, has expired, or its organization cannot be used. */
async function renderInvitation(
  ctx: Ctx,
  { invitationId, generation }: { invitationId: string; generation: number },
): Promise<Mail | null> {
  const found = await findOpenInvitation(ctx, { id: invitationId, generation });
  if (found === null) return null;
  const language = languageOf(ctx, found.locale) ?? { locale: DEFAULT_LOCALE, language: DEFAULT_LOCALE };
  const token = invitationToken(ctx.secrets, found);
  return invitationEmail({
    to: found.email,
    ...language,
    organizationName: found.organization.name,
    inviterName: found.invitedBy?.name ?? null,
    ...senderOf(ctx),
    code: invitationCode(ctx.secrets, found),
    link: linkTo(ctx.config, 'accept-invitation', token, language.language),
    days: Math.max(1, Math.round(secondsBetween(ctx.clock(), found.expiresAt) / DAY_SECONDS)),
  });
}

function addressed(ctx: Ctx, user: User): Addressee & Language {
  const language = languageOf(ctx, user.locale) ?? { locale: DEFAULT_LOCALE, language: DEFAULT_LOCALE };
  return { to: user.email, name: user.name, ...language, ...senderOf(ctx) };
}

type Language = { locale: Locale; language: string };

/** The language, and the one of our texts where there is no template in it. Null if it is unknown. */
function languageOf({ templates }: Ctx, tag: string | undefined): Language | null {
  const language = parseLocale(tag, templates.languages);
  return language === null ? null : { language, locale: parseLocale(language) ?? DEFAULT_LOCALE };
}

function senderOf({ config, templates }: Ctx): Pick<Addressee, 'service' | 'hasPasswords' | 'brand' | 'templates'> {
  const hasPasswords = config.signInMethods.includes('password');
  return { service: serviceNameOf(config), hasPasswords, brand: config.brand, templates };
}
