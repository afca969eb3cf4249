import { EmailTakenError, ServiceBusyError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { bindCodeField, requestedEmailFields } from '#graphql/objects/bound-code-fields.ts';
import { type RegisterSuccess, register } from './register.ts';

const RegisterInputObject = builder.inputType('RegisterInput', {
  description: 'Who the person is. Everything except `name` and `email` is optional.',
  fields: (t) => ({
    name: t.string({ description: 'Display name, 1 to 100 characters on one line. Not unique.' }),
    email: t.string({ description: 'A code and a link are sent here. Compared without case.' }),
    password: t.string({
      required: false,
      description:
        'At least 8 characters (or more: PASSWORD_MIN_LENGTH), at most 128. Common passwords, and those made of ' +
        'the name or an identifier of the person, are refused. Leave it out for someone who will sign in by email, ' +
        'where SIGN_IN_METHODS has `email`; where it does not have `password`, a password is NOT_ALLOWED.',
    }),
    username: t.string({
      required: false,
      description:
        'To sign in with: 3 to 32 characters of a-z, 0-9, dot, dash and underscore, with at least one letter. ' +
        'Upper case is converted.',
    }),
    phone: t.string({
      required: false,
      description: 'To sign in with: with country code, for example `+4915112345678`.',
    }),
    role: t.string({
      required: false,
      description:
        'Platform role, one of SELF_ASSIGNABLE_ROLES in the settings of the service. By default, the first of ' +
        'USER_ROLES.',
    }),
    organizationId: t.id({
      required: false,
      description:
        'Organization to become a member of; registration must be open there. Without it and without an ' +
        'invitation, the person gets their own team.',
    }),
    invitationToken: t.string({
      required: false,
      description:
        'From the link of an invitation to this email address. It is accepted on verification: the person becomes ' +
        'a member there and gets no team. Cannot be combined with `organizationId`.',
    }),
    locale: t.string({
      required: false,
      description:
        'Language of emails and pages: `en`, `de`, `es`, `fr`, or one that the operator added, as a BCP 47 tag or a ' +
        'locale such as `de_AT`. By default, and for other languages, the one that `Accept-Language` prefers, or else ' +
        '`en`.',
    }),
    bindCode: bindCodeField(t),
  }),
});

const RegisterSuccessObject = builder.objectRef<RegisterSuccess>('RegisterSuccess').implement({
  description:
    'Tell the person to look at their inbox. The answer is the same if the address has an account already; ' +
    'its owner is notified by email.',
  fields: (t) => ({
    ...requestedEmailFields(t, 'verifyEmail', {
      otherwise:
        'Otherwise null, and also if this registration sends no email because the address was just sent one: ' +
        'its code counts with the token that came with it, its link anywhere. Or call `resendVerification`.',
      resendAvailableAt: 'When `resendVerification` can send the next email.',
    }),
  }),
});

builder.mutationField('register', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('RegisterResult', RegisterSuccessObject, [
      ValidationError,
      EmailTakenError,
      TooManyAttemptsError,
      ServiceBusyError,
    ]),
    description:
      'Creates an account and sends a code and a link that verify its email address. It cannot sign in before ' +
      'that. Next: `verifyEmail`.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: RegisterInputObject,
        description:
          'For example `{name: "Grace Hopper", email: "grace@example.com", password: "seven green teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => register(ctx, input),
  }),
);
