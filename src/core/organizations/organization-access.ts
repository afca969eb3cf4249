/**
 * Access to an organization: guards, the lock that every change takes first, and its audit events. Every refusal is a
 * ForbiddenError, which does not reveal whether something is unknown or belongs to someone else.
 */

import { audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { OrganizationRequiredError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import { findActing, findActingIn, type Reach, requireHeaderId } from './acting-organization.ts';
import type { ActingOrganization, Permission } from './permissions.ts';

/**
 * The organization that an input names, or else the effective one, if the viewer has this permission there. If the
 * request has a header, it must name the same organization.
 * Fails with OrganizationRequiredError if neither says which organization is meant.
 */
export async function requireOrganization(
  ctx: Ctx,
  organizationId: string | null | undefined,
  permission: Permission,
): Promise<ActingOrganization> {
  if (organizationId != null) return requireOrganizationOf(ctx, organizationId, permission);
  await requireViewer(ctx);
  const acting = await ctx.organization();
  if (acting === null) throw new OrganizationRequiredError(ctx.config.organizationHeader);
  return permitted(acting, permission);
}

/**
 * The organization that an object belongs to, or that an input must name; null if the object does not exist, which is
 * refused like an object of someone else.
 */
export async function requireOrganizationOf(
  ctx: Ctx,
  organizationId: string | null,
  permission: Permission,
  reach: Reach = {},
): Promise<ActingOrganization> {
  const viewer = await requireViewer(ctx);
  if (ctx.organizationHeader !== null && requireHeaderId(ctx.organizationHeader) !== parseId(organizationId ?? '')) {
    forbid();
  }
  const acting = organizationId === null ? null : await findActing(ctx, viewer, organizationId, reach);
  return permitted(acting ?? forbid(), permission);
}

/**
 * Locks the organization for the rest of the transaction and checks again what the viewer may do: of two changes at
 * once, the second one sees the result of the first. Always take this lock before any other in an organization.
 * @param seen what was found before the transaction; only its id is used
 */
export async function holdOrganization(
  tx: Ctx,
  seen: Pick<ActingOrganization, 'organization'>,
  permission: Permission,
  reach: Reach = {},
): Promise<ActingOrganization> {
  const viewer = await requireViewer(tx);
  const { id } = seen.organization;
  // Not FOR UPDATE: rows that only refer to the organization may be added in the meantime.
  await tx.db.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return permitted((await findActingIn(tx, viewer, id, reach)) ?? forbid(), permission);
}

/** Runs a change in the organization that the input names, or else in the effective one, with its row locked. */
export async function changeOrganization<T>(
  ctx: Ctx,
  organizationId: string | null | undefined,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<T>,
): Promise<T> {
  return changeHeld(ctx, await requireOrganization(ctx, organizationId, permission), permission, work);
}

/**
 * Like `changeOrganization`, for the organization that an object belongs to or an input must name. Null if the object
 * does not exist; that is refused like an object of someone else.
 */
export async function changeOrganizationOf<T>(
  ctx: Ctx,
  organizationId: string | null,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<T>,
  reach: Reach = {},
): Promise<T> {
  return changeHeld(ctx, await requireOrganizationOf(ctx, organizationId, permission, reach), permission, work, reach);
}

async function changeHeld<T>(
  ctx: Ctx,
  seen: ActingOrganization,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<T>,
  reach: Reach = {},
): Promise<T> {
  return inTransaction(ctx, async (tx) => work(tx, await holdOrganization(tx, seen, permission, reach)));
}

/**
 * Records what the viewer did in an organization.
 * @param subjectId the account it concerns; the viewer if absent
 */
export async function auditIn(
  tx: Ctx,
  { organization }: Pick<ActingOrganization, 'organization'>,
  name: AuditEventName,
  subjectId?: string,
): Promise<void> {
  const { user, session } = await requireViewer(tx);
  const details = { actorId: user.id, sessionId: session.id, organizationId: organization.id };
  await audit(tx, name, subjectId ?? user.id, details);
}

/** Refuses without revealing whether something is unknown or belongs to someone else. */
export function forbid(): never {
  throw new ForbiddenError();
}

function permitted(acting: ActingOrganization, permission: Permission): ActingOrganization {
  return acting.permissions.has(permission) ? acting : forbid();
}
