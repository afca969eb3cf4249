import { LastOwnerError, ReauthenticationRequiredError } from '#errors.ts';
import type { Membership } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import { MembershipObject, MembershipRoleEnum, OrganizationObject } from '#graphql/organization-objects.ts';
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
      description: 'Who belongs to it, first come first.',
      resolve: (page, organization, _args, ctx) => listMembers(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationMembersConnection', description: 'One page of the members of an organization.' },
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
        'Where the person belongs, oldest organization first, also what is suspended or about to be deleted. For others UNAUTHENTICATED or FORBIDDEN.',
      resolve: (page, user, _args, ctx) => listMemberships(ctx, { userId: user.id, page }),
    },
    { name: 'UserMembershipsConnection', description: 'One page of the memberships of a person.' },
    { name: 'UserMembershipsEdge', description: 'A membership and its place in the list.' },
  ),
);

const UpdateMembershipRoleInputObject = builder.inputType('UpdateMembershipRoleInput', {
  description: 'Who becomes what.',
  fields: (t) => ({
    membershipId: t.id({ description: 'Id of the membership.' }),
    role: t.field({ type: MembershipRoleEnum, description: 'The new role, not above the own.' }),
  }),
});

const UpdateMembershipRoleSuccessObject = builder
  .objectRef<{ membership: Membership }>('UpdateMembershipRoleSuccess')
  .implement({
    description: 'The member has the role, from the next request on.',
    fields: (t) => ({
      membership: t.expose('membership', { type: MembershipObject, description: 'The membership as it is now.' }),
    }),
  });

builder.mutationField('updateMembershipRole', (t) =>
  t.field({
    type: resultUnion('UpdateMembershipRoleResult', UpdateMembershipRoleSuccessObject, [LastOwnerError]),
    access: 'members:update',
    description:
      'Gives a member another built-in role. Nobody gives a role above their own, raises themselves, or changes a member whose role is above theirs (FORBIDDEN). Can be repeated.',
    args: { input: t.arg({ type: UpdateMembershipRoleInputObject, description: 'Who becomes what.' }) },
    resolve: (_root, { input }, ctx) => updateMembershipRole(ctx, input),
  }),
);

const RemoveMemberInputObject = builder.inputType('RemoveMemberInput', {
  description: 'Whom to remove.',
  fields: (t) => ({ membershipId: t.id({ description: 'Id of the membership.' }) }),
});

const RemoveMemberSuccessObject = builder.objectRef<{ membershipId: string }>('RemoveMemberSuccess').implement({
  description: 'The person no longer belongs to the organization.',
  fields: (t) => ({ membershipId: t.exposeID('membershipId', { description: 'The membership that ended.' }) }),
});

builder.mutationField('removeMember', (t) =>
  t.field({
    type: resultUnion('RemoveMemberResult', RemoveMemberSuccessObject, [LastOwnerError]),
    access: 'members:remove',
    description:
      'Removes a member whose role is not above the own. They are refused from the next request on; access tokens tell other services of the organization until they expire.',
    args: { input: t.arg({ type: RemoveMemberInputObject, description: 'Whom to remove.' }) },
    resolve: (_root, { input }, ctx) => removeMember(ctx, input),
  }),
);

const LeaveOrganizationInputObject = builder.inputType('LeaveOrganizationInput', {
  description: 'What to leave.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const LeaveOrganizationSuccessObject = builder
  .objectRef<{ membershipId: string }>('LeaveOrganizationSuccess')
  .implement({
    description: 'The viewer no longer belongs to the organization.',
    fields: (t) => ({ membershipId: t.exposeID('membershipId', { description: 'The membership that ended.' }) }),
  });

builder.mutationField('leaveOrganization', (t) =>
  t.field({
    type: resultUnion('LeaveOrganizationResult', LeaveOrganizationSuccessObject, [LastOwnerError]),
    access: 'organization:read',
    description: 'Ends the own membership. The last owner has to make somebody else an owner first, or delete it.',
    args: { input: t.arg({ type: LeaveOrganizationInputObject, description: 'What to leave.' }) },
    resolve: (_root, { input }, ctx) => leaveOrganization(ctx, input),
  }),
);

const TransferOwnershipInputObject = builder.inputType('TransferOwnershipInput', {
  description: 'Who becomes the owner.',
  fields: (t) => ({ membershipId: t.id({ description: 'Id of the membership of another person.' }) }),
});

const TransferOwnershipSuccessObject = builder
  .objectRef<{ membership: Membership }>('TransferOwnershipSuccess')
  .implement({
    description: 'The other member is an owner, and the viewer ADMIN.',
    fields: (t) => ({
      membership: t.expose('membership', { type: MembershipObject, description: 'The membership of the new owner.' }),
    }),
  });

builder.mutationField('transferOwnership', (t) =>
  t.field({
    type: resultUnion('TransferOwnershipResult', TransferOwnershipSuccessObject, [
      LastOwnerError,
      ReauthenticationRequiredError,
    ]),
    access: 'organization:transfer',
    description:
      'Hands the own ownership over to another member, in one step; other owners stay as they are. LastOwnerError when nobody who can sign in would own it.',
    args: { input: t.arg({ type: TransferOwnershipInputObject, description: 'Who becomes the owner.' }) },
    resolve: (_root, { input }, ctx) => transferOwnership(ctx, input),
  }),
);
