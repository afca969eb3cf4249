/**
 * Create, view, and update an organization.
 *
 * The person who creates one owns it, so REQUIRE_SECOND_FACTOR=everyone asks them for the factor here already. Creating
 * one in a group requires a permission there, and a group cannot be in another group. One person can own at most
 * ORGANIZATIONS_PER_USER. A name is any single line of text. The slug is derived from it and unique; after a change,
 * the old slug still finds the organization for 90 days.
 * Fails with: ValidationError, LimitReachedError, OrganizationRequiredError, InvalidOrganizationHeaderError;
 * UnauthenticatedError, ForbiddenError.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { acceptName } from '#core/input/name.ts';
import { parseId } from '#core/input/uuid.ts';
import { lockUser } from '#core/lock-user.ts';
import { findActingAmong, requireHeaderId } from '#core/organizations/acting-organization.ts';
import {
  auditIn,
  changeOrganization,
  holdOrganization,
  requireOrganizationOf,
} from '#core/organizations/organization-access.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import { NO_POLICY_OF_ITS_OWN, requireFactorToAct } from '#core/sessions/second-factor-policy.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { LimitReachedError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import type { Organization, User } from '#generated/prisma/client.ts';
import { acceptSlug, changeSlug, findBySlug, newSlug } from './slug.ts';

export type CreateOrganizationInput = { name: string; groupId?: string | null | undefined };

/** Values that are absent or null stay unchanged. */
export type UpdateOrganizationInput = {
  /** Defaults to the effective organization. */
  organizationId?: string | null | undefined;
  name?: string | null | undefined;
  slug?: string | null | undefined;
  openRegistration?: boolean | null | undefined;
  requiresSecondFactor?: boolean | null | undefined;
};
export type OrganizationSuccess = { organization: Organization };

/** The organization in which the request acts; null without a header, unless the viewer belongs to exactly one. */
export async function currentOrganization(ctx: Ctx): Promise<ActingOrganization | null> {
  return ctx.organization();
}

export async function findOrganization(ctx: Ctx, by: { id: string } | { slug: string }): Promise<Organization> {
  await requireViewer(ctx);
  const id = 'id' in by ? by.id : await findBySlug(ctx, by.slug);
  return (await requireOrganizationOf(ctx, id, 'organization:read')).organization;
}

/**
 * For each id, in order: the organization, as `findOrganization` gives it; null where that refuses.
 * Fails with UnauthenticatedError for a bad token, and with InvalidOrganizationHeaderError.
 */
export async function findVisibleOrganizations(ctx: Ctx, ids: readonly string[]): Promise<(Organization | null)[]> {
  const viewer = await ctx.viewer();
  if (viewer === null) return ids.map(() => null);
  const only = ctx.organizationHeader === null ? null : requireHeaderId(ctx.organizationHeader);
  const wanted = ids.map((id) => parseId(id)).map((id) => (only === null || id === only ? id : null));
  const found = await findActingAmong(
    ctx,
    viewer,
    wanted.filter((id) => id !== null),
  );
  const visible = found.filter(({ permissions }) => permissions.has('organization:read'));
  return wanted.map((id) => visible.find(({ organization }) => organization.id === id)?.organization ?? null);
}

/** The first organization of the person, as long as they belong to it. */
export async function tenantOf(ctx: Ctx, user: Pick<User, 'id' | 'tenantId'>): Promise<Organization | null> {
  if (user.tenantId === null) return null;
  return ctx.db.organization.findFirst({ where: { id: user.tenantId, memberships: { some: { userId: user.id } } } });
}

export async function createOrganization(ctx: Ctx, input: CreateOrganizationInput): Promise<OrganizationSuccess> {
  const viewer = await requireViewer(ctx);
  requireFactorToAct(ctx.config, viewer, NO_POLICY_OF_ITS_OWN);
  const { user } = viewer;
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  const group = input.groupId == null ? null : await requireOrganizationOf(ctx, input.groupId, 'organizations:create');
  if (group !== null) acceptGroup(group, errors);
  errors.throwIfAny();
  return inTransaction(ctx, async (tx) => {
    await lockUser(tx, user.id);
    const owned = await tx.db.membership.count({ where: { userId: user.id, role: 'OWNER' } });
    if (owned >= ctx.config.organizationsPerUser) throw new LimitReachedError(ctx.config.organizationsPerUser);
    if (group !== null) {
      acceptGroup(await holdOrganization(tx, group, 'organizations:create'), errors);
      errors.throwIfAny();
    }
    const times = { createdAt: tx.clock(), updatedAt: tx.clock() };
    const organization = await tx.db.organization.create({
      data: {
        name,
        slug: await newSlug(tx, name),
        parentId: group?.organization.id ?? null,
        ...times,
        memberships: { create: { userId: user.id, role: 'OWNER', ...times } },
        projects: { create: { name: 'Default', isDefault: true, ...times } },
      },
    });
    await auditIn(tx, { organization }, 'create_organization.completed');
    return { organization };
  });
}

/** Platform admins may act in an organization that is being deleted, but it can get no organizations. */
function acceptGroup({ organization }: ActingOrganization, errors: FieldErrors): void {
  if (organization.parentId === null && organization.deletesAt === null) return;
  errors.add('groupId', 'NOT_ALLOWED', 'This organization cannot be a group.');
}

export async function updateOrganization(ctx: Ctx, input: UpdateOrganizationInput): Promise<OrganizationSuccess> {
  const errors = collectFieldErrors();
  const name = input.name == null ? null : acceptName(input.name, errors);
  const slug = input.slug == null ? null : acceptSlug(input.slug, errors);
  return changeOrganization(ctx, input.organizationId, 'organization:update', async (tx, acting) => {
    requireOwnerWithFactor(await requireViewer(tx), acting, input, errors);
    errors.throwIfAny();
    if (slug !== null && !(await changeSlug(tx, acting.organization, slug))) {
      errors.add('slug', 'ALREADY_TAKEN', 'This slug is taken by another organization.');
    }
    errors.throwIfAny();
    const { organization: before } = acting;
    const changes = {
      name: name ?? before.name,
      requiresSecondFactor: input.requiresSecondFactor ?? before.requiresSecondFactor,
      openRegistration: input.openRegistration ?? before.openRegistration,
    };
    const after = { ...before, slug: slug ?? before.slug, ...changes };
    // Sending what is there already changes nothing, so the audit log has no event of it.
    if (isDeepStrictEqual(after, before)) return { organization: before };
    const organization = await tx.db.organization.update({
      where: { id: before.id },
      data: { ...changes, updatedAt: tx.clock() },
    });
    await auditIn(tx, acting, 'update_organization.completed');
    return { organization };
  });
}

/**
 * Only owners say whether the organization asks for a second factor, and nobody locks themselves out by it: they have
 * shown one in this session.
 */
function requireOwnerWithFactor(
  { session }: Viewer,
  { role, organization }: ActingOrganization,
  { requiresSecondFactor }: UpdateOrganizationInput,
  errors: FieldErrors,
): void {
  if (requiresSecondFactor == null || requiresSecondFactor === organization.requiresSecondFactor) return;
  if (role !== 'OWNER') throw new ForbiddenError();
  if (requiresSecondFactor && session.secondFactorAt === null) {
    errors.add('requiresSecondFactor', 'NOT_ALLOWED', 'Set up a second factor for yourself first, or confirm with it.');
  }
}
