/**
 * In which organisation a request acts, and what it may do there.
 *
 * Read from the live rows on every request: who was removed, downgraded or suspended feels it at once, on every replica.
 * A platform admin acts anywhere, OWNER and ADMIN of a group in its organisations, a member where they are one. Foreign,
 * unknown, suspended and deleted organisations are one answer, ForbiddenError; so is an object of another organisation
 * than the header's. An id in an input never widens what the header allows.
 */
import { ADMIN_ROLE } from '#config/config.ts';
import { type AuditEventName, audit } from '#core/audit.ts';
import { type Ctx, inTransaction, type Parts } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { requireViewer, type Viewer } from '#core/sessions/viewer.ts';
import { BadRequestError, ForbiddenError, UnauthenticatedError } from '#errors.ts';
import type { MembershipRole, Organization } from '#generated/prisma/client.ts';
import { highestRole, type Permission, permissionsOf } from './permissions.ts';

export type ActingOrganization = {
  organization: Organization;
  /** The own membership; null for who acts there by the group or as platform admin. */
  membershipId: string | null;
  /** The highest of the own role, the role in the group, and OWNER for a platform admin. */
  role: MembershipRole;
  /** What the role and custom roles for the whole organisation allow. */
  permissions: ReadonlySet<Permission>;
};

type Row = Organization & {
  membershipId: string | null;
  ownRole: MembershipRole | null;
  groupRole: MembershipRole | null;
  platformRole: string;
  customPermissions: string[];
};

/**
 * $1: the user. Every step is by a unique index, however many members and memberships there are.
 * A group that is suspended or about to be deleted gives no power over its organisations.
 */
const accessWhere = (condition: string) => `
  SELECT o.id, o.name, o.slug, o.parent_id AS "parentId", o.open_registration AS "openRegistration",
         o.suspended_at AS "suspendedAt", o.deletes_at AS "deletesAt", o.created_at AS "createdAt",
         o.updated_at AS "updatedAt", m.id AS "membershipId", m.role::text AS "ownRole", g.role::text AS "groupRole",
         u.role AS "platformRole",
         ARRAY(SELECT unnest(r.permissions) FROM role_bindings b JOIN organization_roles r ON r.id = b.role_id
                WHERE b.membership_id = m.id AND b.project_id IS NULL) AS "customPermissions"
    FROM organizations o
    JOIN users u ON u.id = $1::uuid AND u.disabled_at IS NULL AND u.deletes_at IS NULL
    LEFT JOIN memberships m ON m.user_id = u.id AND m.organization_id = o.id
    LEFT JOIN organizations p ON p.id = o.parent_id AND p.suspended_at IS NULL AND p.deletes_at IS NULL
    LEFT JOIN memberships g ON g.user_id = u.id AND g.organization_id = p.id AND g.role <> 'MEMBER'
   WHERE ${condition}`;

/** $2: the organisation. */
export const FIND = { name: 'find-acting-organization', text: accessWhere('o.id = $2::uuid') };

/** The only organisation of the user that can be acted in; no row when there are several. */
export const FIND_ONLY = {
  name: 'find-only-organization',
  text: `
    WITH mine AS (
      SELECT m.organization_id FROM memberships m
        JOIN organizations o ON o.id = m.organization_id AND o.suspended_at IS NULL AND o.deletes_at IS NULL
       -- In the order of the index: for two rows alone the planner may prefer to read the whole table.
       WHERE m.user_id = $1::uuid ORDER BY m.organization_id LIMIT 2)
    ${accessWhere('o.id = (SELECT organization_id FROM mine WHERE (SELECT count(*) FROM mine) = 1)')}`,
};

/** Which organisations are meant: those that can be used, or also those that an owner may still restore. */
type Reach = { evenDeleted?: boolean };

/** The organisation as this user may act in it; null when they may not, or when it is suspended or deleted. */
export async function findActing(
  parts: Parts,
  userId: string,
  organizationId: string,
  reach: Reach = {},
): Promise<ActingOrganization | null> {
  const id = parseId(organizationId);
  if (id === null) return null;
  const [row] = await parts.database.query<Row>(FIND, [userId, id]);
  return row === undefined ? null : toActing(row, reach);
}

