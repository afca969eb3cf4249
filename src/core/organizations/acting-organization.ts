/**
 * The organization in which a request acts, and what it may do there.
 *
 * Read from the database on every request, so a removal, a lower role, or a suspension takes effect immediately on
 * every replica. A platform admin may act anywhere, an OWNER or ADMIN of a group in its organizations, and a member
 * where they are a member. Organizations that are unknown, suspended, deleted, or belong to others all give the same
 * error, ForbiddenError, and so does an object outside the organization in the header. An id in an input never widens
 * what the header allows.
 */
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import type { Ctx, Parts, Viewer } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { actsAsAdmin, requireFactorToAct } from '#core/sessions/second-factor-policy.ts';
import { InvalidOrganizationHeaderError } from '#errors/domain-errors.ts';
import { ForbiddenError, UnauthenticatedError } from '#errors/refused-errors.ts';
import type { MembershipRole, Organization } from '#generated/prisma/client.ts';
import { type ActingOrganization, highestRole, permissionsOf } from './permissions.ts';

type Row = Organization & {
  membershipId: string | null;
  ownRole: MembershipRole | null;
  groupRole: MembershipRole | null;
  platformRole: string;
  customPermissions: string[];
};

/** The compiler asks for every column of the model here. */
const ORGANIZATION_COLUMN_OF = {
  id: 'id',
  name: 'name',
  slug: 'slug',
  parentId: 'parent_id',
  openRegistration: 'open_registration',
  requiresSecondFactor: 'requires_second_factor',
  suspendedAt: 'suspended_at',
  deletesAt: 'deletes_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof Organization, string>;

/** The select list of an organization; its alias must be `o`. */
const ORGANIZATION_COLUMNS = Object.entries(ORGANIZATION_COLUMN_OF)
  .map(([field, column]) => `o.${column} AS "${field}"`)
  .join(', ');

/**
 * $1: the user. Every step uses a unique index, however many members and memberships there are.
 * A group that is suspended or scheduled for deletion gives no access to its organizations.
 */
const accessWhere = (condition: string) => `
  SELECT ${ORGANIZATION_COLUMNS}, m.id AS "membershipId", m.role::text AS "ownRole", g.role::text AS "groupRole",
         u.role AS "platformRole",
         ARRAY(SELECT unnest(r.permissions) FROM role_bindings b JOIN organization_roles r ON r.id = b.role_id
                WHERE b.membership_id = m.id AND b.project_id IS NULL) AS "customPermissions"
    FROM organizations o
    JOIN users u ON u.id = $1::uuid AND u.disabled_at IS NULL AND u.deletes_at IS NULL
    LEFT JOIN memberships m ON m.user_id = u.id AND m.organization_id = o.id
    LEFT JOIN organizations p ON p.id = o.parent_id AND p.suspended_at IS NULL AND p.deletes_at IS NULL
    LEFT JOIN memberships g ON g.user_id = u.id AND g.organization_id = p.id AND g.role <> 'MEMBER'
   WHERE ${condition}`;

/** $2: the organizations, separated by commas; both databases take a text. */
export const FIND_AMONG = {
  name: 'find-acting-organizations',
  text: accessWhere("o.id = ANY(string_to_array($2::text, ',')::uuid[])"),
};

/** $2: the organization. */
export const FIND = { name: 'find-acting-organization', text: accessWhere('o.id = $2::uuid') };

/** The organization of a user who can act in exactly one; no row if there are several. */
export const FIND_ONLY = {
  name: 'find-only-organization',
  text: `
    WITH mine AS (
      SELECT m.organization_id FROM memberships m
        JOIN organizations o ON o.id = m.organization_id AND o.suspended_at IS NULL AND o.deletes_at IS NULL
       -- Ordered like the index: otherwise the planner may prefer to read the whole table for only two rows.
       WHERE m.user_id = $1::uuid ORDER BY m.organization_id LIMIT 2)
    ${accessWhere('o.id = (SELECT organization_id FROM mine WHERE (SELECT count(*) FROM mine) = 1)')}`,
};

/** Whether organizations that an owner may still restore are included. */
export type Reach = { evenDeleted?: boolean };

/** The organization and what this user may do in it; null if they have no access, or if it is suspended or deleted. */
export async function findActing(
  parts: Parts,
  viewer: Viewer,
  organizationId: string,
  reach: Reach = {},
): Promise<ActingOrganization | null> {
  const id = parseId(organizationId);
  if (id === null) return null;
  const [row] = await parts.database.query<Row>(FIND, [viewer.user.id, id]);
  return row === undefined ? null : toActing(parts, viewer, row, reach);
}

/**
 * The organizations in which the viewer may act, out of these, with what they may do there. One in which only a second
 * factor is missing is left out like any other, so that nobody learns which ids exist.
 */
export async function findActingAmong(
  parts: Parts,
  viewer: Viewer,
  organizationIds: readonly string[],
): Promise<ActingOrganization[]> {
  if (organizationIds.length === 0) return [];
  const rows = await parts.database.query<Row>(FIND_AMONG, [viewer.user.id, organizationIds.join(',')]);
  return rows.flatMap((row) => {
    try {
      return toActing(parts, viewer, row, {}) ?? [];
    } catch (error) {
      if (error instanceof ForbiddenError) return [];
      throw error;
    }
  });
}

/** Like `findActing`, but reads in the current transaction. */
export async function findActingIn(
  tx: Ctx,
  viewer: Viewer,
  organizationId: string,
  reach: Reach,
): Promise<ActingOrganization | null> {
  const [row] = await tx.db.$queryRawUnsafe<Row[]>(FIND.text, viewer.user.id, organizationId);
  return row === undefined ? null : toActing(tx, viewer, row, reach);
}

/**
 * The effective organization: the one in the header, or without a header the only one the viewer belongs to, else null.
 * Fails with InvalidOrganizationHeaderError if the header is not a UUID, and with ForbiddenError if the viewer may not
 * act there.
 */
export async function findEffective(
  parts: Parts,
  header: string | null,
  viewer: Viewer | null,
): Promise<ActingOrganization | null> {
  if (header === null) {
    if (viewer === null) return null;
    const [row] = await parts.database.query<Row>(FIND_ONLY, [viewer.user.id]);
    return row === undefined ? null : toActing(parts, viewer, row, {});
  }
  requireHeaderId(header);
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  const acting = await findActing(parts, viewer, header);
  if (acting === null) throw new ForbiddenError();
  return acting;
}

/** The id in the organization header. Fails with InvalidOrganizationHeaderError if it is not a UUID. */
export function requireHeaderId(header: string): string {
  const id = parseId(header);
  if (id === null) throw new InvalidOrganizationHeaderError();
  return id;
}

/** Fails with ForbiddenError if a second factor is all that is missing. */
function toActing(
  { config }: Pick<Parts, 'config'>,
  viewer: Viewer,
  row: Row,
  { evenDeleted = false }: Reach,
): ActingOrganization | null {
  const { membershipId, ownRole, groupRole, platformRole, customPermissions, ...organization } = row;
  const isAdmin = platformRole === ADMIN_ROLE && actsAsAdmin(config, viewer);
  if (!isAdmin && (organization.suspendedAt !== null || (organization.deletesAt !== null && !evenDeleted))) return null;
  const role = highestRole([ownRole, groupRole, isAdmin ? 'OWNER' : null]);
  if (role === null) {
    if (platformRole === ADMIN_ROLE) throw new ForbiddenError('SECOND_FACTOR_REQUIRED');
    return null;
  }
  requireFactorToAct(config, viewer, organization);
  const permissions = permissionsOf(role, customPermissions, organization.openRegistration);
  return { organization, membershipId, role, permissions };
}
