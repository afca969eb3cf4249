import { GroupNotEmptyError, ReauthenticationRequiredError } from '#errors.ts';
import type { Organization } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { OrganizationObject } from '#graphql/organization-objects.ts';
import {
  deleteOrganization,
  restoreOrganization,
  suspendOrganization,
  unsuspendOrganization,
} from './organization-life.ts';

const ORGANIZATION = { type: OrganizationObject, description: 'The organization as it is now.' } as const;
type Changed = { organization: Organization };

const DeleteOrganizationInputObject = builder.inputType('DeleteOrganizationInput', {
  description: 'What to delete.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const DeleteOrganizationSuccessObject = builder.objectRef<Changed>('DeleteOrganizationSuccess').implement({
  description: 'Nobody can act in the organization any more; it is deleted for good at `deletesAt`.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('deleteOrganization', (t) =>
  t.field({
    type: resultUnion('DeleteOrganizationResult', DeleteOrganizationSuccessObject, [
      GroupNotEmptyError,
      ReauthenticationRequiredError,
    ]),
    access: 'organization:delete',
    description:
      'Asks for the deletion of an organization with all that belongs to it. Its members, invitations and tokens are refused at once; until `deletesAt` an owner can undo it with `restoreOrganization`. A group goes after its organizations. Can be repeated.',
    args: { input: t.arg({ type: DeleteOrganizationInputObject, description: 'What to delete.' }) },
    resolve: (_root, { input }, ctx) => deleteOrganization(ctx, input),
  }),
);

const RestoreOrganizationInputObject = builder.inputType('RestoreOrganizationInput', {
  description: 'What to keep.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const RestoreOrganizationSuccessObject = builder.objectRef<Changed>('RestoreOrganizationSuccess').implement({
  description: 'The organization stays, as it was.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('restoreOrganization', (t) =>
  t.field({
    type: resultUnion('RestoreOrganizationResult', RestoreOrganizationSuccessObject, []),
    access: 'organization:delete',
    description: 'Undoes `deleteOrganization` while there is time. Can be repeated.',
    args: { input: t.arg({ type: RestoreOrganizationInputObject, description: 'What to keep.' }) },
    resolve: (_root, { input }, ctx) => restoreOrganization(ctx, input),
  }),
);

const SuspendOrganizationInputObject = builder.inputType('SuspendOrganizationInput', {
  description: 'What to suspend.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const SuspendOrganizationSuccessObject = builder.objectRef<Changed>('SuspendOrganizationSuccess').implement({
  description: 'Nobody but platform admins can act in the organization.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('suspendOrganization', (t) =>
  t.field({
    type: resultUnion('SuspendOrganizationResult', SuspendOrganizationSuccessObject, []),
    access: 'admin',
    description:
      'Suspends an organization: to its members it is as if it were not there, from the next request on. A suspended group gives no power over its organizations, which go on themselves. Can be repeated.',
    args: { input: t.arg({ type: SuspendOrganizationInputObject, description: 'What to suspend.' }) },
    resolve: (_root, { input }, ctx) => suspendOrganization(ctx, input),
  }),
);

const UnsuspendOrganizationInputObject = builder.inputType('UnsuspendOrganizationInput', {
  description: 'What to open again.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const UnsuspendOrganizationSuccessObject = builder.objectRef<Changed>('UnsuspendOrganizationSuccess').implement({
  description: 'The organization can be used again.',
  fields: (t) => ({ organization: t.expose('organization', ORGANIZATION) }),
});

builder.mutationField('unsuspendOrganization', (t) =>
  t.field({
    type: resultUnion('UnsuspendOrganizationResult', UnsuspendOrganizationSuccessObject, []),
    access: 'admin',
    description: 'Lifts the suspension of an organization. Can be repeated.',
    args: { input: t.arg({ type: UnsuspendOrganizationInputObject, description: 'What to open again.' }) },
    resolve: (_root, { input }, ctx) => unsuspendOrganization(ctx, input),
  }),
);
