/**
 * Custom roles: sets of permissions that an organization defines and assigns to members, for the whole organization or
 * for one project.
 *
 * Nobody may create, change, assign, or unassign a role with a permission they do not have themselves, so that a role
 * cannot be used to gain permissions. If a role is assigned for a project, only its project permissions take effect.
 * Assigning and unassigning can be repeated.
 * Fails with: ValidationError, LimitReachedError, OrganizationRequiredError, InvalidOrganizationHeaderError;
 * UnauthenticatedError, ForbiddenError.
 */
import type { Ctx } from '#core/context.ts';
import { pageWithin } from '#core/input/list-page.ts';
import { requireFreeName } from '#core/input/name.ts';
import { parseId } from '#core/input/uuid.ts';
import {
  auditIn,
  changeOrganization,
  changeOrganizationOf,
  forbid,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import { type ActingOrganization, knownPermissions, type Permission } from '#core/organizations/permissions.ts';
import { LimitReachedError } from '#errors/domain-errors.ts';
import type { OrganizationRole, Prisma, RoleBinding } from '#generated/prisma/client.ts';

export type RoleSuccess = { role: OrganizationRole };
export type DeleteRoleSuccess = { roleId: string };
export type AssignRoleSuccess = { binding: RoleBinding };
export type UnassignRoleSuccess = { wasAssigned: boolean };

const ROLES_PER_ORGANIZATION = 100;
const BINDINGS_PER_MEMBER = 100;

/** In the effective organization unless one is named. */
export type CreateRoleInput = {
  organizationId?: string | null | undefined;
  name: string;
  permissions: readonly Permission[];
};
/** Values that are absent or null stay unchanged. */
export type UpdateRoleInput = {
  roleId: string;
  name?: string | null | undefined;
  permissions?: readonly Permission[] | null | undefined;
};
/** Without a project, for the whole organization. */
export type AssignRoleInput = { membershipId: string; roleId: string; projectId?: string | null | undefined };

export async function listRoles(
  ctx: Ctx,
  { organizationId, page }: { organizationId: string; page: Prisma.OrganizationRoleFindManyArgs },
): Promise<OrganizationRole[]> {
  await requireOrganizationOf(ctx, organizationId, 'roles:read');
  const own = pageWithin(page, { organizationId });
  const orderBy = [{ organizationId: 'asc' as const }, { name: 'asc' as const }];
  return ctx.db.organizationRole.findMany({ ...own, where: { organizationId }, orderBy });
}

/** The roles assigned to a member. */
export async function listBindings(
  ctx: Ctx,
  input: { membershipId: string; organizationId: string; page: Prisma.RoleBindingFindManyArgs },
): Promise<RoleBinding[]> {
  await requireOrganizationOf(ctx, input.organizationId, 'roles:read');
  const where = { membershipId: input.membershipId };
  const own = pageWithin(input.page, where);
  return ctx.db.roleBinding.findMany({ ...own, where, orderBy: { id: 'asc' } });
}

export async function createRole(ctx: Ctx, input: CreateRoleInput): Promise<RoleSuccess> {
  return changeOrganization(ctx, input.organizationId, 'roles:manage', async (tx, acting) => {
    const organizationId = acting.organization.id;
    requireAll(acting, input.permissions);
    const name = await freeName(tx, organizationId, input.name);
    if ((await tx.db.organizationRole.count({ where: { organizationId } })) >= ROLES_PER_ORGANIZATION) {
      throw new LimitReachedError(ROLES_PER_ORGANIZATION);
    }
    const times = { createdAt: tx.clock(), updatedAt: tx.clock() };
    const permissions = knownPermissions(input.permissions);
    const role = await tx.db.organizationRole.create({ data: { organizationId, name, permissions, ...times } });
    await auditIn(tx, acting, 'create_role.completed');
    return { role };
  });
}

export async function updateRole(ctx: Ctx, input: UpdateRoleInput): Promise<RoleSuccess> {
  return changeRole(ctx, input.roleId, async (tx, acting, role) => {
    if (input.permissions != null) requireAll(acting, input.permissions);
    const name = input.name == null ? role.name : await freeName(tx, role.organizationId, input.name, role.id);
    const permissions = input.permissions == null ? role.permissions : knownPermissions(input.permissions);
    if (name === role.name && isSameSet(permissions, role.permissions)) return { role };
    await auditIn(tx, acting, 'update_role.completed');
    const data = { name, permissions, updatedAt: tx.clock() };
    return { role: await tx.db.organizationRole.update({ where: { id: role.id }, data }) };
  });
}

/** Deletes the role and all its assignments. */
export async function deleteRole(ctx: Ctx, { roleId }: { roleId: string }): Promise<DeleteRoleSuccess> {
  return changeRole(ctx, roleId, async (tx, acting, role) => {
    await tx.db.organizationRole.delete({ where: { id: role.id } });
    await auditIn(tx, acting, 'delete_role.completed');
    return { roleId: role.id };
  });
}

export async function assignRole(ctx: Ctx, input: AssignRoleInput): Promise<AssignRoleSuccess> {
  return changeRole(ctx, input.roleId, async (tx, acting, role) => {
    const { binding, userId } = await findPlace(tx, role, input);
    const given = await tx.db.roleBinding.findFirst({ where: binding });
    if (given !== null) return { binding: given };
    const { membershipId } = binding;
    if ((await tx.db.roleBinding.count({ where: { membershipId } })) >= BINDINGS_PER_MEMBER) {
      throw new LimitReachedError(BINDINGS_PER_MEMBER);
    }
    await auditIn(tx, acting, 'assign_role.completed', userId);
    return { binding: await tx.db.roleBinding.create({ data: { ...binding, createdAt: tx.clock() } }) };
  });
}

export async function unassignRole(ctx: Ctx, input: AssignRoleInput): Promise<UnassignRoleSuccess> {
  return changeRole(ctx, input.roleId, async (tx, acting, role) => {
    const { binding, userId } = await findPlace(tx, role, input);
    const { count } = await tx.db.roleBinding.deleteMany({ where: binding });
    if (count > 0) await auditIn(tx, acting, 'unassign_role.completed', userId);
    return { wasAssigned: count > 0 };
  });
}

/** Changes a role that is within the viewer's own permissions, with the row of its organization locked. */
async function changeRole<T>(
  ctx: Ctx,
  roleId: string,
  work: (tx: Ctx, acting: ActingOrganization, role: OrganizationRole) => Promise<T>,
): Promise<T> {
  const id = parseId(roleId);
  const seen = id === null ? null : await ctx.db.organizationRole.findUnique({ where: { id } });
  return changeOrganizationOf(ctx, seen?.organizationId ?? null, 'roles:manage', async (tx, acting) => {
    const role = await tx.db.organizationRole.findUnique({ where: { id: seen?.id ?? forbid() } });
    if (role === null) forbid();
    requireAll(acting, role.permissions);
    return work(tx, acting, role);
  });
}

/** The member and project in the input. Both must belong to the organization of the role; other ids are unknown. */
async function findPlace(tx: Ctx, role: OrganizationRole, input: AssignRoleInput) {
  const { organizationId } = role;
  const membershipId = parseId(input.membershipId) ?? forbid();
  const member = await tx.db.membership.findUnique({ where: { id: membershipId, organizationId } });
  if (member === null) forbid();
  const projectId = input.projectId == null ? null : (parseId(input.projectId) ?? forbid());
  if (projectId !== null && (await tx.db.project.count({ where: { id: projectId, organizationId } })) === 0) forbid();
  return { binding: { membershipId, roleId: role.id, projectId }, userId: member.userId };
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return new Set(some).size === new Set(others).size && some.every((item) => others.includes(item));
}

function requireAll(acting: ActingOrganization, permissions: readonly string[]): void {
  if (!knownPermissions(permissions).every((permission) => acting.permissions.has(permission))) forbid();
}

function freeName(tx: Ctx, organizationId: string, input: string, id?: string): Promise<string> {
  const holderOf = (name: string) =>
    tx.db.organizationRole.findUnique({ where: { organizationId_name: { organizationId, name } } });
  return requireFreeName(input, { kind: 'role', holderOf, ...(id !== undefined && { id }) });
}
