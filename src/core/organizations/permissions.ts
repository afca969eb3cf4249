/**
 * The permissions in an organization, and which of them each built-in role has. The single source for the rules of the
 * schema, the `Permission` enum, the table in docs/organizations.md, and the tests of who may do what.
 */
import type { MembershipRole, Organization } from '#generated/prisma/client.ts';

/** Every permission and what it allows. Custom roles store these names: add new ones, never rename any. */
export const PERMISSIONS = {
  'organization:read': 'See the organization and act in it.',
  'organization:update': 'Change its name and slug, and open or close it for registration.',
  'organization:delete': 'Delete the organization, and undo that until it is gone.',
  'organization:transfer': 'Transfer your ownership to another member.',
  'organizations:create': 'Create organizations in it, which makes it a group.',
  'members:read': 'See who the members are, with name and email address.',
  'members:invite': 'Invite people by email, and see, resend, and revoke invitations.',
  'members:update': 'Change the built-in roles of members, up to your own role.',
  'members:remove': 'Remove members whose role is not higher than your own.',
  'projects:read': 'See all projects, archived ones too.',
  'projects:create': 'Add projects to the organization.',
  'projects:update': 'Give projects another name.',
  'projects:archive': 'Archive projects and bring them back.',
  'roles:read': 'See the custom roles and who has them.',
  'roles:manage':
    'Create, change, delete, assign, and unassign custom roles that grant no more than your own permissions.',
} as const satisfies Record<`${string}:${string}`, string>;

export type Permission = keyof typeof PERMISSIONS;

/** An organization that someone may act in, with their role and permissions there. */
export type ActingOrganization = {
  organization: Organization;
  /** The viewer's own membership; null when they act through the group or as a platform admin. */
  membershipId: string | null;
  /** The highest of the viewer's own role, their role in the group, and OWNER for a platform admin. */
  role: MembershipRole;
  /** What the role and the custom roles for the whole organization allow. */
  permissions: ReadonlySet<Permission>;
};

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];

/** The permissions that a role assigned for one project can grant: nothing outside the project. */
export const PROJECT_PERMISSIONS: readonly Permission[] = ALL_PERMISSIONS.filter(
  (permission) => permission.startsWith('projects:') && permission !== 'projects:create',
);

const MEMBER = ['organization:read', 'members:read', 'projects:read', 'roles:read'] as const;
const ONLY_OWNER: readonly Permission[] = ['organization:delete', 'organization:transfer'];

/** The permissions of the built-in roles. Each role includes those of the role below it. */
export const ROLE_PERMISSIONS: Record<MembershipRole, readonly Permission[]> = {
  OWNER: ALL_PERMISSIONS,
  ADMIN: ALL_PERMISSIONS.filter((permission) => !ONLY_OWNER.includes(permission)),
  MEMBER,
};

/** What a MEMBER may not do where anyone may register: otherwise anyone could read the members' names and addresses. */
const NOT_WHERE_OPEN: readonly Permission[] = ['members:read'];

const RANK: Record<MembershipRole, number> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** Whether a role is higher than another. Nobody may assign a role above their own, or change someone who has one. */
export function isAbove(role: MembershipRole, other: MembershipRole): boolean {
  return RANK[role] > RANK[other];
}

/** The highest of the roles that someone has in one place; null for none. */
export function highestRole(roles: readonly (MembershipRole | null)[]): MembershipRole | null {
  return roles.reduce((best, role) => (role !== null && (best === null || isAbove(role, best)) ? role : best), null);
}

/**
 * The permissions of a role together with those of custom roles. Stored permissions that no longer exist are ignored.
 * @param isOpen whether anyone may register in the organization
 */
export function permissionsOf(
  role: MembershipRole,
  custom: readonly string[],
  isOpen = false,
): ReadonlySet<Permission> {
  const builtIn = ROLE_PERMISSIONS[role].filter(
    (permission) => !(isOpen && role === 'MEMBER' && NOT_WHERE_OPEN.includes(permission)),
  );
  return new Set([...builtIn, ...knownPermissions(custom)]);
}

/** The stored names that are still permissions. */
export function knownPermissions(names: readonly string[]): Permission[] {
  return ALL_PERMISSIONS.filter((permission) => names.includes(permission));
}
