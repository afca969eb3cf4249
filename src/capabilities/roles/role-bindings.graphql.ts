/** Assigning custom roles to members, and taking them away. */
import { InvalidOrganizationHeaderError, LimitReachedError } from '#errors/domain-errors.ts';
import type { RoleBinding } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { MembershipObject, RoleBindingObject } from '#graphql/objects/organization-objects.ts';
import { assignRole, listBindings, unassignRole } from './roles.ts';

builder.prismaObjectField(MembershipObject, 'roleBindings', (t) =>
  t.prismaConnection(
    {
      type: RoleBindingObject,
      access: 'roles:read',
      cursor: 'id',
      nullable: true,
      description: 'Custom roles of the member, and where each applies, oldest assignment first.',
      resolve: (page, { id, organizationId }, _args, ctx) =>
        listBindings(ctx, { membershipId: id, organizationId, page }),
    },
    {
      name: 'MembershipRoleBindingsConnection',
      description: 'A page of the custom roles that were assigned to a member.',
    },
    { name: 'MembershipRoleBindingsEdge', description: 'An assignment and its place in the list.' },
  ),
);

const AssignRoleInputObject = builder.inputType('AssignRoleInput', {
  description:
    'Member, custom role and, if it should not apply everywhere, the project. All must be of the same ' +
    'organization.',
  fields: (t) => ({
    membershipId: t.id({ description: 'UUID from `Organization.members`, not of the person.' }),
    roleId: t.id({ description: 'UUID from `Organization.roles`.' }),
    projectId: t.id({
      required: false,
      description:
        'Restricts the role to this project, where only its permissions on projects count. Omit it for the whole ' +
        'organization.',
    }),
  }),
});

const AssignRoleSuccessObject = builder.objectRef<{ binding: RoleBinding }>('AssignRoleSuccess').implement({
  description: 'The member has the permissions of the role from their next request on.',
  fields: (t) => ({
    binding: t.expose('binding', {
      type: RoleBindingObject,
      description: 'The assignment; the existing one if the member had the role there already.',
    }),
  }),
});

builder.mutationField('assignRole', (t) =>
  t.field({
    type: resultUnion('AssignRoleResult', AssignRoleSuccessObject, [LimitReachedError, InvalidOrganizationHeaderError]),
    access: 'roles:manage',
    description: 'Gives a member a custom role. The viewer must have every permission it grants. Can be repeated.',
    args: {
      input: t.arg({
        type: AssignRoleInputObject,
        description:
          'For example `{membershipId: "019a5f6e-0000-7000-8000-000000000000", roleId: ' +
          '"019a5f6e-0000-7000-8000-000000000001"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => assignRole(ctx, input),
  }),
);

const UnassignRoleInputObject = builder.inputType('UnassignRoleInput', {
  description: 'The assignment to end, named by its parts as in `assignRole`.',
  fields: (t) => ({
    membershipId: t.id({ description: 'UUID from `Organization.members`, not of the person.' }),
    roleId: t.id({ description: 'UUID from `Organization.roles`.' }),
    projectId: t.id({
      required: false,
      description:
        'The project it was assigned for. Omit it for an assignment for the whole organization; others stay.',
    }),
  }),
});

const UnassignRoleSuccessObject = builder.objectRef<{ wasAssigned: boolean }>('UnassignRoleSuccess').implement({
  description: 'The member no longer has the role there, whether or not they had it before.',
  fields: (t) => ({
    wasAssigned: t.exposeBoolean('wasAssigned', { description: 'False if there was nothing to take away.' }),
  }),
});

builder.mutationField('unassignRole', (t) =>
  t.field({
    type: resultUnion('UnassignRoleResult', UnassignRoleSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'roles:manage',
    description: 'Takes a custom role from a member. The viewer must have every permission it grants. Can be repeated.',
    args: {
      input: t.arg({
        type: UnassignRoleInputObject,
        description:
          'For example `{membershipId: "019a5f6e-0000-7000-8000-000000000000", roleId: ' +
          '"019a5f6e-0000-7000-8000-000000000001"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => unassignRole(ctx, input),
  }),
);
