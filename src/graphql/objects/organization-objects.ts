/** Organizations and what belongs to them, as several capabilities answer with them. */
import { ALL_PERMISSIONS, PERMISSIONS, type Permission } from '#core/organizations/permissions.ts';
import { MembershipRole } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { NodeInterface } from '#graphql/entities/node-interface.ts';

export const MembershipRoleEnum = builder.enumType('MembershipRole', {
  description:
    'Built-in role of a member. An OWNER can do all that an ADMIN can, an ADMIN all that a MEMBER can. Custom roles add permissions.',
  values: {
    OWNER: {
      value: MembershipRole.OWNER,
      description:
        'Has every permission, including `organization:delete` and `organization:transfer`. There is always at least one.',
    },
    ADMIN: {
      value: MembershipRole.ADMIN,
      description: 'Has every permission except `organization:delete` and `organization:transfer`.',
    },
    MEMBER: {
      value: MembershipRole.MEMBER,
      description:
        'Can see the organization, its members, projects and roles; where registration is open, not the members.',
    },
  },
});

/** `members:invite` is MEMBERS_INVITE: a name in GraphQL has no colon. */
export const PermissionEnum = builder.enumType('Permission', {
  description:
    'Something a member can be allowed to do. Built-in roles have fixed permissions; custom roles combine them.',
  values: Object.fromEntries(
    ALL_PERMISSIONS.map((value) => [
      value.replace(':', '_').toUpperCase(),
      { value, description: `\`${value}\`: ${PERMISSIONS[value]}` },
    ]),
  ) as Record<string, { value: Permission; description: string }>,
});

export const OrganizationObject = builder.prismaObject('Organization', {
  interfaces: [NodeInterface],
  description:
    'A tenant: a team, a customer, or a group of organizations. Its lists are for people who may act in it; for others, and when the header `X-Organization-Id` names another organization, they are FORBIDDEN.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'UUID: the value of the header `X-Organization-Id` and of the `org_id` claim of access tokens.',
    }),
    name: t.exposeString('name', { description: 'Display name, 1 to 100 characters. Not unique; the slug is.' }),
    slug: t.exposeString('slug', {
      description:
        'Unique name for URLs, in lower case: `blue-teapots`. After a change, the former slug still leads here for 90 days.',
    }),
    groupId: t.exposeID('parentId', {
      nullable: true,
      description:
        'The organization that is its group. Owners and admins of the group can act here too. Null if it belongs to none.',
    }),
    requiresSecondFactor: t.exposeBoolean('requiresSecondFactor', {
      description:
        'Whether members act in it only after showing a second factor. Without, FORBIDDEN with the reason ' +
        'SECOND_FACTOR_REQUIRED.',
    }),
    openRegistration: t.exposeBoolean('openRegistration', {
      description:
        'Whether anyone can become a member by passing its id to `register`. If so, a MEMBER cannot see the other members.',
    }),
    suspendedAt: t.expose('suspendedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it has been blocked for everyone except platform administrators; null if it is not.',
    }),
    deletesAt: t.expose('deletesAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it is deleted for good unless an owner calls `restoreOrganization`; null if no deletion is pending.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When its first owner created it.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When its name, slug, registration or state last changed. Members and projects do not count.',
    }),
  }),
});

/** Not `User`: phone number, sessions and platform role are nobody's business in an organization. */
export const MemberObject = builder.prismaObject('User', {
  variant: 'Member',
  description:
    'A person as the other members of an organization see them: without phone number, sessions and platform role.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID that never changes; the `sub` claim of access tokens.' }),
    name: t.exposeString('name', { description: 'Display name, as the person entered it. Not unique.' }),
    email: t.exposeString('email', { description: 'Email address in lower case.' }),
  }),
});

export const MembershipObject = builder.prismaObject('Membership', {
  description: 'What connects a person and an organization; a person has at most one in each.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; what `updateMembershipRole`, `removeMember` and `assignRole` take.' }),
    role: t.expose('role', {
      type: MembershipRoleEnum,
      description: 'Built-in role; `roleBindings` lists the custom roles.',
    }),
    user: t.relation('user', {
      type: MemberObject,
      access: 'holder',
      description: 'The member, with name and email address only.',
    }),
    organization: t.relation('organization', { access: 'holder', description: 'Where the person belongs.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person became a member.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When `role` last changed. Custom roles do not count.',
    }),
  }),
});

export const ProjectObject = builder.prismaObject('Project', {
  description: 'Something an organization works on, and the smallest scope a custom role can be assigned for.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; what `renameProject`, `archiveProject` and `assignRole` take.' }),
    organizationId: t.exposeID('organizationId', { description: 'The organization that owns it. This never changes.' }),
    name: t.exposeString('name', { description: 'Name, 1 to 100 characters, unique within the organization.' }),
    isDefault: t.exposeBoolean('isDefault', {
      description:
        'Whether it was created together with the organization. Vault access tokens name it while it is not ' +
        'archived.',
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was moved to the archive; null if it is in use. Archived projects can still be read.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When a member added it, or when the organization began.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it was last renamed, archived or unarchived.',
    }),
  }),
});

export const RoleObject = builder.prismaObject('OrganizationRole', {
  description:
    'A custom role: a named set of permissions that can be assigned to members, on top of their built-in role.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; what `updateRole`, `deleteRole` and `assignRole` take.' }),
    organizationId: t.exposeID('organizationId', { description: 'The organization that owns it. This never changes.' }),
    name: t.exposeString('name', { description: 'Name, 1 to 100 characters, unique within the organization.' }),
    permissions: t.field({
      type: [PermissionEnum],
      description:
        'The permissions it adds. For a role assigned for a project, only those that concern projects count.',
      // A permission that was taken out of the list since gives nothing.
      resolve: (role) => ALL_PERMISSIONS.filter((permission) => role.permissions.includes(permission)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When a member added it.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its name or permissions last changed.' }),
  }),
});

export const RoleBindingObject = builder.prismaObject('RoleBinding', {
  description: 'The assignment of a custom role to a member, for the whole organization or for a single project.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID of the assignment.' }),
    role: t.relation('role', { access: 'holder', description: 'The custom role that was assigned.' }),
    project: t.relation('project', {
      nullable: true,
      access: 'holder',
      description: 'The only project it applies to; null if it applies to the whole organization.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the member was given the role.' }),
  }),
});
