import type { SignedInByCookie } from '#core/sessions/refresh-cookie.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { SessionObject, TokensObject, UserObject } from '#graphql/objects.ts';
import { login, loginByCookie } from './login.ts';

const TokenTransportEnum = builder.enumType('TokenTransport', {
  description: 'How a client is given the refresh token.',
  values: {
    BEARER: { description: 'In the answer; for apps and servers that can keep a secret.' },
    COOKIE: {
      description:
        'In a `__Host-` cookie that scripts cannot read, and `tokens.refreshToken` is null; for browsers. `refresh` and `logout` then need no token.',
    },
  },
});

const LoginInputObject = builder.inputType('LoginInput', {
  description: 'Who signs in.',
  fields: (t) => ({
    identifier: t.string({ description: 'Email address, username or phone number of the account.' }),
    password: t.string({ description: 'The password.' }),
    transport: t.field({
      type: TokenTransportEnum,
      required: true,
      defaultValue: 'BEARER',
      description: 'How to hand over the refresh token.',
    }),
  }),
});

const LoginSuccessObject = builder.objectRef<SignedIn | SignedInByCookie>('LoginSuccess').implement({
  description: 'Signed in: a new session and its tokens.',
  fields: (t) => ({
    tokens: t.expose('tokens', {
      type: TokensObject,
      description: 'Access and refresh token of the new session; keep both safe.',
    }),
    user: t.expose('user', { type: UserObject, description: 'Who signed in.' }),
    session: t.expose('session', { type: SessionObject, description: 'The session that was opened.' }),
  }),
});

builder.mutationField('login', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('LoginResult', LoginSuccessObject, [
      InvalidCredentialsError,
      EmailNotVerifiedError,
      AccountDisabledError,
      AccountDeletionPendingError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Signs in with a password. Unknown accounts and wrong passwords answer alike, and after 5 failures ' +
      'for an account from one network there are growing waits.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: LoginInputObject, description: 'Who signs in.' }) },
    resolve: (_root, { input: { transport, ...input } }, ctx) =>
      transport === 'COOKIE' ? loginByCookie(ctx, input) : login(ctx, input),
  }),
);
