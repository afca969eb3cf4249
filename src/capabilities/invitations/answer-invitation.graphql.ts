import { InvalidInvitationError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import type { Membership } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { MembershipObject, MembershipRoleEnum } from '#graphql/objects/organization-objects.ts';
import { acceptInvitation, declineInvitation, type InvitationPreview, previewInvitation } from './answer-invitation.ts';

const InvitationPreviewObject = builder.objectRef<InvitationPreview>('InvitationPreview').implement({
  description:
    'An invitation as shown to anyone who holds its link. Without the email address, because a link can be ' +
    'passed on.',
  fields: (t) => ({
    organizationName: t.exposeString('organizationName', {
      description: 'Display name of the organization that the person would join.',
    }),
    inviterName: t.exposeString('inviterName', {
      nullable: true,
      description: 'The person who sent it last; null if their account no longer exists.',
    }),
    role: t.expose('role', { type: MembershipRoleEnum, description: 'The built-in role that is offered.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be accepted or declined.' }),
  }),
});

builder.queryField('invitationPreview', (t) =>
  t.field({
    type: InvitationPreviewObject,
    nullable: true,
    access: 'anyone',
    description:
      'What an invitation offers, to show it before the person answers. Null if it can no longer be answered. ' +
      'The token is a secret: send it with POST, as a variable.',
    args: { token: t.arg.string({ description: 'From the link in the email.' }) },
    resolve: (_root, { token }, ctx) => previewInvitation(ctx, { token }),
  }),
);

const AcceptInvitationInputObject = builder.inputType('AcceptInvitationInput', {
  description: 'Give either `token`, from the emailed link, or `code`.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'From the link in the newest email. Valid for 7 days.' }),
    code: t.string({
      required: false,
      description:
        'The six digits from the newest email. Valid for 7 days and 5 attempts; spaces and dashes are ignored.',
    }),
  }),
});

const AcceptInvitationSuccessObject = builder
  .objectRef<{ membership: Membership }>('AcceptInvitationSuccess')
  .implement({
    description: 'The viewer can act in the organization from the next request on.',
    fields: (t) => ({
      membership: t.expose('membership', {
        type: MembershipObject,
        description: "The viewer's membership. Someone who was a member already keeps their role.",
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
      'Makes the viewer a member of the organization. The invitation must have been sent to their verified ' +
      'email address. Someone without an account passes the token to `register` instead. The header ' +
      '`X-Organization-Id` is ignored.',
    takesCredential: true,
    args: { input: t.arg({ type: AcceptInvitationInputObject, description: 'For example `{code: "123456"}`.' }) },
    resolve: (_root, { input }, ctx) => acceptInvitation(ctx, input),
  }),
);

const DeclineInvitationInputObject = builder.inputType('DeclineInvitationInput', {
  description: 'Name the invitation by its secret.',
  fields: (t) => ({ token: t.string({ description: 'From the link in the newest email.' }) }),
});

const DeclineInvitationSuccessObject = builder
  .objectRef<{ organizationName: string }>('DeclineInvitationSuccess')
  .implement({
    description: 'The invitation can no longer be used. Its sender sees the status DECLINED.',
    fields: (t) => ({
      organizationName: t.exposeString('organizationName', {
        description: 'To tell the person what they have declined.',
      }),
    }),
  });

builder.mutationField('declineInvitation', (t) =>
  t.field({
    type: resultUnion('DeclineInvitationResult', DeclineInvitationSuccessObject, [InvalidInvitationError]),
    access: 'anyone',
    description: 'Turns an invitation down. The link is enough: no account is needed.',
    takesCredential: true,
    args: { input: t.arg({ type: DeclineInvitationInputObject, description: 'For example `{token: "…"}`.' }) },
    resolve: (_root, { input }, ctx) => declineInvitation(ctx, input),
  }),
);
