/** Organizations and what belongs to them, as several capabilities answer with them. */
import { ALL_PERMISSIONS, PERMISSIONS, type Permission } from '#core/organizations/permissions.ts';
import { MembershipRole } from '#generated/prisma/client.ts';
import { builder } from './builder.ts';

export const MembershipRoleEnum = builder.enumType('MembershipRole', {
  description:
    'What a member is in an organization: an OWNER may all that an ADMIN may, an ADMIN all that a MEMBER may.',
  values: {
    OWNER: { value: MembershipRole.OWNER, description: 'May everything, also delete it and hand it over.' },
    ADMIN: { value: MembershipRole.ADMIN, description: 'Runs it, but for what only an owner may.' },
    MEMBER: { value: MembershipRole.MEMBER, description: 'Sees it, its members and its projects.' },
  },
});

/** `members:invite` is MEMBERS_INVITE: a name in GraphQL has no colon. */
export const PermissionEnum = builder.enumType('Permission', {
  description: 'Something that can be done in an organization.',
  values: Object.fromEntries(
    ALL_PERMISSIONS.map((value) => [
      value.replace(':', '_').toUpperCase(),
      { value, description: `\`${value}\`: ${PERMISSIONS[value]}` },
    ]),
  ) as Record<string, { value: Permission; description: string }>,
});

export const OrganizationObject = builder.prismaObject('Organization', {
  description:
    'A tenant, a team, or a group of them. Its members, projects and roles are for whoever may act in it: for others, and under the header of another organization, they are FORBIDDEN.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'UUID; what the organization header names, and the `org_id` of access tokens.',
    }),
    name: t.exposeString('name', { description: 'Name as entered by whoever runs it.' }),
    slug: t.exposeString('slug', { description: 'Its name in addresses: a-z, 0-9 and hyphens; unique.' }),
    groupId: t.exposeID('parentId', { nullable: true, description: 'The group it belongs to; null for none.' }),
    openRegistration: t.exposeBoolean('openRegistration', {
      description:
        'Whether anybody who registers may become a member by naming it. A MEMBER then does not see the others (`members:read`).',
    }),
    suspendedAt: t.expose('suspendedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when nobody but platform admins can act in it; null when it is not suspended.',
    }),
    deletesAt: t.expose('deletesAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is deleted for good, unless an owner restores it; null when nobody asked for it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

/** Not `User`: phone number, sessions and platform role are nobody's business in an organization. */
export const MemberObject = builder.prismaObject('User', {
  variant: 'Member',
  description: 'A person as the other members of an organization see them.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; the `sub` of access tokens.' }),
    name: t.exposeString('name', { description: 'Name as entered by the person.' }),
    email: t.exposeString('email', { description: 'Address in its canonical (lower-case) form.' }),
  }),
});

export const MembershipObject = builder.prismaObject('Membership', {
  description: 'A person in an organization.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID.' }),
    role: t.expose('role', { type: MembershipRoleEnum, description: 'The built-in role.' }),
    user: t.relation('user', { type: MemberObject, access: 'holder', description: 'Who belongs to it.' }),
    organization: t.relation('organization', { access: 'holder', description: 'What they belong to.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they joined.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When their role last changed.' }),
  }),
});

export const ProjectObject = builder.prismaObject('Project', {
  description: 'Something an organization works on.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID.' }),
    organizationId: t.exposeID('organizationId', { description: 'The organization it belongs to.' }),
    name: t.exposeString('name', { description: 'Name, unique in the organization.' }),
    isDefault: t.exposeBoolean('isDefault', { description: 'Whether it was made together with the organization.' }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is in the archive; null when it is not.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const RoleObject = builder.prismaObject('OrganizationRole', {
  description: 'A custom role of an organization: a set of permissions that members can be given.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID.' }),
    organizationId: t.exposeID('organizationId', { description: 'The organization it belongs to.' }),
    name: t.exposeString('name', { description: 'Name, unique in the organization.' }),
    permissions: t.field({
      type: [PermissionEnum],
      description: 'What it allows.',
      // A permission that was taken out of the list since gives nothing.
      resolve: (role) => ALL_PERMISSIONS.filter((permission) => role.permissions.includes(permission)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const RoleBindingObject = builder.prismaObject('RoleBinding', {
  description: 'A custom role that a member was given: for the whole organization, or for one project.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID.' }),
    role: t.relation('role', { access: 'holder', description: 'What was given.' }),
    project: t.relation('project', {
      nullable: true,
      access: 'holder',
      description: 'Where; null for the whole organization.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was given.' }),
  }),
});
