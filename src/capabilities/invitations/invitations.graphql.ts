import type { InvitationStatus } from '#core/organizations/invitation.ts';
import {
  InvalidInvitationError,
  InvalidOrganizationHeaderError,
  LimitReachedError,
  OrganizationRequiredError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import type { Invitation } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { MemberObject, MembershipRoleEnum, OrganizationObject } from '#graphql/objects/organization-objects.ts';
import { listInvitations, revokeInvitation, statusOf } from './invitations.ts';
import { inviteMember, resendInvitation } from './invite-member.ts';

type Changed = { invitation: Invitation };

const InvitationStatusEnum = builder.enumType('InvitationStatus', {
  description: 'How far an invitation got, from sent to answered.',
  values: {
    PENDING: { description: 'Waiting for an answer.' },
    ACCEPTED: { description: 'The person became a member.' },
    DECLINED: { description: 'The person turned it down.' },
    REVOKED: { description: 'A member withdrew it.' },
    EXPIRED: { description: 'Nobody answered within 7 days. `resendInvitation` renews it.' },
  } as const satisfies Record<InvitationStatus, object>,
});

const InvitationObject = builder.prismaObject('Invitation', {
  description: 'Asks an email address to join an organization. Does not tell whether the address has an account.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        'UUID for `resendInvitation` and `revokeInvitation`. Nobody can accept with it: that takes the emailed ' +
        'code or link.',
    }),
    organizationId: t.exposeID('organizationId', { description: 'The organization that the person would join.' }),
    email: t.exposeString('email', { description: 'Where it was sent, in lower case.' }),
    role: t.expose('role', { type: MembershipRoleEnum, description: 'The built-in role that is offered.' }),
    status: t.field({
      type: InvitationStatusEnum,
      description: 'Whether it can still be accepted, and if not, why.',
      resolve: (invitation, _args, ctx) => statusOf(ctx, invitation),
    }),
    invitedBy: t.relation('invitedBy', {
      access: 'holder',
      type: MemberObject,
      nullable: true,
      description: 'The member who sent it last; null if their account no longer exists.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the address was first invited; sending it again does not change it.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: '7 days after the newest email.',
    }),
  }),
});

const INVITATION = { type: InvitationObject, description: 'The invitation after the change.' } as const;

builder.prismaObjectField(OrganizationObject, 'invitations', (t) =>
  t.prismaConnection(
    {
      type: InvitationObject,
      access: 'members:invite',
      cursor: 'id',
      nullable: true,
      description: 'Newest first, including those that were answered, revoked or have expired.',
      resolve: (page, organization, _args, ctx) => listInvitations(ctx, { organizationId: organization.id, page }),
    },
    { name: 'OrganizationInvitationsConnection', description: 'A page of invitations, newest first.' },
    { name: 'OrganizationInvitationsEdge', description: 'An invitation and its place in the list.' },
  ),
);

const InviteMemberInputObject = builder.inputType('InviteMemberInput', {
  description: 'Address, role and language of the email.',
  fields: (t) => ({
    organizationId: t.id({
      required: false,
      description:
        'UUID of the organization to join. By default, the one this request acts in (`currentOrganization`).',
    }),

    email: t.string({
      description: 'A code and a link are sent here. Someone who is a member already is ALREADY_MEMBER.',
    }),
    role: t.field({
      type: MembershipRoleEnum,
      defaultValue: 'MEMBER',
      description: "Not higher than the viewer's own role; otherwise FORBIDDEN.",
    }),
    locale: t.string({
      required: false,
      description:
        'Language of the email, as a BCP 47 tag; see `register`. By default, and for other languages, ' +
        "the viewer's own.",
    }),
  }),
});

const InviteMemberSuccessObject = builder.objectRef<Changed>('InviteMemberSuccess').implement({
  description: 'The email is on its way. The answer is the same whether or not the address has an account.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('inviteMember', (t) =>
  t.field({
    type: resultUnion('InviteMemberResult', InviteMemberSuccessObject, [
      ReauthenticationRequiredError,
      LimitReachedError,
      TooManyAttemptsError,
      ValidationError,
      OrganizationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'members:invite',
    recentSignIn: 'ownership',
    description:
      'Invites someone to an organization by email. If the address has a pending invitation, it is renewed, and ' +
      'the former code and link stop working. Limited to one email a minute, 5 an hour and 10 a day for an ' +
      'address, and to 200 pending invitations for an organization.',
    args: {
      input: t.arg({
        type: InviteMemberInputObject,
        description: 'For example `{email: "ada@example.com", role: MEMBER}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => inviteMember(ctx, input),
  }),
);

const ResendInvitationInputObject = builder.inputType('ResendInvitationInput', {
  description: 'Renews code, link and expiry; address and role stay.',
  fields: (t) => ({
    invitationId: t.id({
      description:
        'UUID from `Organization.invitations`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
  }),
});

const ResendInvitationSuccessObject = builder.objectRef<Changed>('ResendInvitationSuccess').implement({
  description: 'A new code and link are on their way, valid for 7 days. The former ones stop working.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('resendInvitation', (t) =>
  t.field({
    type: resultUnion('ResendInvitationResult', ResendInvitationSuccessObject, [
      ReauthenticationRequiredError,
      InvalidInvitationError,
      LimitReachedError,
      TooManyAttemptsError,
      ValidationError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'members:invite',
    recentSignIn: 'ownership',
    description:
      'Sends a pending or expired invitation again. One that was answered or revoked is InvalidInvitationError: ' +
      'use `inviteMember`. The same limits apply.',
    args: {
      input: t.arg({
        type: ResendInvitationInputObject,
        description: 'For example `{invitationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => resendInvitation(ctx, input),
  }),
);

const RevokeInvitationInputObject = builder.inputType('RevokeInvitationInput', {
  description: 'An invitation that should no longer be accepted.',
  fields: (t) => ({
    invitationId: t.id({
      description:
        'UUID from `Organization.invitations`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
  }),
});

const RevokeInvitationSuccessObject = builder.objectRef<Changed>('RevokeInvitationSuccess').implement({
  description: 'The emailed code and link stop working.',
  fields: (t) => ({ invitation: t.expose('invitation', INVITATION) }),
});

builder.mutationField('revokeInvitation', (t) =>
  t.field({
    type: resultUnion('RevokeInvitationResult', RevokeInvitationSuccessObject, [
      InvalidInvitationError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'members:invite',
    description:
      'Withdraws an invitation; an email that is still waiting is not sent. One that was answered is ' +
      'InvalidInvitationError. Can be repeated.',
    args: {
      input: t.arg({
        type: RevokeInvitationInputObject,
        description: 'For example `{invitationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => revokeInvitation(ctx, input),
  }),
);
