import type { InvitationStatus } from '#core/organizations/invitation.ts';
import { InvalidInvitationError, LimitReachedError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import type { Invitation } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { MemberObject, MembershipRoleEnum, OrganizationObject } from '#graphql/organization-objects.ts';
import { listInvitations, revokeInvitation, statusOf } from './invitations.ts';
import { inviteMember, resendInvitation } from './invite-member.ts';

type Changed = { invitation: Invitation };

const InvitationStatusEnum = builder.enumType('InvitationStatus', {
  description: 'What became of an invitation.',
  values: {
    PENDING: { description: 'It waits for an answer.' },
    ACCEPTED: { description: 'It was accepted.' },
    DECLINED: { description: 'It was declined.' },
    REVOKED: { description: 'It was revoked.' },
    EXPIRED: { description: 'Nobody answered in time; it can be sent again.' },
  } as const satisfies Record<InvitationStatus, object>,
});

const InvitationObject = builder.prismaObject('Invitation', {
  description: 'An address that is asked to join an organization. Says nothing about whether it has an account.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; worth nothing without the email.' }),
    organizationId: t.exposeID('organizationId', { description: 'The organization to join.' }),
    email: t.exposeString('email', { description: 'The address in its canonical (lower-case) form.' }),
    role: t.expose('role', { type: MembershipRoleEnum, description: 'What whoever accepts becomes.' }),
    status: t.field({
      type: InvitationStatusEnum,
      description: 'What became of it.',
      resolve: (invitation, _args, ctx) => statusOf(ctx, invitation),
    }),
    invitedBy: t.relation('invitedBy', {
      access: 'holder',
      type: MemberObject,
      nullable: true,
      description: 'Who sent it last; null when that account is gone.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the address was first invited.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when it can be answered: 7 days after its newest email.',
    }),
  }),
});

const INVITATION = { type: InvitationObject, description: 'The invitation as it is now.' } as const;

builder.prismaObjectField(OrganizationObject, 'invitations', (t) =>
  t.prismaConnection(
    {
      type: InvitationObject,
      access: 'members:invite',
      cursor: 'id',
      nullable: true,
      description: 'Who was invited, newest first, also what was answered, revoked or has expired.',
      resolve: (page, organization, _args, ctx) => listInvitations(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationInvitationsConnection', description: 'One page of the invitations of an organization.' },
    { name: 'OrganizationInvitationsEdge', description: 'An invitation and its place in the list.' },
  ),
);

const InviteMemberInputObject = builder.inputType('InviteMemberInput', {
  description: 'Whom to invite.',
  fields: (t) => ({
    email: t.string({ description: 'Plain ASCII email address; the invitation is mailed to it.' }),
    role: t.field({
      type: MembershipRoleEnum,
      defaultValue: 'MEMBER',
      description: 'What they become, not above the own role.',
    }),
    locale: t.string({
      required: false,
      description: 'Language of the email (BCP 47): en, de, es or fr; the own one when absent or unknown.',
    }),
  }),
});

const InviteMemberSuccessObject = builder.objectRef<Changed>('InviteMemberSuccess').implement({
  description: 'The invitation is on its way. The same for addresses with and without an account.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('inviteMember', (t) =>
  t.field({
    type: resultUnion('InviteMemberResult', InviteMemberSuccessObject, [
      LimitReachedError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    access: 'members:invite',
    description:
      'Invites an address to the organization that is acted in; a code and a link are mailed. An address whose invitation still waits gets it renewed, and what was mailed before is worth nothing. A role above the own is FORBIDDEN, a member ValidationError. For one address one email a minute, 5 an hour, 10 a day.',
    args: { input: t.arg({ type: InviteMemberInputObject, description: 'Whom to invite.' }) },
    resolve: (_root, { input }, ctx) => inviteMember(ctx, input),
  }),
);

const ResendInvitationInputObject = builder.inputType('ResendInvitationInput', {
  description: 'What to mail again.',
  fields: (t) => ({ invitationId: t.id({ description: 'Id of the invitation.' }) }),
});

const ResendInvitationSuccessObject = builder.objectRef<Changed>('ResendInvitationSuccess').implement({
  description: 'A new code and a new link are on their way, good for 7 days; the old ones have ended.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('resendInvitation', (t) =>
  t.field({
    type: resultUnion('ResendInvitationResult', ResendInvitationSuccessObject, [
      InvalidInvitationError,
      LimitReachedError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    access: 'members:invite',
    description:
      'Emails an invitation again that waits or has expired. One that was answered or revoked is InvalidInvitationError: invite again.',
    args: { input: t.arg({ type: ResendInvitationInputObject, description: 'What to mail again.' }) },
    resolve: (_root, { input }, ctx) => resendInvitation(ctx, input),
  }),
);

const RevokeInvitationInputObject = builder.inputType('RevokeInvitationInput', {
  description: 'What to revoke.',
  fields: (t) => ({ invitationId: t.id({ description: 'Id of the invitation.' }) }),
});

const RevokeInvitationSuccessObject = builder.objectRef<Changed>('RevokeInvitationSuccess').implement({
  description: 'Nobody can accept it any more.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('revokeInvitation', (t) =>
  t.field({
    type: resultUnion('RevokeInvitationResult', RevokeInvitationSuccessObject, [InvalidInvitationError]),
    access: 'members:invite',
    description:
      'Ends an invitation; an email that has not left is not sent. One that was answered is InvalidInvitationError. Can be repeated.',
    args: { input: t.arg({ type: RevokeInvitationInputObject, description: 'What to revoke.' }) },
    resolve: (_root, { input }, ctx) => revokeInvitation(ctx, input),
  }),
);
