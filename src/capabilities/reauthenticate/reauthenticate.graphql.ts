import { InvalidCredentialsError, ServiceBusyError, TooManyAttemptsError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { type ReauthenticateSuccess, reauthenticate } from './reauthenticate.ts';

const ReauthenticateInputObject = builder.inputType('ReauthenticateInput', {
  description: 'The proof that it is still the same person.',
  fields: (t) => ({ password: t.string({ description: 'The password of the account.' }) }),
});

const ReauthenticateSuccessObject = builder.objectRef<ReauthenticateSuccess>('ReauthenticateSuccess').implement({
  description: 'Proven again; repeat what asked for it.',
  fields: (t) => ({
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'Until when no operation of this session answers ReauthenticationRequiredError.',
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
      'Proves with the password that it is still the viewer who uses this session; needed where an operation answers ' +
      'ReauthenticationRequiredError. Wrong passwords count like those of `login`.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: ReauthenticateInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => reauthenticate(ctx, input),
  }),
);
