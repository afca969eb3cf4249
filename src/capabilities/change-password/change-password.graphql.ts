import { InvalidCredentialsError, ServiceBusyError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { type ChangePasswordSuccess, changePassword } from './change-password.ts';

const ChangePasswordInputObject = builder.inputType('ChangePasswordInput', {
  description: 'The current password and the new one.',
  fields: (t) => ({
    currentPassword: t.string({ description: 'The password as it is now.' }),
    newPassword: t.string({
      description: 'The new password; the same rules as for `register`, and not the current one.',
    }),
    endOtherSessions: t.boolean({
      defaultValue: true,
      description: 'Whether every session but this one ends. Leave it on unless the person says otherwise.',
    }),
  }),
});

const ChangePasswordSuccessObject = builder.objectRef<ChangePasswordSuccess>('ChangePasswordSuccess').implement({
  description: 'The new password is set; this session goes on, and the owner is told by email.',
  fields: (t) => ({
    endedSessions: t.exposeInt('endedSessions', { description: 'How many other sessions ended.' }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('ChangePasswordResult', ChangePasswordSuccessObject, [
      InvalidCredentialsError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Sets a new password for the viewer, ends the other sessions and every mailed reset link. A ' +
      'wrong current password is InvalidCredentialsError and counts like one of `login`.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: ChangePasswordInputObject, description: 'The two passwords.' }) },
    resolve: (_root, { input }, ctx) => changePassword(ctx, input),
  }),
);
