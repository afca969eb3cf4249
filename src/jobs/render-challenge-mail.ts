/** Renders the emails that contain the code or link of a challenge. Each is dropped once the challenge has ended. */
import { securityChangeEmail } from '#capabilities/account-security/security-change.email.ts';
import { addressInUseEmail } from '#capabilities/change-email/address-in-use.email.ts';
import { changeEmailEmail } from '#capabilities/change-email/change-email.email.ts';
import { emailChangeNoticeEmail } from '#capabilities/change-email/email-change-notice.email.ts';
import { accountDeletionEmail } from '#capabilities/delete-account/account-deletion.email.ts';
import { signInEmail } from '#capabilities/login-with-email/sign-in.email.ts';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { resetSecondFactorsEmail } from '#capabilities/second-factor-reset/reset-second-factors.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { describeClaimedAccount } from '#core/accounts/claimed-account.ts';
import { warnBeforeAddressChange, warnOfFormerAddresses } from '#core/accounts/former-address.ts';
import type { Ctx } from '#core/context.ts';
import type { Mail } from '#core/mail/mail.ts';
import { linkTo, type MailedPage } from '#core/mail/mail-link.ts';
import type { MailJob } from '#core/mail/outbox.ts';
import { findUsableChallenge } from '#core/proofs/challenge.ts';
import type { MailboxPurpose } from '#core/proofs/challenge-purpose.ts';
import { challengeCode, challengeToken } from '#core/proofs/challenge-token.ts';
import type { SecurityChangeKind } from '#core/second-factors/security-change.ts';
import { secondsBetween } from '#core/time.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import { addressed, languageOf } from './mail-addressee.ts';

type ProofJob = Extract<MailJob, { mail: MailboxPurpose }>;
type UndoJob = Extract<MailJob, { mail: 'email-change-notice' | 'account-deletion' }>;

/** An email whose reader shows with it that the address is theirs. */
export async function renderProof(ctx: Ctx, job: ProofJob): Promise<Mail | null> {
  const found = await findUsableChallenge(ctx, job.challengeId);
  if (found === null) return null;
  const own = addressed(ctx, found.user);
  const asked = job.mail === 'sign-in-with-email' ? languageOf(ctx, job.locale) : null;
  const to = { ...own, ...asked, to: found.address };
  const link = linkOf(ctx, job.mail, found, to.language);
  // The time left now, because the email may have waited for the mail server.
  const minutesTo = (end: Date) => Math.max(0, Math.ceil(secondsBetween(ctx.clock(), end) / 60));
  const [codeMinutes, linkMinutes] = [minutesTo(found.codeExpiresAt), minutesTo(found.expiresAt)];
  const proof = { ...to, code: challengeCode(ctx.secrets, found), link, codeMinutes };
  switch (job.mail) {
    case 'verify-email':
      return verifyEmailEmail({
        ...proof,
        rejectLink: linkOf(ctx, 'reject-registration', found, to.language),
        linkHours: Math.max(1, Math.round(linkMinutes / 60)),
        account: await describeClaimedAccount(ctx, found.user, to.locale),
      });
    case 'reset-password':
      return resetPasswordEmail({
        ...proof,
        linkMinutes,
        occasion: found.user.passwordHash !== null ? 'forgotten' : job.isSecured ? 'secured' : 'first',
        former: await warnOfFormerAddresses(ctx, found.user, to.locale),
      });
    case 'sign-in-with-email':
      return signInEmail({ ...proof, linkMinutes });
    case 'reset-second-factors':
      return resetSecondFactorsEmail({ ...to, link, linkMinutes });
    case 'change-email': {
      // An owner who has verified the address is notified and gets no code. An unverified registration does not count.
      const holder = await ctx.db.user.findUnique({ where: { email: found.address } });
      return holder !== null && holder.emailVerifiedAt !== null
        ? addressInUseEmail(addressed(ctx, holder))
        : changeEmailEmail({ ...proof, linkMinutes, warning: warnBeforeAddressChange(found.user, to.locale) });
    }
  }
}

/** A notice with a link that undoes what it is about. */
export async function renderUndo(ctx: Ctx, job: UndoJob): Promise<Mail | null> {
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

/** Also null once the change was undone, or a removal of factors that it announces was canceled. */
export async function renderSecurityChange(ctx: Ctx, challengeId: string): Promise<Mail | null> {
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
