import { InvalidInvitationError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import type { Membership } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { MembershipObject, MembershipRoleEnum } from '#graphql/organization-objects.ts';
import { acceptInvitation, declineInvitation, type InvitationPreview, previewInvitation } from './answer-invitation.ts';

const InvitationPreviewObject = builder.objectRef<InvitationPreview>('InvitationPreview').implement({
  description: 'An invitation as shown to whoever holds its link; not the address, for a link can be passed on.',
  fields: (t) => ({
    organizationName: t.exposeString('organizationName', { description: 'Name of the organization to join.' }),
    inviterName: t.exposeString('inviterName', {
      nullable: true,
      description: 'Name of who sent it; null when that account is gone.',
    }),
    role: t.expose('role', { type: MembershipRoleEnum, description: 'What whoever accepts becomes.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be answered.' }),
  }),
});

builder.queryField('invitationPreview', (t) =>
  t.field({
    type: InvitationPreviewObject,
    nullable: true,
    access: 'anybody',
    description:
      'What an invitation asks for, before it is answered; null when it cannot be. The token is a secret: send it by POST, as a variable.',
    args: { token: t.arg.string({ description: 'The token of the mailed link.' }) },
    resolve: (_root, { token }, ctx) => previewInvitation(ctx, { token }),
  }),
);

const AcceptInvitationInputObject = builder.inputType('AcceptInvitationInput', {
  description: 'The invitation: either `token` or `code`.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'The token of the mailed link.' }),
    code: t.string({ required: false, description: 'The six digits of the newest email; good for 5 tries.' }),
  }),
});

const AcceptInvitationSuccessObject = builder
  .objectRef<{ membership: Membership }>('AcceptInvitationSuccess')
  .implement({
    description: 'The viewer belongs to the organization, from the next request on.',
    fields: (t) => ({
      membership: t.expose('membership', {
        type: MembershipObject,
        description: 'The membership; whoever was a member already keeps their role.',
      }),
    }),
  });

builder.mutationField('acceptInvitation', (t) =>
  t.field({
    type: resultUnion('AcceptInvitationResult', AcceptInvitationSuccessObject, [
      InvalidInvitationError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    access: 'viewer',
    description:
      'Accepts an invitation, once. The proven address of the viewer must be the one that was invited. Whoever has no account gives the token to `register` instead. The organization header plays no part.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: AcceptInvitationInputObject, description: 'The invitation.' }) },
    resolve: (_root, { input }, ctx) => acceptInvitation(ctx, input),
  }),
);

const DeclineInvitationInputObject = builder.inputType('DeclineInvitationInput', {
  description: 'The invitation.',
  fields: (t) => ({ token: t.string({ description: 'The token of the mailed link.' }) }),
});

const DeclineInvitationSuccessObject = builder
  .objectRef<{ organizationName: string }>('DeclineInvitationSuccess')
  .implement({
    description: 'The invitation is worth nothing any more.',
    fields: (t) => ({
      organizationName: t.exposeString('organizationName', { description: 'Name of the organization.' }),
    }),
  });

builder.mutationField('declineInvitation', (t) =>
  t.field({
    type: resultUnion('DeclineInvitationResult', DeclineInvitationSuccessObject, [InvalidInvitationError]),
    access: 'anybody',
    description: 'Declines an invitation. For whoever holds the mailed link; no account is needed.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: DeclineInvitationInputObject, description: 'The invitation.' }) },
    resolve: (_root, { input }, ctx) => declineInvitation(ctx, input),
  }),
);
