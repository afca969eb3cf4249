import type { SignedInByCookie } from '#core/sessions/refresh-cookie.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import { SessionEndedError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { SessionObject, TokensObject, UserObject } from '#graphql/objects.ts';
import { refresh, refreshByCookie } from './refresh.ts';

const RefreshInputObject = builder.inputType('RefreshInput', {
  description: 'The token to exchange.',
  fields: (t) => ({
    refreshToken: t.string({
      required: false,
      description:
        'The newest refresh token of the session. Without one it is the one of the cookie (see `TokenTransport`), and the answer is by cookie again.',
    }),
  }),
});

const RefreshSuccessObject = builder.objectRef<SignedIn | SignedInByCookie>('RefreshSuccess').implement({
  description: 'The session goes on with new tokens; the refresh token that was given is spent.',
  fields: (t) => ({
    tokens: t.expose('tokens', { type: TokensObject, description: 'They take the place of the old ones.' }),
    user: t.expose('user', { type: UserObject, description: 'Whose session it is.' }),
    session: t.expose('session', { type: SessionObject, description: 'The session.' }),
  }),
});

builder.mutationField('refresh', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('RefreshResult', RefreshSuccessObject, [SessionEndedError]),
    description:
      'Exchanges a refresh token for new tokens. For anybody who holds one; needs no access token and ignores an expired one. ' +
      'Calls with the same token within some seconds of its first use all get the same successor; a later use of a ' +
      'spent token ends the session for everyone, and its owner is told by email.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: RefreshInputObject, defaultValue: {}, description: 'The token to exchange.' }) },
    resolve: (_root, { input }, ctx) => (input.refreshToken == null ? refreshByCookie(ctx) : refresh(ctx, input)),
  }),
);
