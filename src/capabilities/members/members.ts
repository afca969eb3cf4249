/**
 * The members of an organization and their roles.
 *
 * Nobody may assign a role above their own, change or remove someone who has one, or raise their own role, not even an
 * administrator of the group. The last owner cannot leave, be removed, be given a lower role, or transfer ownership to
 * someone who cannot act. Owners are counted in the transaction that locks the organization's row, so of two who leave
 * at once, one stays. A removal takes effect with the next request.
 * Fails with: LastOwnerError, ReauthenticationRequiredError, InvalidOrganizationHeaderError; UnauthenticatedError,
 * ForbiddenError.
 */

import type { Ctx } from '#core/context.ts';
import { startOfPage } from '#core/input/list-page.ts';
import { parseId } from '#core/input/uuid.ts';
import { revokeInvitations } from '#core/organizations/invitation.ts';
import {
  auditIn,
  changeOrganizationOf,
  forbid,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import { notifyOwners } from '#core/organizations/owners.ts';
import { type ActingOrganization, isAbove, type Permission } from '#core/organizations/permissions.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { requireAdminRole } from '#core/sessions/second-factor-policy.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { USABLE_ACCOUNT } from '#core/usable.ts';
import { LastOwnerError } from '#errors/domain-errors.ts';
import type { Membership, MembershipRole, Prisma } from '#generated/prisma/client.ts';

/** A page as a face requests it. */
type Page = Prisma.MembershipFindManyArgs;

export type MembershipSuccess = { membership: Membership };
export type EndedMembershipSuccess = { membershipId: string };

/** The members of an organization, earliest first. */
export async function listMembers(
  ctx: Ctx,
  { organizationId, page }: { organizationId: string; page: Page },
): Promise<Membership[]> {
  await requireOrganizationOf(ctx, organizationId, 'members:read');
  const createdAt = await startOfPage(page, 'asc', async (id) => {
    const row = await ctx.db.membership.findUnique({ where: { id, organizationId }, select: { createdAt: true } });
    return row?.createdAt;
  });
  if (createdAt === null) return [];
  return ctx.db.membership.findMany({
    ...page,
    where: { organizationId, createdAt },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
}

/** The memberships of a person, for themselves and for platform admins, including suspended organizations. */
export async function listMemberships(
  ctx: Ctx,
  { userId, page }: { userId: string; page: Page },
): Promise<Membership[]> {
  const viewer = await requireViewer(ctx);
  if (viewer.user.id !== userId) requireAdminRole(ctx.config, viewer);
  const organizationId = await startOfPage(page, 'asc', async (id) => {
    const row = await ctx.db.membership.findUnique({ where: { id, userId }, select: { organizationId: true } });
    return row?.organizationId;
  });
  if (organizationId === null) return [];
  // Ordered along an index, however many there are. With one column only, Prisma would cut the page in memory.
  const orderBy = [{ userId: 'asc' as const }, { organizationId: 'asc' as const }];
  return ctx.db.membership.findMany({ ...page, where: { userId, organizationId }, orderBy });
}

export async function updateMembershipRole(
  ctx: Ctx,
  { membershipId, role }: { membershipId: string; role: MembershipRole },
): Promise<MembershipSuccess> {
  return changeMember(ctx, membershipId, 'members:update', async (tx, acting, member) => {
    const isRaisingSelf = member.id === acting.membershipId && isAbove(role, member.role);
    if (isRaisingSelf || isAbove(role, acting.role)) forbid();
    if (member.role === role) return { membership: member };
    if (member.role === 'OWNER') await requireOtherOwner(tx, member);
    await auditIn(tx, acting, 'update_membership_role.completed', member.userId);
    return { membership: await setRole(tx, member, role) };
  });
}

export async function removeMember(
  ctx: Ctx,
  { membershipId }: { membershipId: string },
): Promise<EndedMembershipSuccess> {
  return changeMember(ctx, membershipId, 'members:remove', async (tx, acting, member) => {
    await endMembership(tx, member);
    await revokeInvitations(tx, member);
    await auditIn(tx, acting, 'remove_member.completed', member.userId);
    return { membershipId: member.id };
  });
}

export async function leaveOrganization(
  ctx: Ctx,
  { organizationId }: { organizationId: string },
): Promise<EndedMembershipSuccess> {
  return changeOrganizationOf(ctx, organizationId, 'organization:read', async (tx, acting) => {
    const member = await findMember(tx, acting, acting.membershipId);
    await endMembership(tx, member);
    await auditIn(tx, acting, 'leave_organization.completed');
    return { membershipId: member.id };
  });
}

/** Makes another member an owner; the viewer becomes ADMIN. */
export async function transferOwnership(
  ctx: Ctx,
  { membershipId }: { membershipId: string },
): Promise<MembershipSuccess> {
  await requireOrganizationOf(ctx, await organizationOf(ctx, membershipId), 'organization:transfer');
  await requireStrongSignIn(ctx);
  return changeMember(ctx, membershipId, 'organization:transfer', async (tx, acting, member) => {
    const own = await findMember(tx, acting, acting.membershipId);
    // Only an owner can transfer ownership; admins of the group or the platform make someone an owner instead.
    if (own.role !== 'OWNER' || own.id === member.id) forbid();
    const membership = await setRole(tx, member, 'OWNER');
    await requireOtherOwner(tx, own);
    await setRole(tx, own, 'ADMIN');
    await auditIn(tx, acting, 'transfer_ownership.completed', member.userId);
    return { membership };
  });
}

/** Changes a member whose role is not above the viewer's, with the row of the organization locked. */
async function changeMember<T>(
  ctx: Ctx,
  membershipId: string,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization, member: Membership) => Promise<T>,
): Promise<T> {
  return changeOrganizationOf(ctx, await organizationOf(ctx, membershipId), permission, async (tx, acting) => {
    const member = await findMember(tx, acting, parseId(membershipId));
    if (isAbove(member.role, acting.role)) forbid();
    return work(tx, acting, member);
  });
}

async function organizationOf(ctx: Ctx, membershipId: string): Promise<string | null> {
  const id = parseId(membershipId);
  if (id === null) return null;
  return (
    (await ctx.db.membership.findUnique({ where: { id }, select: { organizationId: true } }))?.organizationId ?? null
  );
}

async function findMember(tx: Ctx, acting: ActingOrganization, id: string | null): Promise<Membership> {
  if (id === null) forbid();
  const member = await tx.db.membership.findUnique({ where: { id, organizationId: acting.organization.id } });
  return member ?? forbid();
}

/** Every change of a role. Giving or taking ownership requires a recent sign-in, and owners are notified. */
async function setRole(tx: Ctx, member: Membership, role: MembershipRole): Promise<Membership> {
  const { id, organizationId, userId: ownerId } = member;
  if (member.role === 'OWNER' || role === 'OWNER') await requireStrongSignIn(tx);
  const changed = await tx.db.membership.update({ where: { id }, data: { role, updatedAt: tx.clock() } });
  if (role === 'OWNER' && member.role !== 'OWNER') await notifyOwners(tx, { organizationId, ownerId, event: 'added' });
  if (role !== 'OWNER' && member.role === 'OWNER')
    await notifyOwners(tx, { organizationId, ownerId, event: 'removed' });
  return changed;
}

/** Every end of a membership. That of an owner requires a recent sign-in, and owners are notified. */
async function endMembership(tx: Ctx, member: Membership): Promise<void> {
  if (member.role === 'OWNER') {
    await requireOtherOwner(tx, member);
    await requireStrongSignIn(tx);
  }
  await tx.db.membership.delete({ where: { id: member.id } });
  if (member.role === 'OWNER') {
    await notifyOwners(tx, { organizationId: member.organizationId, ownerId: member.userId, event: 'removed' });
  }
}

/**
 * Fails with LastOwnerError unless there is another owner who can act: disabled accounts and those scheduled for
 * deletion do not count. Call it with the organization's row locked, so that nobody else becomes or stops being an
 * owner.
 */
async function requireOtherOwner(tx: Ctx, { id, organizationId }: Membership): Promise<void> {
  const where = { organizationId, role: 'OWNER' as const, id: { not: id }, user: USABLE_ACCOUNT };
  const others = await tx.db.membership.count({ where });
  if (others === 0) throw new LastOwnerError();
}
