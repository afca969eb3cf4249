import { LimitReachedError, ValidationError } from '#errors.ts';
import type { OrganizationRole, RoleBinding } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import {
  MembershipObject,
  OrganizationObject,
  PermissionEnum,
  RoleBindingObject,
  RoleObject,
} from '#graphql/organization-objects.ts';
import { assignRole, createRole, deleteRole, listBindings, listRoles, unassignRole, updateRole } from './roles.ts';

const ROLE = { type: RoleObject, description: 'The role as it is now.' } as const;

builder.prismaObjectField(OrganizationObject, 'roles', (t) =>
  t.prismaConnection(
    {
      type: RoleObject,
      access: 'roles:read',
      cursor: 'id',
      nullable: true,
      description: 'Its custom roles, by name.',
      resolve: (page, organization, _args, ctx) => listRoles(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationRolesConnection', description: 'One page of the custom roles of an organization.' },
    { name: 'OrganizationRolesEdge', description: 'A role and its place in the list.' },
  ),
);

builder.prismaObjectField(MembershipObject, 'roleBindings', (t) =>
  t.prismaConnection(
    {
      type: RoleBindingObject,
      access: 'roles:read',
      cursor: 'id',
      nullable: true,
      description: 'The custom roles the member was given.',
      resolve: (page, { id, organizationId }, _args, ctx) =>
        listBindings(ctx, { membershipId: id, organizationId, page }),
    },
    { name: 'MembershipRoleBindingsConnection', description: 'One page of the custom roles of a member.' },
    { name: 'MembershipRoleBindingsEdge', description: 'A role that was given, and its place in the list.' },
  ),
);

const CreateRoleInputObject = builder.inputType('CreateRoleInput', {
  description: 'What to make.',
  fields: (t) => ({
    name: t.string({ description: 'Name, 1 to 100 characters, unique in the organization.' }),
    permissions: t.field({ type: [PermissionEnum], description: 'What it allows: no more than the viewer may.' }),
  }),
});

const CreateRoleSuccessObject = builder.objectRef<{ role: OrganizationRole }>('CreateRoleSuccess').implement({
  description: 'The role can be given.',
  fields: (t) => ({ role: t.expose('role', ROLE) }),
});

builder.mutationField('createRole', (t) =>
  t.field({
    type: resultUnion('CreateRoleResult', CreateRoleSuccessObject, [LimitReachedError, ValidationError]),
    access: 'roles:manage',
    description:
      'Makes a custom role in the organization that is acted in. One that holds a permission the viewer does not have is FORBIDDEN.',
    args: { input: t.arg({ type: CreateRoleInputObject, description: 'What to make.' }) },
    resolve: (_root, { input }, ctx) => createRole(ctx, input),
  }),
);

const UpdateRoleInputObject = builder.inputType('UpdateRoleInput', {
  description: 'What to change; what is absent or null stays as it is.',
  fields: (t) => ({
    roleId: t.id({ description: 'Id of the role.' }),
    name: t.string({ required: false, description: 'New name, 1 to 100 characters, unique in the organization.' }),
    permissions: t.field({ type: [PermissionEnum], required: false, description: 'All that it allows from now on.' }),
  }),
});

const UpdateRoleSuccessObject = builder.objectRef<{ role: OrganizationRole }>('UpdateRoleSuccess').implement({
  description: 'The role is changed for everybody who has it, from their next request on.',
  fields: (t) => ({ role: t.expose('role', ROLE) }),
});

builder.mutationField('updateRole', (t) =>
  t.field({
    type: resultUnion('UpdateRoleResult', UpdateRoleSuccessObject, [ValidationError]),
    access: 'roles:manage',
    description: 'Changes a custom role. The viewer needs every permission that it holds, before and after.',
    args: { input: t.arg({ type: UpdateRoleInputObject, description: 'What to change.' }) },
    resolve: (_root, { input }, ctx) => updateRole(ctx, input),
  }),
);

const DeleteRoleInputObject = builder.inputType('DeleteRoleInput', {
  description: 'What to delete.',
  fields: (t) => ({ roleId: t.id({ description: 'Id of the role.' }) }),
});

const DeleteRoleSuccessObject = builder.objectRef<{ roleId: string }>('DeleteRoleSuccess').implement({
  description: 'Nobody has the role any more.',
  fields: (t) => ({ roleId: t.exposeID('roleId', { description: 'The role that was deleted.' }) }),
});

builder.mutationField('deleteRole', (t) =>
  t.field({
    type: resultUnion('DeleteRoleResult', DeleteRoleSuccessObject, []),
    access: 'roles:manage',
    description: 'Deletes a custom role and takes it from everybody. The viewer needs every permission that it holds.',
    args: { input: t.arg({ type: DeleteRoleInputObject, description: 'What to delete.' }) },
    resolve: (_root, { input }, ctx) => deleteRole(ctx, input),
  }),
);

const AssignRoleInputObject = builder.inputType('AssignRoleInput', {
  description: 'Who gets which role, and where.',
  fields: (t) => ({
    membershipId: t.id({ description: 'Id of the membership.' }),
    roleId: t.id({ description: 'Id of the role.' }),
    projectId: t.id({
      required: false,
      description: 'Only for this project, where only permissions that concern a project count.',
    }),
  }),
});

const AssignRoleSuccessObject = builder.objectRef<{ binding: RoleBinding }>('AssignRoleSuccess').implement({
  description: 'The member has the role, from their next request on.',
  fields: (t) => ({ binding: t.expose('binding', { type: RoleBindingObject, description: 'What was given.' }) }),
});

builder.mutationField('assignRole', (t) =>
  t.field({
    type: resultUnion('AssignRoleResult', AssignRoleSuccessObject, [LimitReachedError]),
    access: 'roles:manage',
    description:
      'Gives a member a custom role, for the whole organization or for a project. The viewer needs every permission that it holds. Can be repeated.',
    args: { input: t.arg({ type: AssignRoleInputObject, description: 'Who gets which role, and where.' }) },
    resolve: (_root, { input }, ctx) => assignRole(ctx, input),
  }),
);

const UnassignRoleInputObject = builder.inputType('UnassignRoleInput', {
  description: 'From whom which role is taken, and where.',
  fields: (t) => ({
    membershipId: t.id({ description: 'Id of the membership.' }),
    roleId: t.id({ description: 'Id of the role.' }),
    projectId: t.id({ required: false, description: 'The project it was given for; absent: the whole organization.' }),
  }),
});

const UnassignRoleSuccessObject = builder.objectRef<{ wasAssigned: boolean }>('UnassignRoleSuccess').implement({
  description: 'The member does not have the role there.',
  fields: (t) => ({ wasAssigned: t.exposeBoolean('wasAssigned', { description: 'Whether they had it before.' }) }),
});

builder.mutationField('unassignRole', (t) =>
  t.field({
    type: resultUnion('UnassignRoleResult', UnassignRoleSuccessObject, []),
    access: 'roles:manage',
    description: 'Takes a custom role from a member. The viewer needs every permission that it holds. Can be repeated.',
    args: { input: t.arg({ type: UnassignRoleInputObject, description: 'From whom which role is taken, and where.' }) },
    resolve: (_root, { input }, ctx) => unassignRole(ctx, input),
  }),
);
