import {
  InvalidOrganizationHeaderError,
  LastOwnerError,
  ReauthenticationRequiredError,
} from '#errors/domain-errors.ts';
import type { Membership } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { MembershipObject, MembershipRoleEnum, OrganizationObject } from '#graphql/objects/organization-objects.ts';
import {
  leaveOrganization,
  listMembers,
  listMemberships,
  removeMember,
  transferOwnership,
  updateMembershipRole,
} from './members.ts';

builder.prismaObjectField(OrganizationObject, 'members', (t) =>
  t.prismaConnection(
    {
      type: MembershipObject,
      access: 'members:read',
      cursor: 'id',
      nullable: true,
      description: 'In the order in which they joined.',
      resolve: (page, organization, _args, ctx) => listMembers(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationMembersConnection', description: 'A page of members, in the order in which they joined.' },
    { name: 'OrganizationMembersEdge', description: 'A membership and its place in the list.' },
  ),
);

builder.prismaObjectField(UserObject, 'memberships', (t) =>
  t.prismaConnection(
    {
      type: MembershipObject,
      access: 'self',
      cursor: 'id',
      nullable: true,
      description:
        'Organizations the person belongs to, oldest first, including suspended ones and those about to be ' +
        'deleted. For others UNAUTHENTICATED or FORBIDDEN.',
      resolve: (page, user, _args, ctx) => listMemberships(ctx, { userId: user.id, page }),
    },
    {
      name: 'UserMembershipsConnection',
      description: 'A page of the organizations a person belongs to, oldest first.',
    },
    { name: 'UserMembershipsEdge', description: 'A membership and its place in the list.' },
  ),
);

const UpdateMembershipRoleInputObject = builder.inputType('UpdateMembershipRoleInput', {
  description: 'The member and their new built-in role.',
  fields: (t) => ({
    membershipId: t.id({
      description:
        'UUID from `Organization.members`, not of the person. One of another organization is FORBIDDEN, like an ' +
        'unknown one.',
    }),
    role: t.field({
      type: MembershipRoleEnum,
      description: "Not higher than the viewer's own role; otherwise FORBIDDEN.",
    }),
  }),
});

const UpdateMembershipRoleSuccessObject = builder
  .objectRef<{ membership: Membership }>('UpdateMembershipRoleSuccess')
  .implement({
    description: 'The role applies from the next request of the member on.',
    fields: (t) => ({
      membership: t.expose('membership', {
        type: MembershipObject,
        description: 'The same membership, with the role that was asked for.',
      }),
    }),
  });

builder.mutationField('updateMembershipRole', (t) =>
  t.field({
    type: resultUnion('UpdateMembershipRoleResult', UpdateMembershipRoleSuccessObject, [
      ReauthenticationRequiredError,
      LastOwnerError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'members:update',
    recentSignIn: 'ownership',
    description:
      'Changes the built-in role of a member. Nobody can grant a role higher than their own, raise themselves, ' +
      'or change someone with a higher role: FORBIDDEN. The last owner stays: LastOwnerError. Can be repeated.',
    args: {
      input: t.arg({
        type: UpdateMembershipRoleInputObject,
        description: 'For example `{membershipId: "019a5f6e-0000-7000-8000-000000000000", role: ADMIN}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateMembershipRole(ctx, input),
  }),
);

const RemoveMemberInputObject = builder.inputType('RemoveMemberInput', {
  description: 'Someone other than the viewer; to remove yourself, use `leaveOrganization`.',
  fields: (t) => ({
    membershipId: t.id({
      description:
        'UUID from `Organization.members`, not of the person. One of another organization is FORBIDDEN, like an ' +
        'unknown one.',
    }),
  }),
});

const RemoveMemberSuccessObject = builder.objectRef<{ membershipId: string }>('RemoveMemberSuccess').implement({
  description: 'The person can no longer act in the organization, from their next request on. Their account stays.',
  fields: (t) => ({
    membershipId: t.exposeID('membershipId', {
      description: 'The id of the former membership; nothing else will ever have it.',
    }),
  }),
});

builder.mutationField('removeMember', (t) =>
  t.field({
    type: resultUnion('RemoveMemberResult', RemoveMemberSuccessObject, [
      ReauthenticationRequiredError,
      LastOwnerError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'members:remove',
    recentSignIn: 'ownership',
    description:
      "Removes someone from an organization. Their role must not be higher than the viewer's: FORBIDDEN. Access " +
      'tokens tell other services of the organization until they expire.',
    args: {
      input: t.arg({
        type: RemoveMemberInputObject,
        description: 'For example `{membershipId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => removeMember(ctx, input),
  }),
);

const LeaveOrganizationInputObject = builder.inputType('LeaveOrganizationInput', {
  description: 'The organization to leave. The header alone is not enough, so that nobody leaves by mistake.',
  fields: (t) => ({
    organizationId: t.id({ description: 'UUID from `me.memberships`. An unknown one is FORBIDDEN.' }),
  }),
});

const LeaveOrganizationSuccessObject = builder
  .objectRef<{ membershipId: string }>('LeaveOrganizationSuccess')
  .implement({
    description: 'The viewer can no longer act there. Only an invitation brings them back.',
    fields: (t) => ({
      membershipId: t.exposeID('membershipId', {
        description: 'The id of the former membership; nothing else will ever have it.',
      }),
    }),
  });

builder.mutationField('leaveOrganization', (t) =>
  t.field({
    type: resultUnion('LeaveOrganizationResult', LeaveOrganizationSuccessObject, [
      ReauthenticationRequiredError,
      LastOwnerError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'organization:read',
    recentSignIn: 'ownership',
    description:
      "Ends the viewer's membership. The last owner has to make someone else an owner first, or delete the " +
      'organization: LastOwnerError.',
    args: {
      input: t.arg({
        type: LeaveOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => leaveOrganization(ctx, input),
  }),
);

const TransferOwnershipInputObject = builder.inputType('TransferOwnershipInput', {
  description: 'The member who takes over.',
  fields: (t) => ({ membershipId: t.id({ description: "UUID from `Organization.members`, not the viewer's own." }) }),
});

const TransferOwnershipSuccessObject = builder
  .objectRef<{ membership: Membership }>('TransferOwnershipSuccess')
  .implement({
    description: 'The other member is an OWNER now, and the viewer an ADMIN.',
    fields: (t) => ({
      membership: t.expose('membership', { type: MembershipObject, description: 'The one of the new owner.' }),
    }),
  });

builder.mutationField('transferOwnership', (t) =>
  t.field({
    type: resultUnion('TransferOwnershipResult', TransferOwnershipSuccessObject, [
      LastOwnerError,
      ReauthenticationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'organization:transfer',
    recentSignIn: 'strong',
    description:
      'Makes another member an owner and the viewer an admin, in one step; other owners stay. LastOwnerError if ' +
      'nobody who can sign in would be an owner.',
    args: {
      input: t.arg({
        type: TransferOwnershipInputObject,
        description: 'For example `{membershipId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => transferOwnership(ctx, input),
  }),
);
