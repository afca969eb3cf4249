/**
 * What can be done in an organization, and what each built-in role may do. The one list: the rules of the schema, the
 * `Permission` enum, the table in docs/organizations.md and the tests of who may do what are all made of it.
 */
import type { MembershipRole } from '#generated/prisma/client.ts';

/** Every permission, with what it allows. Stored in custom roles by these names: add, never rename. */
export const PERMISSIONS = {
  'organization:read': 'See the organization itself.',
  'organization:update': 'Change its name, its slug and whether people may register into it.',
  'organization:delete': 'Ask for its deletion, and undo that.',
  'organization:transfer': 'Hand the ownership over to another member.',
  'organizations:create': 'Make organizations in it, where it is a group.',
  'members:read': 'See who belongs to it, with name and email address.',
  'members:invite': 'Invite people by email, and see, resend and revoke invitations.',
  'members:update': 'Change the roles of members, up to the own role.',
  'members:remove': 'Remove members, up to the own role.',
  'projects:read': 'See its projects.',
  'projects:create': 'Make projects.',
  'projects:update': 'Rename projects.',
  'projects:archive': 'Archive projects and take them out of the archive.',
  'roles:read': 'See its custom roles and who has them.',
  'roles:manage': 'Make, change, delete, give and take custom roles that hold no more than the own permissions.',
} as const satisfies Record<`${string}:${string}`, string>;

export type Permission = keyof typeof PERMISSIONS;

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];

/** What counts of a role that is bound to a project: it can give nothing outside of the project. */
export const PROJECT_PERMISSIONS: readonly Permission[] = ALL_PERMISSIONS.filter(
  (permission) => permission.startsWith('projects:') && permission !== 'projects:create',
);

const MEMBER = ['organization:read', 'members:read', 'projects:read', 'roles:read'] as const;
const ONLY_OWNER: readonly Permission[] = ['organization:delete', 'organization:transfer'];

/** What the built-in roles may do. Each may all that the one below may. */
export const ROLE_PERMISSIONS: Record<MembershipRole, readonly Permission[]> = {
  OWNER: ALL_PERMISSIONS,
  ADMIN: ALL_PERMISSIONS.filter((permission) => !ONLY_OWNER.includes(permission)),
  MEMBER,
};

/** What a MEMBER may not do where anybody may register: names and addresses of the members would be anybody's to read. */
const NOT_WHERE_OPEN: readonly Permission[] = ['members:read'];

const RANK: Record<MembershipRole, number> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** Whether a role is above another one: nobody gives a role above their own, or touches who has one. */
export function isAbove(role: MembershipRole, other: MembershipRole): boolean {
  return RANK[role] > RANK[other];
}

/** The higher of the roles that somebody has in one place; null for none. */
export function highestRole(roles: readonly (MembershipRole | null)[]): MembershipRole | null {
  return roles.reduce((best, role) => (role !== null && (best === null || isAbove(role, best)) ? role : best), null);
}

/**
 * What somebody with this role may do, and with custom roles besides. A permission that is no longer known gives nothing.
 * @param isOpen whether anybody may register into the organization
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

/** Of stored names those that are in the list. */
export function knownPermissions(names: readonly string[]): Permission[] {
  return ALL_PERMISSIONS.filter((permission) => names.includes(permission));
}
