import { InvalidCodeError, ServiceBusyError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { bindCodeField, requestedEmailFields, requestTokenField } from '#graphql/objects/bound-code-fields.ts';
import {
  type RequestPasswordResetSuccess,
  type ResetPasswordSuccess,
  requestPasswordReset,
  resetPassword,
} from './reset-password.ts';

const RequestPasswordResetInputObject = builder.inputType('RequestPasswordResetInput', {
  description: 'Name the account whose password is forgotten.',
  fields: (t) => ({
    email: t.string({ description: 'The address the person registered with.' }),
    bindCode: bindCodeField(t),
  }),
});

const RequestPasswordResetSuccessObject = builder
  .objectRef<RequestPasswordResetSuccess>('RequestPasswordResetSuccess')
  .implement({
    description: 'An email is on its way if the address has an account. The answer is the same for every address.',
    fields: (t) => ({
      ...requestedEmailFields(t, 'resetPassword'),
    }),
  });

builder.mutationField('requestPasswordReset', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('RequestPasswordResetResult', RequestPasswordResetSuccessObject, [
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Sends a code and a link to set a new password; the current one keeps working. Limited to one email a ' +
      'minute, 5 an hour and 10 a day for an address. FORBIDDEN for every address where SIGN_IN_METHODS does not have ' +
      '`password`. Next: `resetPassword`.',
    args: {
      input: t.arg({
        type: RequestPasswordResetInputObject,
        description: 'For example `{email: "grace@example.com"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => requestPasswordReset(ctx, input),
  }),
);

const ResetPasswordInputObject = builder.inputType('ResetPasswordInput', {
  description: 'Give `newPassword` and either `token`, from the emailed link, or `email` together with `code`.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'From the link in the newest email. Valid for 30 minutes.' }),
    email: t.string({ required: false, description: 'Where the code was sent. Required with `code`.' }),
    code: t.string({
      required: false,
      description:
        'The six digits from the newest email. Valid for 10 minutes and 5 attempts; spaces and dashes are ' +
        'ignored.',
    }),
    requestToken: requestTokenField(t),
    newPassword: t.string({ description: 'Subject to the same rules as in `register`.' }),
  }),
});

const ResetPasswordSuccessObject = builder.objectRef<ResetPasswordSuccess>('ResetPasswordSuccess').implement({
  description:
    'The new password works, every session has ended, and the email address counts as verified. Call `login` ' +
    'next.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The account it belongs to.' }) }),
});

builder.mutationField('resetPassword', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('ResetPasswordResult', ResetPasswordSuccessObject, [
      InvalidCodeError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Sets a new password with an emailed code or link. Signs the person out everywhere and notifies them by email. ' +
      'FORBIDDEN where SIGN_IN_METHODS does not have `password`.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: ResetPasswordInputObject,
        description: 'For example `{email: "grace@example.com", code: "123456", newPassword: "nine red teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => resetPassword(ctx, input),
  }),
);
