import { InvalidCodeError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { bindCodeField, requestedEmailFields, requestTokenField } from '#graphql/objects/bound-code-fields.ts';
import {
  type ResendVerificationSuccess,
  resendVerification,
  type VerifyEmailSuccess,
  verifyEmail,
} from './verify-email.ts';

const VerifyEmailInputObject = builder.inputType('VerifyEmailInput', {
  description: 'Give either `token`, from the emailed link, or `email` together with `code`.',
  fields: (t) => ({
    email: t.string({ required: false, description: 'Where the code was sent. Required with `code`.' }),
    code: t.string({
      required: false,
      description:
        'The six digits from the newest email. Valid for 10 minutes and 5 attempts; spaces and dashes are ' +
        'ignored.',
    }),
    token: t.string({ required: false, description: 'From the link in the newest email. Valid for 24 hours.' }),
    requestToken: requestTokenField(t),
  }),
});

const VerifyEmailSuccessObject = builder.objectRef<VerifyEmailSuccess>('VerifyEmailSuccess').implement({
  description:
    'The person can sign in now. The first verification also creates their team, or accepts the invitation ' +
    'they registered with.',
  fields: (t) => ({
    user: t.expose('user', { type: UserObject, description: 'The account, with `isVerified: true`.' }),
  }),
});

builder.mutationField('verifyEmail', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('VerifyEmailResult', VerifyEmailSuccessObject, [
      InvalidCodeError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Verifies an email address with the code or the link token that was sent to it. Does not sign in: call ' +
      '`login` next.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: VerifyEmailInputObject,
        description: 'For example `{email: "grace@example.com", code: "123456"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => verifyEmail(ctx, input),
  }),
);

const ResendVerificationInputObject = builder.inputType('ResendVerificationInput', {
  description: 'Name the account that is waiting for verification.',
  fields: (t) => ({
    email: t.string({ description: 'As given to `register`.' }),
    bindCode: bindCodeField(t),
  }),
});

const ResendVerificationSuccessObject = builder
  .objectRef<ResendVerificationSuccess>('ResendVerificationSuccess')
  .implement({
    description:
      'An email is on its way if the address is waiting for verification. The answer is the same for every ' +
      'other address.',
    fields: (t) => ({
      ...requestedEmailFields(t, 'verifyEmail'),
    }),
  });

builder.mutationField('resendVerification', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('ResendVerificationResult', ResendVerificationSuccessObject, [
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Sends a new code and link and invalidates the previous ones. Limited to one email a minute, 5 an hour ' +
      'and 10 a day for an address.',
    args: {
      input: t.arg({ type: ResendVerificationInputObject, description: 'For example `{email: "grace@example.com"}`.' }),
    },
    resolve: (_root, { input }, ctx) => resendVerification(ctx, input),
  }),
);
