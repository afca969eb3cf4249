import { EmailTakenError, ServiceBusyError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { type RegisterSuccess, register } from './register.ts';

const RegisterInputObject = builder.inputType('RegisterInput', {
  description: 'Who registers.',
  fields: (t) => ({
    name: t.string({ description: 'Name of the person, 1 to 100 characters.' }),
    email: t.string({ description: 'Plain ASCII email address; a code and a link are mailed to it.' }),
    password: t.string({
      description:
        'At least 8 characters (more where the service is set so), at most 128; common passwords and those made of name, address or username are refused.',
    }),
    username: t.string({
      required: false,
      description:
        'Sign-in name: 3 to 32 of a-z, 0-9, dot, dash and underscore, at least one of them a letter. Upper case is lowered.',
    }),
    phone: t.string({
      required: false,
      description: 'Phone number with country code, for example +4915112345678; may be used to sign in.',
    }),
    role: t.string({
      required: false,
      description: 'A role people may choose themselves; the default role when absent.',
    }),
    organizationId: t.id({
      required: false,
      description:
        'Organization to belong to; it must be open for registration. Without it and an invitation, a team of their own.',
    }),
    invitationToken: t.string({
      required: false,
      description:
        'The token of an invitation that was mailed to this very address. It is accepted when the address is proven: the account then belongs to that organization and gets no team of its own. Not together with `organizationId`.',
    }),
    locale: t.string({
      required: false,
      description:
        'Language of emails and pages (BCP 47, or a locale such as `de_AT`): en, de, es or fr. When absent or unknown, the one that `Accept-Language` prefers, else en.',
    }),
  }),
});

const RegisterSuccessObject = builder.objectRef<RegisterSuccess>('RegisterSuccess').implement({
  description:
    'The registration was taken. The answer is the same for an address that has an account; its owner is told by email.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address the email goes to, in canonical form.' }),
    resendAvailableAt: t.expose('resendAvailableAt', {
      type: 'DateTime',
      description: 'When another email may be asked for.',
    }),
  }),
});

builder.mutationField('register', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('RegisterResult', RegisterSuccessObject, [
      ValidationError,
      EmailTakenError,
      TooManyAttemptsError,
      ServiceBusyError,
    ]),
    description: 'Makes an account and emails a code and a link to prove its address. Next: `verifyEmail`.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: RegisterInputObject, description: 'Who registers.' }) },
    resolve: (_root, { input }, ctx) => register(ctx, input),
  }),
);
