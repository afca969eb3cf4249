import {
  InvalidCredentialsError,
  ReauthenticationRequiredError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { type ChangePasswordSuccess, changePassword } from './change-password.ts';

const ChangePasswordInputObject = builder.inputType('ChangePasswordInput', {
  description: 'The former password confirms that it is the owner who asks.',
  fields: (t) => ({
    currentPassword: t.string({
      required: false,
      description:
        'Wrong ones count toward the same limit as in `login`. Leave it out only if the account has none ' +
        '(`AccountSecurity.hasPassword`).',
    }),
    newPassword: t.string({
      description: 'Subject to the same rules as in `register`; must differ from the current one.',
    }),
    endOtherSessions: t.boolean({
      defaultValue: true,
      description: 'Signs the person out on all other devices. Leave it on unless they ask for something else.',
    }),
  }),
});

const ChangePasswordSuccessObject = builder.objectRef<ChangePasswordSuccess>('ChangePasswordSuccess').implement({
  description: 'The new password works, and this session continues. The owner is notified by email.',
  fields: (t) => ({
    endedSessions: t.exposeInt('endedSessions', { description: 'Number of other devices that were signed out.' }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'factor',
    type: resultUnion('ChangePasswordResult', ChangePasswordSuccessObject, [
      InvalidCredentialsError,
      ReauthenticationRequiredError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Sets a new password for someone who knows the current one, and invalidates emailed reset links; also the ' +
      'first password of an account that has none. FORBIDDEN where SIGN_IN_METHODS does not have `password`.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: ChangePasswordInputObject,
        description: 'For example `{currentPassword: "seven green teapots", newPassword: "nine red teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => changePassword(ctx, input),
  }),
);
