/**
 * Invite an email address to an organization, and send an invitation again.
 *
 * The answer is the same whether or not the address has an account. There is one open invitation per organization and
 * address: inviting again renews it with a new role, a new lifetime of 7 days, and a new code and link. Nobody may
 * assign a role above their own, or change an invitation with such a role. The number of open invitations and of emails
 * is limited per organization, inviter, and address.
 * Fails with: ValidationError, InvalidInvitationError, LimitReachedError, TooManyAttemptsError,
 * OrganizationRequiredError, InvalidOrganizationHeaderError; UnauthenticatedError, ForbiddenError.
 */
import { type Ctx, inTransaction } from '#core/context.ts';
import { type EmailAddress, storedAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { requireNewEmailAddress } from '#core/input/new-email-address.ts';
import { parseId } from '#core/input/uuid.ts';
import type { Budget } from '#core/limits/budget.ts';
import { giveBack, reserve, takeOne } from '#core/limits/throttle.ts';
import { DEFAULT_LOCALE, parseLocale } from '#core/locale.ts';
import { giveBackMail, reserveMail } from '#core/mail/mail-budget.ts';
import { INVITATION_LIFE_DAYS, WAITING } from '#core/organizations/invitation.ts';
import {
  auditIn,
  forbid,
  holdOrganization,
  requireOrganization,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import { type ActingOrganization, isAbove } from '#core/organizations/permissions.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { daysAfter } from '#core/time.ts';
import { InvalidInvitationError, LimitReachedError } from '#errors/domain-errors.ts';
import type { Invitation, MembershipRole } from '#generated/prisma/client.ts';

export type InvitationSuccess = { invitation: Invitation };

const OPEN_INVITATIONS_PER_ORGANIZATION = 200;

export type InviteMemberInput = {
  /** The effective organization when absent. */
  organizationId?: string | null | undefined;
  email: string;
  role: MembershipRole;
  /** Language of the email (BCP 47); the inviter's if absent or unknown. */
  locale?: string | null | undefined;
};

export async function inviteMember(ctx: Ctx, input: InviteMemberInput): Promise<InvitationSuccess> {
  const acting = await requireOrganization(ctx, input.organizationId, 'members:invite');
  const email = requireNewEmailAddress(ctx.config, input.email);
  if (isAbove(input.role, acting.role)) forbid();
  const { user } = await requireViewer(ctx);
  const { languages } = ctx.templates;
  const locale = parseLocale(input.locale, languages) ?? parseLocale(user.locale, languages) ?? DEFAULT_LOCALE;
  return mailed(ctx, acting, email, async (tx, { organization, role }) => {
    if (isAbove(input.role, role)) forbid();
    const { id: organizationId } = organization;
    await refuseMember(tx, organizationId, email);
    const waiting = await tx.db.invitation.findFirst({ where: { organizationId, email, ...WAITING } });
    const isOpen = waiting !== null && waiting.expiresAt > tx.clock();
    if (isOpen && isAbove(waiting.role, role)) forbid();
    if (!isOpen) await requireRoom(tx, organizationId);
    await auditIn(tx, { organization }, 'invite_member.completed');
    const data = { role: input.role, invitedById: user.id, locale };
    return waiting === null
      ? tx.db.invitation.create({ data: { organizationId, email, ...data, ...lifeFrom(tx) } })
      : renew(tx, waiting, data);
  });
}

/** Sends an open or expired invitation again, with a new code and link. */
export async function resendInvitation(ctx: Ctx, input: { invitationId: string }): Promise<InvitationSuccess> {
  const id = parseId(input.invitationId);
  const seen = id === null ? null : await ctx.db.invitation.findUnique({ where: { id } });
  const acting = await requireOrganizationOf(ctx, seen?.organizationId ?? null, 'members:invite');
  if (seen === null || isAbove(seen.role, acting.role)) forbid();
  return mailed(ctx, acting, storedAddress(seen.email), async (tx, { organization, role }) => {
    const waiting = await tx.db.invitation.findUnique({ where: { id: seen.id, ...WAITING } });
    if (waiting === null) throw new InvalidInvitationError();
    if (isAbove(waiting.role, role)) forbid();
    await refuseMember(tx, organization.id, waiting.email);
    if (waiting.expiresAt <= tx.clock()) await requireRoom(tx, organization.id);
    await auditIn(tx, { organization }, 'resend_invitation.completed');
    return renew(tx, waiting, {});
  });
}

/** Creates or renews an invitation and queues its email in one transaction, within all budgets. */
async function mailed(
  ctx: Ctx,
  seen: ActingOrganization,
  email: EmailAddress,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<Invitation>,
): Promise<InvitationSuccess> {
  const { user } = await requireViewer(ctx);
  const budgets: Budget[] = [
    { name: 'invitations-inviter', of: user.id, subjectId: user.id },
    { name: 'invitations-organization', of: seen.organization.id, subjectId: user.id },
  ];
  await reserve(ctx, budgets);
  const within = seen.organization.id;
  try {
    // By organization, so that a refusal reveals nothing about invitations of others.
    await reserveMail(ctx, 'invitation', email, within);
  } catch (error) {
    await giveBack(ctx, budgets);
    throw error;
  }
  const ofAddress: Budget = { name: 'invitations-address', of: email };
  const mayMail = await takeOne(ctx, ofAddress);
  try {
    return await inTransaction(ctx, async (tx) => {
      const acting = await holdOrganization(tx, seen, 'members:invite');
      // Platform admins may act in an organization that is suspended or being deleted, but nobody could accept.
      if (acting.organization.suspendedAt !== null || acting.organization.deletesAt !== null) forbid();
      const invitation = await work(tx, acting);
      if (invitation.role === 'OWNER') await requireStrongSignIn(tx);
      const { id, generation } = invitation;
      if (mayMail) await tx.outbox.queue(tx, { mail: 'invitation', invitationId: id, generation });
      return { invitation };
    });
  } catch (error) {
    await giveBack(ctx, mayMail ? [...budgets, ofAddress] : budgets);
    await giveBackMail(ctx, 'invitation', email, within);
    throw error;
  }
}

async function renew(
  tx: Ctx,
  waiting: Invitation,
  changes: Partial<Pick<Invitation, 'role' | 'invitedById' | 'locale'>>,
): Promise<Invitation> {
  const { expiresAt } = lifeFrom(tx);
  // Guarded, because someone may accept or decline it at the same moment.
  const [renewed] = await tx.db.invitation.updateManyAndReturn({
    where: { id: waiting.id, ...WAITING },
    data: { ...changes, generation: { increment: 1 }, attempts: 0, expiresAt },
  });
  if (renewed === undefined) throw new InvalidInvitationError();
  return renewed;
}

function lifeFrom(tx: Ctx): Pick<Invitation, 'createdAt' | 'expiresAt'> {
  const createdAt = tx.clock();
  return { createdAt, expiresAt: daysAfter(createdAt, INVITATION_LIFE_DAYS) };
}

/** Reveals nothing that the list of members does not show. */
async function refuseMember(tx: Ctx, organizationId: string, email: string): Promise<void> {
  if ((await tx.db.membership.count({ where: { organizationId, user: { email } } })) === 0) return;
  const errors = collectFieldErrors();
  errors.add('email', 'ALREADY_MEMBER', 'This person is already a member.');
  errors.throwIfAny();
}

async function requireRoom(tx: Ctx, organizationId: string): Promise<void> {
  const open = await tx.db.invitation.count({ where: { organizationId, ...WAITING, expiresAt: { gt: tx.clock() } } });
  if (open >= OPEN_INVITATIONS_PER_ORGANIZATION) throw new LimitReachedError(OPEN_INVITATIONS_PER_ORGANIZATION);
}