/**
 * The effective organisation: of the header, or without one the only one the viewer belongs to, else null.
 * Fails with BadRequestError for a header that is no id, with ForbiddenError for one that may not be acted in.
 */
export async function findEffective(
  parts: Parts,
  header: string | null,
  viewer: Viewer | null,
): Promise<ActingOrganization | null> {
  if (header === null) {
    const [row] = viewer === null ? [] : await parts.database.query<Row>(FIND_ONLY, [viewer.user.id]);
    return row === undefined ? null : toActing(row, {});
  }
  requireHeaderId(header);
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return (await findActing(parts, viewer.user.id, header)) ?? refuse();
}

/** Fails with BadRequestError when the organisation header is no UUID. */
function requireHeaderId(header: string): string {
  const id = parseId(header);
  if (id === null) throw new BadRequestError('The organisation header must hold the id of one organisation.');
  return id;
}

/** The effective organisation, where the viewer has this permission. */
export async function requireOrganization(ctx: Ctx, permission: Permission): Promise<ActingOrganization> {
  await requireViewer(ctx);
  const acting = await ctx.organization();
  if (acting === null) {
    throw new BadRequestError(`Name the organisation to act in with the header ${ctx.config.organizationHeader}.`);
  }
  return permitted(acting, permission);
}

/**
 * The organisation that an input names or an object belongs to, where the viewer has this permission. With a header it
 * must be the header's; without one the viewer acts in the organisation that is named.
 */
export async function requireOrganizationOf(
  ctx: Ctx,
  organizationId: string | null,
  permission: Permission,
  reach: Reach = {},
): Promise<ActingOrganization> {
  const { user } = await requireViewer(ctx);
  if (ctx.organizationHeader !== null && requireHeaderId(ctx.organizationHeader) !== parseId(organizationId ?? '')) {
    refuse();
  }
  const acting = organizationId === null ? null : await findActing(ctx, user.id, organizationId, reach);
  return permitted(acting ?? refuse(), permission);
}

/**
 * Locks the organisation for the rest of the transaction and looks again at what the viewer may do: of two changes at
 * once, the second decides on what the first has left. Always the first lock of an organisation's rows.
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
  // Not FOR UPDATE: rows that only refer to the organisation may be added meanwhile.
  await tx.db.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const [row] = await tx.db.$queryRawUnsafe<Row[]>(FIND.text, user.id, id);
  const acting = row === undefined ? null : toActing(row, reach);
  return permitted(acting ?? refuse(), permission);
}

/**
 * Changes something in an organisation in one transaction, with its row locked: `organizationId` names it, or it is the
 * effective one when that is undefined (null: whatever was meant does not exist).
 */
export async function changeOrganization<T>(
  ctx: Ctx,
  organizationId: string | null | undefined,
  permission: Permission,
  work: (tx: Ctx, acting: ActingOrganization) => Promise<T>,
  reach: Reach = {},
): Promise<T> {
  const seen =
    organizationId === undefined
      ? await requireOrganization(ctx, permission)
      : await requireOrganizationOf(ctx, organizationId, permission, reach);
  return inTransaction(ctx, async (tx) => work(tx, await holdOrganization(tx, seen, permission, reach)));
}

/** Records what the viewer did in an organisation. @param subjectId whom it concerns; the viewer when absent */
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
export function refuse(): never {
  throw new ForbiddenError();
}

function permitted(acting: ActingOrganization, permission: Permission): ActingOrganization {
  return acting.permissions.has(permission) ? acting : refuse();
}

function toActing(row: Row, { evenDeleted = false }: Reach): ActingOrganization | null {
  const { membershipId, ownRole, groupRole, platformRole, customPermissions, ...organization } = row;
  const isAdmin = platformRole === ADMIN_ROLE;
  if (!isAdmin && (organization.suspendedAt !== null || (organization.deletesAt !== null && !evenDeleted))) return null;
  const role = highestRole([ownRole, groupRole, isAdmin ? 'OWNER' : null]);
  if (role === null) return null;
  const permissions = permissionsOf(role, customPermissions, organization.openRegistration);
  return { organization, membershipId, role, permissions };
}
