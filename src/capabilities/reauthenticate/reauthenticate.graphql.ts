import {
  InvalidCodeError,
  InvalidCredentialsError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { PasskeyRejectedError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { raisedSessionFields, refreshTokenToRaise } from '#graphql/objects/raised-session-fields.ts';
import { type ReauthenticateSuccess, reauthenticate } from './reauthenticate.ts';

const ReauthenticateInputObject = builder.inputType('ReauthenticateInput', {
  description:
    'Shows that the viewer is still the one using this session: exactly one of `password`, `code` and ' +
    '`recoveryCode`. ' +
    '`ReauthenticationRequiredError.methods` says which would do.',
  fields: (t) => ({
    password: t.string({
      required: false,
      description:
        'The current one. Wrong ones count toward the same limit as in `login`. FORBIDDEN where SIGN_IN_METHODS does ' +
        'not have `password`.',
    }),
    code: t.string({
      required: false,
      description:
        'Six digits from the authenticator app. Wrong ones count toward the same limit as in `confirmLogin`.',
    }),
    recoveryCode: t.string({
      required: false,
      description: '28 characters, as kept at setup; it works once, here or in `confirmLogin`.',
    }),
    refreshToken: refreshTokenToRaise(t),
  }),
});

const ReauthenticateSuccessObject = builder.objectRef<ReauthenticateSuccess>('ReauthenticateSuccess').implement({
  description: 'Repeat the operation that asked for it, with the new access token.',
  fields: (t) => ({
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'Until when this session is not asked again.',
    }),
    accessToken: t.exposeString('accessToken', {
      description:
        'Use it from now on: tokens from before the proof do not gain from it, so a stolen one stays what it was. ' +
        'Its claims `auth_time`, `acr` and `amr` tell other services of the proof.',
    }),
    ...raisedSessionFields(t),
  }),
});

builder.mutationField('reauthenticate', (t) =>
  t.field({
    access: 'viewer',
    takesCredential: true,
    type: resultUnion('ReauthenticateResult', ReauthenticateSuccessObject, [
      InvalidCredentialsError,
      InvalidCodeError,
      PasskeyRejectedError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Call it when an operation answers ReauthenticationRequiredError: it takes the password or a second factor once ' +
      'more. Applies to the current session only.',
    args: {
      input: t.arg({
        type: ReauthenticateInputObject,
        description: 'For example `{password: "seven green teapots"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => reauthenticate(ctx, input),
  }),
);
