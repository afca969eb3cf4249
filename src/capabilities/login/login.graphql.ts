import type { SignedIn } from '#core/session.ts';
import {
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
import { login } from './login.ts';

const LoginInputObject = builder.inputType('LoginInput', {
  description: 'Who signs in.',
  fields: (t) => ({
    identifier: t.string({ description: 'E-mail address, username or phone number of the account.' }),
    password: t.string({ description: 'The password.' }),
  }),
});

const LoginSuccessObject = builder.objectRef<SignedIn>('LoginSuccess').implement({
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
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Signs in with a password. For anybody. Unknown accounts and wrong passwords answer alike, and after 5 failures ' +
      'for an account from one network there are growing waits.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: LoginInputObject, description: 'Who signs in.' }) },
    resolve: (_root, { input }, ctx) => login(ctx, input),
  }),
);
