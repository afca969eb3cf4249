/**
 * Delete, restore, and suspend an organization.
 *
 * When an owner deletes an organization, nobody can act in it anymore. It is deleted for good after
 * ORGANIZATION_DELETION_GRACE, with its memberships, projects, roles, and invitations; until then, an owner can restore
 * it. A group can be deleted only after its organizations. A platform admin can suspend an organization for any length
 * of time. Each of these can be repeated without effect.
 * Fails with: GroupNotEmptyError, ReauthenticationRequiredError, InvalidOrganizationHeaderError; UnauthenticatedError,
 * ForbiddenError.
 */
import { requireRecentAdministrator } from '#core/accounts/administrator.ts';
import type { Ctx } from '#core/context.ts';
import { auditIn, changeOrganizationOf, requireOrganizationOf } from '#core/organizations/organization-access.ts';
import { requireRecentSignIn } from '#core/sessions/recent-sign-in.ts';
import { secondsAfter } from '#core/time.ts';
import { GroupNotEmptyError } from '#errors/domain-errors.ts';
import type { Organization } from '#generated/prisma/client.ts';

export type OrganizationInput = { organizationId: string };
export type OrganizationLifeSuccess = { organization: Organization };

export async function deleteOrganization(
  ctx: Ctx,
  { organizationId }: OrganizationInput,
): Promise<OrganizationLifeSuccess> {
  await requireOrganizationOf(ctx, organizationId, 'organization:delete', { evenDeleted: true });
  await requireRecentSignIn(ctx);
  const work = async (tx: Ctx, { organization }: { organization: Organization }) => {
    if (organization.deletesAt !== null) return { organization };
    const { id } = organization;
    if ((await tx.db.organization.count({ where: { parentId: id } })) > 0) throw new GroupNotEmptyError();
    const deletesAt = secondsAfter(tx.clock(), tx.config.organizationDeletionGraceSeconds);
    await auditIn(tx, { organization }, 'delete_organization.completed');
    return { organization: await changeState(tx, id, { deletesAt }) };
  };
  return changeOrganizationOf(ctx, organizationId, 'organization:delete', work, { evenDeleted: true });
}

export async function restoreOrganization(
  ctx: Ctx,
  { organizationId }: OrganizationInput,
): Promise<OrganizationLifeSuccess> {
  const work = async (tx: Ctx, { organization }: { organization: Organization }) => {
    if (organization.deletesAt === null) return { organization };
    const { id } = organization;
    await auditIn(tx, { organization }, 'restore_organization.completed');
    return { organization: await changeState(tx, id, { deletesAt: null }) };
  };
  return changeOrganizationOf(ctx, organizationId, 'organization:delete', work, { evenDeleted: true });
}

export async function suspendOrganization(ctx: Ctx, input: OrganizationInput): Promise<OrganizationLifeSuccess> {
  return setSuspended(ctx, input, true);
}

export async function unsuspendOrganization(ctx: Ctx, input: OrganizationInput): Promise<OrganizationLifeSuccess> {
  return setSuspended(ctx, input, false);
}

async function setSuspended(
  ctx: Ctx,
  { organizationId }: OrganizationInput,
  isSuspended: boolean,
): Promise<OrganizationLifeSuccess> {
  await requireRecentAdministrator(ctx);
  const work = async (tx: Ctx, { organization }: { organization: Organization }) => {
    if ((organization.suspendedAt !== null) === isSuspended) return { organization };
    const { id } = organization;
    await auditIn(
      tx,
      { organization },
      isSuspended ? 'suspend_organization.completed' : 'unsuspend_organization.completed',
    );
    return { organization: await changeState(tx, id, { suspendedAt: isSuspended ? tx.clock() : null }) };
  };
  return changeOrganizationOf(ctx, organizationId, 'organization:read', work, { evenDeleted: true });
}

function changeState(
  tx: Ctx,
  id: string,
  state: Partial<Pick<Organization, 'deletesAt' | 'suspendedAt'>>,
): Promise<Organization> {
  return tx.db.organization.update({ where: { id }, data: { ...state, updatedAt: tx.clock() } });
}
