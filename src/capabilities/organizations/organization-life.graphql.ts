import {
  GroupNotEmptyError,
  InvalidOrganizationHeaderError,
  ReauthenticationRequiredError,
} from '#errors/domain-errors.ts';
import type { Organization } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { OrganizationObject } from '#graphql/objects/organization-objects.ts';
import {
  deleteOrganization,
  restoreOrganization,
  suspendOrganization,
  unsuspendOrganization,
} from './organization-life.ts';

const ORGANIZATION = { type: OrganizationObject, description: 'The organization after the change.' } as const;
type Changed = { organization: Organization };

const DeleteOrganizationInputObject = builder.inputType('DeleteOrganizationInput', {
  description: 'The organization to delete. The header alone is not enough, so that nothing is deleted by mistake.',
  fields: (t) => ({
    organizationId: t.id({ description: 'Where the viewer has `organization:delete`; otherwise FORBIDDEN.' }),
  }),
});

const DeleteOrganizationSuccessObject = builder.objectRef<Changed>('DeleteOrganizationSuccess').implement({
  description: 'Nobody can act there anymore. At `deletesAt`, everything is removed for good.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('deleteOrganization', (t) =>
  t.field({
    type: resultUnion('DeleteOrganizationResult', DeleteOrganizationSuccessObject, [
      GroupNotEmptyError,
      ReauthenticationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'organization:delete',
    recentSignIn: 'always',
    description:
      'Schedules an organization for deletion, with everything in it. Nobody can act in it or accept an invitation ' +
      'from then on. Until `deletesAt`, an owner can undo it with `restoreOrganization`. A group must be empty first. ' +
      'Can be repeated.',
    args: {
      input: t.arg({
        type: DeleteOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => deleteOrganization(ctx, input),
  }),
);

const RestoreOrganizationInputObject = builder.inputType('RestoreOrganizationInput', {
  description: 'The organization whose deletion to undo.',
  fields: (t) => ({
    organizationId: t.id({
      description: 'As in `me.memberships`, which also lists organizations that are about to be deleted.',
    }),
  }),
});

const RestoreOrganizationSuccessObject = builder.objectRef<Changed>('RestoreOrganizationSuccess').implement({
  description: 'Members, projects and roles are as they were before `deleteOrganization`.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('restoreOrganization', (t) =>
  t.field({
    type: resultUnion('RestoreOrganizationResult', RestoreOrganizationSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'organization:delete',
    description: 'Undoes `deleteOrganization`, until `deletesAt`. Can be repeated.',
    args: {
      input: t.arg({
        type: RestoreOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => restoreOrganization(ctx, input),
  }),
);

const SuspendOrganizationInputObject = builder.inputType('SuspendOrganizationInput', {
  description: 'A tenant or a group that should not be used for now.',
  fields: (t) => ({
    organizationId: t.id({ description: 'UUID of any organization of the service; an unknown one is FORBIDDEN.' }),
  }),
});

const SuspendOrganizationSuccessObject = builder.objectRef<Changed>('SuspendOrganizationSuccess').implement({
  description: 'From their next request on, only platform administrators can act there.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('suspendOrganization', (t) =>
  t.field({
    type: resultUnion('SuspendOrganizationResult', SuspendOrganizationSuccessObject, [ReauthenticationRequiredError]),
    access: 'admin',
    recentSignIn: 'strong',
    description:
      'Blocks an organization, for example while a bill is unpaid: to its members it looks as if it did not ' +
      'exist. Organizations in a suspended group continue, without the owners and admins of the group. Can be ' +
      'repeated.',
    args: {
      input: t.arg({
        type: SuspendOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => suspendOrganization(ctx, input),
  }),
);

const UnsuspendOrganizationInputObject = builder.inputType('UnsuspendOrganizationInput', {
  description: 'A tenant or a group that `suspendOrganization` has blocked.',
  fields: (t) => ({
    organizationId: t.id({ description: 'UUID of any organization of the service; an unknown one is FORBIDDEN.' }),
  }),
});

const UnsuspendOrganizationSuccessObject = builder.objectRef<Changed>('UnsuspendOrganizationSuccess').implement({
  description: 'Its members can act there again, from their next request on.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('unsuspendOrganization', (t) =>
  t.field({
    type: resultUnion('UnsuspendOrganizationResult', UnsuspendOrganizationSuccessObject, [
      ReauthenticationRequiredError,
    ]),
    access: 'admin',
    recentSignIn: 'strong',
    description: 'Lifts `suspendOrganization`. Nothing was lost in the meantime. Can be repeated.',
    args: {
      input: t.arg({
        type: UnsuspendOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => unsuspendOrganization(ctx, input),
  }),
);
