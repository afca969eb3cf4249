import type { ActingOrganization } from '#core/organizations/permissions.ts';
import {
  InvalidOrganizationHeaderError,
  LimitReachedError,
  OrganizationRequiredError,
  ValidationError,
} from '#errors/domain-errors.ts';
import type { Organization } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { findableById } from '#graphql/entities/entities.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { MembershipRoleEnum, OrganizationObject, PermissionEnum } from '#graphql/objects/organization-objects.ts';
import {
  createOrganization,
  currentOrganization,
  findOrganization,
  findVisibleOrganizations,
  tenantOf,
  updateOrganization,
} from './organizations.ts';

const CurrentOrganizationObject = builder.objectRef<ActingOrganization>('CurrentOrganization').implement({
  description: 'Where this request acts, and what the viewer is allowed to do there at this moment.',
  fields: (t) => ({
    organization: t.expose('organization', {
      type: OrganizationObject,
      description: 'Named by the header, or the only one the viewer belongs to.',
    }),
    role: t.expose('role', {
      type: MembershipRoleEnum,
      description:
        "The highest of the viewer's own role, their role in the group (OWNER or ADMIN only), and OWNER for a " +
        'platform administrator.',
    }),
    permissions: t.field({
      type: [PermissionEnum],
      description:
        'Granted by `role` and by custom roles for the whole organization. For a single project, see ' +
        '`Project.permissions`.',
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
      'The organization this request acts in: the one named by the header `X-Organization-Id`. Without the ' +
      'header, the only one the viewer belongs to; null if there are none or several. A header that names an ' +
      'organization the viewer may not act in is FORBIDDEN, one that is not a UUID is BAD_REQUEST.',
    resolve: (_root, _args, ctx) => currentOrganization(ctx),
  }),
);

findableById('Organization', findVisibleOrganizations);

builder.queryField('organization', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'organization:read',
    description:
      'An organization the viewer may act in. Any other is FORBIDDEN, whether or not it exists; so is one that ' +
      'is not named by the header, if there is a header.',
    args: { id: t.arg.id({ description: 'A UUID, as in `me.memberships`.' }) },
    resolve: (_root, { id }, ctx) => findOrganization(ctx, { id }),
  }),
);

builder.queryField('organizationBySlug', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'organization:read',
    description:
      'The same as `organization`, for addresses such as `/teams/blue-teapots`. A former slug works for 90 ' + 'days.',
    args: { slug: t.arg.string({ description: 'In any case, for example `blue-teapots`.' }) },
    resolve: (_root, { slug }, ctx) => findOrganization(ctx, { slug }),
  }),
);

builder.prismaObjectField(UserObject, 'tenant', (t) =>
  t.field({
    type: OrganizationObject,
    nullable: true,
    access: 'holder',
    description:
      'Their first organization: the one they registered into, or the team created for them on verification. ' +
      'Null before that, and after they left it.',
    resolve: (user, _args, ctx) => tenantOf(ctx, user),
  }),
);

const CreateOrganizationInputObject = builder.inputType('CreateOrganizationInput', {
  description: 'The new organization and, if it is part of one, its group.',
  fields: (t) => ({
    name: t.string({
      description:
        'Display name, 1 to 100 characters. Need not be unique: if its slug is taken, the slug gets a random suffix.',
    }),
    groupId: t.id({
      required: false,
      description:
        'An organization that becomes its group. The viewer needs `organizations:create` there, and it cannot be ' +
        'in a group itself.',
    }),
  }),
});

const CreateOrganizationSuccessObject = builder
  .objectRef<{ organization: Organization }>('CreateOrganizationSuccess')
  .implement({
    description: 'The viewer is the owner, and there is a default project.',
    fields: (t) => ({
      organization: t.expose('organization', {
        type: OrganizationObject,
        description: 'The new organization, with its slug.',
      }),
    }),
  });

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: resultUnion('CreateOrganizationResult', CreateOrganizationSuccessObject, [
      LimitReachedError,
      ValidationError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'viewer',
    description:
      'Creates an organization that the viewer owns. How many a person can own is limited ' +
      '(ORGANIZATIONS_PER_USER): LimitReachedError.',
    args: {
      input: t.arg({ type: CreateOrganizationInputObject, description: 'For example `{name: "Blue Teapots"}`.' }),
    },
    resolve: (_root, { input }, ctx) => createOrganization(ctx, input),
  }),
);

const UpdateOrganizationInputObject = builder.inputType('UpdateOrganizationInput', {
  description: 'What to change. Fields that are omitted or null stay as they are.',
  fields: (t) => ({
    organizationId: t.id({
      required: false,
      description: 'By default, the organization this request acts in (`currentOrganization`).',
    }),
    name: t.string({
      required: false,
      description: 'New display name, 1 to 100 characters. The slug does not follow.',
    }),
    slug: t.string({
      required: false,
      description: '2 to 63 characters: a-z, 0-9 and single hyphens. The former slug still leads here for 90 days.',
    }),
    openRegistration: t.boolean({
      required: false,
      description: 'True lets anyone become a MEMBER by registering; members then cannot see each other.',
    }),
    requiresSecondFactor: t.boolean({
      required: false,
      description:
        'For owners: true lets members act here only with a second factor. Needs one of the viewer in this session.',
    }),
  }),
});

const UpdateOrganizationSuccessObject = builder
  .objectRef<{ organization: Organization }>('UpdateOrganizationSuccess')
  .implement({
    description: 'All changes were made; there are no partial updates.',
    fields: (t) => ({
      organization: t.expose('organization', {
        type: OrganizationObject,
        description: 'The organization after the change.',
      }),
    }),
  });

builder.mutationField('updateOrganization', (t) =>
  t.field({
    type: resultUnion('UpdateOrganizationResult', UpdateOrganizationSuccessObject, [
      ValidationError,
      OrganizationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'organization:update',
    description: 'Changes the name or slug of an organization, or opens or closes it for registration.',
    args: {
      input: t.arg({
        type: UpdateOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000", name: "Green Teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateOrganization(ctx, input),
  }),
);
