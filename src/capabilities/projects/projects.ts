/**
 * Create, rename, and archive the projects of an organization.
 *
 * Permissions come from the role in the organization, or from a custom role that was assigned for the project. Names
 * are unique in an organization, including archived projects. An archived project cannot be changed until it is
 * unarchived.
 * Fails with: ValidationError, LimitReachedError, OrganizationRequiredError, InvalidOrganizationHeaderError;
 * UnauthenticatedError, ForbiddenError.
 */
import type { Ctx } from '#core/context.ts';
import { startOfPage } from '#core/input/list-page.ts';
import { requireFreeName } from '#core/input/name.ts';
import { parseId } from '#core/input/uuid.ts';
import {
  auditIn,
  changeOrganization,
  changeOrganizationOf,
  forbid,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import {
  type ActingOrganization,
  ALL_PERMISSIONS,
  knownPermissions,
  type Permission,
  PROJECT_PERMISSIONS,
} from '#core/organizations/permissions.ts';
import { LimitReachedError } from '#errors/domain-errors.ts';
import type { Prisma, Project } from '#generated/prisma/client.ts';

/** In the effective organization unless one is named. */
export type CreateProjectInput = { organizationId?: string | null | undefined; name: string };
export type ProjectSuccess = { project: Project };

const PROJECTS_PER_ORGANIZATION = 10_000;

/** The projects of an organization, oldest first. */
export async function listProjects(
  ctx: Ctx,
  input: { organizationId: string; archived: boolean | null; page: Prisma.ProjectFindManyArgs },
): Promise<Project[]> {
  const { organizationId, archived } = input;
  await requireOrganizationOf(ctx, organizationId, 'projects:read');
  const which = archived === null ? {} : { archivedAt: archived ? { not: null } : null };
  const createdAt = await startOfPage(input.page, 'asc', async (id) => {
    const row = await ctx.db.project.findUnique({ where: { id, organizationId }, select: { createdAt: true } });
    return row?.createdAt;
  });
  if (createdAt === null) return [];
  return ctx.db.project.findMany({
    ...input.page,
    where: { organizationId, createdAt, ...which },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
}

/** The viewer's permissions in the project: those in the organization, and those of roles assigned for the project. */
export async function projectPermissions(ctx: Ctx, project: Project): Promise<Permission[]> {
  const acting = await requireOrganizationOf(ctx, project.organizationId, 'projects:read');
  const bound = await boundPermissions(ctx, acting, project.id);
  return ALL_PERMISSIONS.filter(
    (permission) => permission.startsWith('projects:') && (acting.permissions.has(permission) || bound.has(permission)),
  );
}

export async function createProject(ctx: Ctx, input: CreateProjectInput): Promise<ProjectSuccess> {
  return changeOrganization(ctx, input.organizationId, 'projects:create', async (tx, acting) => {
    const organizationId = acting.organization.id;
    const name = await freeName(tx, organizationId, input.name);
    if ((await tx.db.project.count({ where: { organizationId } })) >= PROJECTS_PER_ORGANIZATION) {
      throw new LimitReachedError(PROJECTS_PER_ORGANIZATION);
    }
    const times = { createdAt: tx.clock(), updatedAt: tx.clock() };
    const project = await tx.db.project.create({ data: { organizationId, name, ...times } });
    await auditIn(tx, acting, 'create_project.completed');
    return { project };
  });
}

export async function renameProject(ctx: Ctx, input: { projectId: string; name: string }): Promise<ProjectSuccess> {
  return changeProject(ctx, input.projectId, 'projects:update', async (tx, acting, project) => {
    const name = await freeName(tx, project.organizationId, input.name, project.id);
    if (name === project.name) return {};
    await auditIn(tx, acting, 'rename_project.completed');
    return { name };
  });
}

export async function archiveProject(ctx: Ctx, { projectId }: { projectId: string }): Promise<ProjectSuccess> {
  return changeProject(ctx, projectId, 'projects:archive', async (tx, acting, project) => {
    if (project.archivedAt !== null) return {};
    await auditIn(tx, acting, 'archive_project.completed');
    return { archivedAt: tx.clock() };
  });
}

export async function unarchiveProject(ctx: Ctx, { projectId }: { projectId: string }): Promise<ProjectSuccess> {
  return changeProject(ctx, projectId, 'projects:archive', async (tx, acting, project) => {
    if (project.archivedAt === null) return {};
    await auditIn(tx, acting, 'unarchive_project.completed');
    return { archivedAt: null };
  });
}

/** Applies the changes that `work` returns, if the viewer has the permission, with the organization's row locked. */
async function changeProject(
  ctx: Ctx,
  projectId: string,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization, project: Project) => Promise<Prisma.ProjectUpdateInput>,
): Promise<ProjectSuccess> {
  const id = parseId(projectId);
  const seen = id === null ? null : await ctx.db.project.findUnique({ where: { id } });
  return changeOrganizationOf(ctx, seen?.organizationId ?? null, 'projects:read', async (tx, acting) => {
    const project = await tx.db.project.findUnique({ where: { id: seen?.id ?? forbid() } });
    if (project === null) forbid();
    const bound = await boundPermissions(tx, acting, project.id);
    if (!acting.permissions.has(permission) && !bound.has(permission)) forbid();
    const changes = await work(tx, acting, project);
    if (Object.keys(changes).length === 0) return { project };
    const data = { ...changes, updatedAt: tx.clock() };
    return { project: await tx.db.project.update({ where: { id: project.id }, data }) };
  });
}

async function boundPermissions(ctx: Ctx, { membershipId }: ActingOrganization, projectId: string) {
  if (membershipId === null) return new Set<Permission>();
  const bindings = await ctx.db.roleBinding.findMany({
    where: { membershipId, projectId },
    select: { role: { select: { permissions: true } } },
  });
  const bound = knownPermissions(bindings.flatMap(({ role }) => role.permissions));
  return new Set(bound.filter((permission) => PROJECT_PERMISSIONS.includes(permission)));
}

function freeName(tx: Ctx, organizationId: string, input: string, id?: string): Promise<string> {
  const holderOf = (name: string) =>
    tx.db.project.findUnique({ where: { organizationId_name: { organizationId, name } } });
  return requireFreeName(input, { kind: 'project', holderOf, ...(id !== undefined && { id }) });
}
