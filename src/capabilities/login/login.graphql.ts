import type { SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
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
import { resultUnion } from '#graphql/errors.ts';
import { SessionObject, TokensObject, UserObject } from '#graphql/objects.ts';
import { login, loginByCookie } from './login.ts';

const TokenTransportEnum = builder.enumType('TokenTransport', {
  description: 'How a client receives its refresh token.',
  values: {
    BEARER: { description: 'In the response, as `tokens.refreshToken`. For apps and servers that can keep a secret.' },
    COOKIE: {
      description:
        'In a `__Host-` cookie that scripts cannot read; `tokens.refreshToken` is null. For browsers: `refresh` ' +
        'and `logout` then need no token.',
    },
  },
});

const LoginInputObject = builder.inputType('LoginInput', {
  description: 'Any identifier of the account, and its password.',
  fields: (t) => ({
    identifier: t.string({ description: 'Email address, username or phone number.' }),
    password: t.string({ description: 'As typed: upper case and spaces count.' }),
    transport: t.field({
      type: TokenTransportEnum,
      required: true,
      defaultValue: 'BEARER',
      description: 'COOKIE for web pages, BEARER for everything else.',
    }),
  }),
});

const LoginSuccessObject = builder.objectRef<SignedIn | SignedInByCookie>('LoginSuccess').implement({
  description: 'The person is signed in: there is a new session.',
  fields: (t) => ({
    tokens: t.expose('tokens', {
      type: TokensObject,
      description: 'Send the access token with every request; keep the refresh token for `refresh`.',
    }),
    user: t.expose('user', { type: UserObject, description: 'The person who signed in.' }),
    session: t.expose('session', {
      type: SessionObject,
      description: 'The new one. Beyond 50, the session that was not used for the longest time ends.',
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.field({
    access: 'anyone',
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
      'Signs in with a password. Unknown identifiers and wrong passwords get the same answer. After 5 failures ' +
      'for an account from one network, each further attempt has to wait longer: TooManyAttemptsError.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: LoginInputObject,
        description: 'For example `{identifier: "grace@example.com", password: "seven green teapots"}`.',
      }),
    },
    resolve: (_root, { input: { transport, ...input } }, ctx) =>
      transport === 'COOKIE' ? loginByCookie(ctx, input) : login(ctx, input),
  }),
);
