import { InvalidCredentialsError, ServiceBusyError, TooManyAttemptsError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { type ReauthenticateSuccess, reauthenticate } from './reauthenticate.ts';

const ReauthenticateInputObject = builder.inputType('ReauthenticateInput', {
  description: 'Shows that the viewer is still the one using this session.',
  fields: (t) => ({
    password: t.string({ description: 'The current one. Wrong ones count towards the same limit as in `login`.' }),
  }),
});

const ReauthenticateSuccessObject = builder.objectRef<ReauthenticateSuccess>('ReauthenticateSuccess').implement({
  description: 'Repeat the operation that asked for it.',
  fields: (t) => ({
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'Until when this session is not asked again.',
    }),
  }),
});

builder.mutationField('reauthenticate', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('ReauthenticateResult', ReauthenticateSuccessObject, [
      InvalidCredentialsError,
      TooManyAttemptsError,
      ServiceBusyError,
    ]),
    description:
      'Call it when an operation answers ReauthenticationRequiredError: it takes the password once more. ' +
      'Applies to the current session only.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: ReauthenticateInputObject,
        description: 'For example `{password: "seven green teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => reauthenticate(ctx, input),
  }),
);
