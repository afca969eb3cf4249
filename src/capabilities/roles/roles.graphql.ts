import {
  InvalidOrganizationHeaderError,
  LimitReachedError,
  OrganizationRequiredError,
  ValidationError,
} from '#errors/domain-errors.ts';
import type { OrganizationRole } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { OrganizationObject, PermissionEnum, RoleObject } from '#graphql/objects/organization-objects.ts';
import { createRole, deleteRole, listRoles, updateRole } from './roles.ts';

const ROLE = { type: RoleObject, description: 'The custom role after the change.' } as const;

builder.prismaObjectField(OrganizationObject, 'roles', (t) =>
  t.prismaConnection(
    {
      type: RoleObject,
      access: 'roles:read',
      cursor: 'id',
      nullable: true,
      description: 'Custom roles, sorted by name. The built-in ones are not in the list: see `MembershipRole`.',
      resolve: (page, organization, _args, ctx) => listRoles(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationRolesConnection', description: 'A page of custom roles, sorted by name.' },
    { name: 'OrganizationRolesEdge', description: 'A role and its place in the list.' },
  ),
);

const CreateRoleInputObject = builder.inputType('CreateRoleInput', {
  description: 'The new role and what it allows.',
  fields: (t) => ({
    organizationId: t.id({
      required: false,
      description:
        'UUID of the organization that gets the role. By default, the one this request acts in (`currentOrganization`).',
    }),

    name: t.string({
      description: '1 to 100 characters, unique among the roles of the organization: otherwise ALREADY_TAKEN.',
    }),
    permissions: t.field({
      type: [PermissionEnum],
      description: 'Only permissions that the viewer has; otherwise FORBIDDEN. May be empty.',
    }),
  }),
});

const CreateRoleSuccessObject = builder.objectRef<{ role: OrganizationRole }>('CreateRoleSuccess').implement({
  description: 'The role exists, and nobody has it yet: call `assignRole` next.',
  fields: (t) => ({ role: t.expose('role', ROLE) }),
});

builder.mutationField('createRole', (t) =>
  t.field({
    type: resultUnion('CreateRoleResult', CreateRoleSuccessObject, [
      LimitReachedError,
      ValidationError,
      OrganizationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'roles:manage',
    description: 'Creates a custom role. Up to 100 an organization.',
    args: {
      input: t.arg({
        type: CreateRoleInputObject,
        description: 'For example `{name: "Editor", permissions: [PROJECTS_CREATE, PROJECTS_UPDATE]}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => createRole(ctx, input),
  }),
);

const UpdateRoleInputObject = builder.inputType('UpdateRoleInput', {
  description: 'What to change. Fields that are omitted or null stay as they are.',
  fields: (t) => ({
    roleId: t.id({
      description: 'UUID from `Organization.roles`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
    name: t.string({
      required: false,
      description: '1 to 100 characters, unique among the roles of the organization: otherwise ALREADY_TAKEN.',
    }),
    permissions: t.field({
      type: [PermissionEnum],
      required: false,
      description: 'Replaces the list, rather than adding to it.',
    }),
  }),
});

const UpdateRoleSuccessObject = builder.objectRef<{ role: OrganizationRole }>('UpdateRoleSuccess').implement({
  description: 'Everyone who has the role is affected from their next request on.',
  fields: (t) => ({ role: t.expose('role', ROLE) }),
});

builder.mutationField('updateRole', (t) =>
  t.field({
    type: resultUnion('UpdateRoleResult', UpdateRoleSuccessObject, [ValidationError, InvalidOrganizationHeaderError]),
    access: 'roles:manage',
    description:
      'Renames a custom role or replaces its permissions. The viewer must have every permission it grants, ' +
      'before and after.',
    args: {
      input: t.arg({
        type: UpdateRoleInputObject,
        description: 'For example `{roleId: "019a5f6e-0000-7000-8000-000000000000", permissions: [PROJECTS_UPDATE]}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateRole(ctx, input),
  }),
);

const DeleteRoleInputObject = builder.inputType('DeleteRoleInput', {
  description: 'The custom role to remove.',
  fields: (t) => ({
    roleId: t.id({
      description: 'UUID from `Organization.roles`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
  }),
});

const DeleteRoleSuccessObject = builder.objectRef<{ roleId: string }>('DeleteRoleSuccess').implement({
  description: 'The role is gone, and with it every assignment.',
  fields: (t) => ({
    roleId: t.exposeID('roleId', { description: 'The id of the former role; nothing else will ever have it.' }),
  }),
});

builder.mutationField('deleteRole', (t) =>
  t.field({
    type: resultUnion('DeleteRoleResult', DeleteRoleSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'roles:manage',
    description:
      'Deletes a custom role and takes it away from everyone who has it. The viewer must have every permission ' +
      'it grants.',
    args: {
      input: t.arg({
        type: DeleteRoleInputObject,
        description: 'For example `{roleId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => deleteRole(ctx, input),
  }),
);
