/**
 * What a request may do in an organization: guards, the lock that every change takes first, and what is recorded of it.
 * There is one refusal, ForbiddenError, which does not tell what is unknown from what belongs to somebody else.
 */
import { type AuditEventName, audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { BadRequestError, ForbiddenError } from '#errors.ts';
import {
  type ActingOrganization,
  findActing,
  findActingIn,
  type Reach,
  requireHeaderId,
} from './acting-organization.ts';
import type { Permission } from './permissions.ts';

/** The effective organization, where the viewer has this permission. */
export async function requireOrganization(ctx: Ctx, permission: Permission): Promise<ActingOrganization> {
  await requireViewer(ctx);
  const acting = await ctx.organization();
  if (acting === null) {
    throw new BadRequestError(`Name the organization to act in with the header ${ctx.config.organizationHeader}.`);
  }
  return permitted(acting, permission);
}

/**
 * The organization that an input names or an object belongs to, where the viewer has this permission. With a header it
 * must be the header's; without one the viewer acts in the organization that is named.
 */
export async function requireOrganizationOf(
  ctx: Ctx,
  organizationId: string | null,
  permission: Permission,
  reach: Reach = {},
): Promise<ActingOrganization> {
  const { user } = await requireViewer(ctx);
  if (ctx.organizationHeader !== null && requireHeaderId(ctx.organizationHeader) !== parseId(organizationId ?? '')) {
    forbid();
  }
  const acting = organizationId === null ? null : await findActing(ctx, user.id, organizationId, reach);
  return permitted(acting ?? forbid(), permission);
}

/**
 * Locks the organization for the rest of the transaction and looks again at what the viewer may do: of two changes at
 * once, the second decides on what the first has left. Always the first lock of an organization's rows.
 * @param seen what was found before the transaction; what has changed since counts
 */
export async function holdOrganization(
  tx: Ctx,
  seen: Pick<ActingOrganization, 'organization'>,
  permission: Permission,
  reach: Reach = {},
): Promise<ActingOrganization> {
  const { user } = await requireViewer(tx);
  const { id } = seen.organization;
  // Not FOR UPDATE: rows that only refer to the organization may be added meanwhile.
  await tx.db.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return permitted((await findActingIn(tx, user.id, id, reach)) ?? forbid(), permission);
}

/** Changes something in the organization that an input may name, or else in the effective one, with its row locked. */
export async function changeOrganization<T>(
  ctx: Ctx,
  organizationId: string | null | undefined,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<T>,
): Promise<T> {
  if (organizationId != null) return changeOrganizationOf(ctx, organizationId, permission, work);
  return changeHeld(ctx, await requireOrganization(ctx, permission), permission, work);
}

/**
 * As `changeOrganization`, in the organization that an object belongs to or an input always names; null when what was
 * meant does not exist, and then refused like anything that is out of reach.
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

/** Records what the viewer did in an organization. @param subjectId whom it concerns; the viewer when absent */
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

/** Fails with the one refusal there is: it does not tell what is unknown from what is foreign. */
export function forbid(): never {
  throw new ForbiddenError();
}

function permitted(acting: ActingOrganization, permission: Permission): ActingOrganization {
  return acting.permissions.has(permission) ? acting : forbid();
}
