/**
 * List and revoke the invitations of an organization, for members who may invite. It does not matter who sent one. An
 * invitation with a role above the viewer's own can be seen but not changed.
 * Fails with: InvalidInvitationError, InvalidOrganizationHeaderError; UnauthenticatedError, ForbiddenError.
 */
import type { Ctx } from '#core/context.ts';
import { startOfPage } from '#core/input/list-page.ts';
import { parseId } from '#core/input/uuid.ts';
import { type InvitationStatus, invitationStatus, WAITING } from '#core/organizations/invitation.ts';
import {
  auditIn,
  changeOrganizationOf,
  forbid,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import { isAbove } from '#core/organizations/permissions.ts';
import { InvalidInvitationError } from '#errors/domain-errors.ts';
import type { Invitation, Prisma } from '#generated/prisma/client.ts';

export type RevokeInvitationSuccess = { invitation: Invitation };

/** The invitations of an organization, newest first, including those that have ended. */
export async function listInvitations(
  ctx: Ctx,
  { organizationId, page }: { organizationId: string; page: Prisma.InvitationFindManyArgs },
): Promise<Invitation[]> {
  await requireOrganizationOf(ctx, organizationId, 'members:invite');
  const createdAt = await startOfPage(page, 'desc', async (id) => {
    const row = await ctx.db.invitation.findUnique({ where: { id, organizationId }, select: { createdAt: true } });
    return row?.createdAt;
  });
  if (createdAt === null) return [];
  return ctx.db.invitation.findMany({
    ...page,
    where: { organizationId, createdAt },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });
}

export async function statusOf(ctx: Ctx, invitation: Invitation): Promise<InvitationStatus> {
  return invitationStatus(invitation, ctx.clock());
}

/** Ends an invitation with its code and link. Can be repeated. */
export async function revokeInvitation(ctx: Ctx, input: { invitationId: string }): Promise<RevokeInvitationSuccess> {
  const id = parseId(input.invitationId);
  const seen = id === null ? null : await ctx.db.invitation.findUnique({ where: { id } });
  return changeOrganizationOf(ctx, seen?.organizationId ?? null, 'members:invite', async (tx, acting) => {
    if (seen === null) forbid();
    // Also matches the role, because the invitation may have been renewed with another one.
    const [revoked] = await tx.db.invitation.updateManyAndReturn({
      where: { id: seen.id, ...WAITING },
      data: { revokedAt: tx.clock() },
    });
    const invitation = revoked ?? (await tx.db.invitation.findUnique({ where: { id: seen.id } })) ?? forbid();
    if (isAbove(invitation.role, acting.role)) forbid();
    if (revoked !== undefined) await auditIn(tx, acting, 'revoke_invitation.completed');
    else if (invitation.revokedAt === null) throw new InvalidInvitationError();
    return { invitation };
  });
}
