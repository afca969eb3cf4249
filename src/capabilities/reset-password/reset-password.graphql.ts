import { InvalidCodeError, ServiceBusyError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import {
  type RequestPasswordResetSuccess,
  type ResetPasswordSuccess,
  requestPasswordReset,
  resetPassword,
} from './reset-password.ts';

const RequestPasswordResetInputObject = builder.inputType('RequestPasswordResetInput', {
  description: 'Whose password was forgotten.',
  fields: (t) => ({ email: t.string({ description: 'The address of the account.' }) }),
});

const RequestPasswordResetSuccessObject = builder
  .objectRef<RequestPasswordResetSuccess>('RequestPasswordResetSuccess')
  .implement({
    description: 'If the address has an account, an email is on its way; the answer is the same for every address.',
    fields: (t) => ({
      email: t.exposeString('email', { description: 'The address in canonical form.' }),
      resendAvailableAt: t.expose('resendAvailableAt', {
        type: 'DateTime',
        description: 'When another email may be asked for.',
      }),
    }),
  });

builder.mutationField('requestPasswordReset', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('RequestPasswordResetResult', RequestPasswordResetSuccessObject, [
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Emails a code and a link to set a new password. One email a minute, 5 an hour, 10 a day for an address.',
    args: { input: t.arg({ type: RequestPasswordResetInputObject, description: 'Whose password was forgotten.' }) },
    resolve: (_root, { input }, ctx) => requestPasswordReset(ctx, input),
  }),
);

const ResetPasswordInputObject = builder.inputType('ResetPasswordInput', {
  description: 'The proof (either `token`, or `email` and `code`) and the new password.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'The token of the mailed link; good for 30 minutes.' }),
    email: t.string({ required: false, description: 'The address the code was mailed to.' }),
    code: t.string({
      required: false,
      description: 'The six digits of the newest email; good for 10 minutes and 5 tries.',
    }),
    newPassword: t.string({ description: 'The new password; the same rules as for `register`.' }),
  }),
});

const ResetPasswordSuccessObject = builder.objectRef<ResetPasswordSuccess>('ResetPasswordSuccess').implement({
  description: 'The new password is set. Every session has ended and the address counts as verified; next: `login`.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'Whose password it is.' }) }),
});

builder.mutationField('resetPassword', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('ResetPasswordResult', ResetPasswordSuccessObject, [
      InvalidCodeError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Sets a new password with a mailed code or link, ends every session and tells the owner. For anybody who holds the proof.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: ResetPasswordInputObject, description: 'The proof and the new password.' }) },
    resolve: (_root, { input }, ctx) => resetPassword(ctx, input),
  }),
);
