import type { ActingOrganization } from '#core/organizations/acting-organization.ts';
import { LimitReachedError, ValidationError } from '#errors.ts';
import type { Organization } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import { MembershipRoleEnum, OrganizationObject, PermissionEnum } from '#graphql/organization-objects.ts';
import {
  createOrganization,
  currentOrganization,
  findOrganization,
  tenantOf,
  updateOrganization,
} from './organizations.ts';

const CurrentOrganizationObject = builder.objectRef<ActingOrganization>('CurrentOrganization').implement({
  description: 'Where a request acts, and what the viewer is and may do there now.',
  fields: (t) => ({
    organization: t.expose('organization', { type: OrganizationObject, description: 'The organization.' }),
    role: t.expose('role', {
      type: MembershipRoleEnum,
      description: 'The highest of the own role, the role in the group (OWNER, ADMIN), and OWNER for a platform admin.',
    }),
    permissions: t.field({
      type: [PermissionEnum],
      description:
        'What the role and the custom roles for the whole organization allow; see also `Project.permissions`.',
      resolve: ({ permissions }) => [...permissions],
    }),
  }),
});

builder.queryField('currentOrganization', (t) =>
  t.field({
    type: CurrentOrganizationObject,
    nullable: true,
    access: 'optionalViewer',
    description:
      'Where this request acts: in the organization of the header `X-Organization-Id`, without one in the only organization the viewer belongs to, else null. A header that may not be acted in is FORBIDDEN, whatever the reason; one that is no UUID is BAD_REQUEST.',
    resolve: (_root, _args, ctx) => currentOrganization(ctx),
  }),
);

builder.queryField('organization', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'organization:read',
    description:
      'An organization the viewer may act in. Any other, and any other than that of the header where there is one, is FORBIDDEN.',
    args: { id: t.arg.id({ description: 'Its id.' }) },
    resolve: (_root, { id }, ctx) => findOrganization(ctx, { id }),
  }),
);

builder.queryField('organizationBySlug', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'organization:read',
    description: 'As `organization`, by the slug it has, or had within the last 90 days.',
    args: { slug: t.arg.string({ description: 'Its slug.' }) },
    resolve: (_root, { slug }, ctx) => findOrganization(ctx, { slug }),
  }),
);

builder.prismaObjectField(UserObject, 'tenant', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'holder',
    description:
      'The organization the person registered into, or the team made for them when the address was proven; null before, and when they no longer belong to it.',
    resolve: (user, _args, ctx) => tenantOf(ctx, user),
  }),
);

const CreateOrganizationInputObject = builder.inputType('CreateOrganizationInput', {
  description: 'What to make.',
  fields: (t) => ({
    name: t.string({ description: 'Name, 1 to 100 characters.' }),
    groupId: t.id({
      required: false,
      description:
        'The group it belongs to: an organization where the viewer has `organizations:create`, in no group itself.',
    }),
  }),
});

const CreateOrganizationSuccessObject = builder
  .objectRef<{ organization: Organization }>('CreateOrganizationSuccess')
  .implement({
    description: 'The organization is there, with the viewer as its owner and a default project.',
    fields: (t) => ({
      organization: t.expose('organization', { type: OrganizationObject, description: 'What was made.' }),
    }),
  });

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: resultUnion('CreateOrganizationResult', CreateOrganizationSuccessObject, [
      LimitReachedError,
      ValidationError,
    ]),
    access: 'viewer',
    description:
      'Makes an organization that the viewer owns. The slug is made of the name. A person can own only so many (LimitReachedError). In a group the viewer needs the permission `organizations:create` there, else FORBIDDEN.',
    args: { input: t.arg({ type: CreateOrganizationInputObject, description: 'What to make.' }) },
    resolve: (_root, { input }, ctx) => createOrganization(ctx, input),
  }),
);

const UpdateOrganizationInputObject = builder.inputType('UpdateOrganizationInput', {
  description: 'What to change; what is absent or null stays as it is.',
  fields: (t) => ({
    organizationId: t.id({ required: false, description: 'Which organization; the one acted in when absent.' }),
    name: t.string({ required: false, description: 'New name, 1 to 100 characters.' }),
    slug: t.string({
      required: false,
      description: 'New slug: 2 to 63 of a-z, 0-9 and single hyphens. The old one leads here for 90 days more.',
    }),
    openRegistration: t.boolean({ required: false, description: 'Whether people may register into it.' }),
  }),
});

const UpdateOrganizationSuccessObject = builder
  .objectRef<{ organization: Organization }>('UpdateOrganizationSuccess')
  .implement({
    description: 'The organization is changed.',
    fields: (t) => ({
      organization: t.expose('organization', {
        type: OrganizationObject,
        description: 'The organization as it is now.',
      }),
    }),
  });

builder.mutationField('updateOrganization', (t) =>
  t.field({
    type: resultUnion('UpdateOrganizationResult', UpdateOrganizationSuccessObject, [ValidationError]),
    access: 'organization:update',
    description: 'Renames an organization, gives it another slug, or opens or closes it for registration.',
    args: { input: t.arg({ type: UpdateOrganizationInputObject, description: 'What to change.' }) },
    resolve: (_root, { input }, ctx) => updateOrganization(ctx, input),
  }),
);
