import type { SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import { InvalidOrganizationHeaderError, SessionEndedError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { SessionObject, TokensObject, UserObject } from '#graphql/objects/account-objects.ts';
import { refresh, refreshByCookie } from './refresh.ts';

const RefreshInputObject = builder.inputType('RefreshInput', {
  description: 'Apps give `refreshToken`; browsers with a cookie give nothing.',
  fields: (t) => ({
    refreshToken: t.string({
      required: false,
      description:
        'The newest one of the session. Without it, the one in the cookie is used, and the new one goes into the ' +
        'cookie (see `TokenTransport`).',
    }),
  }),
});

const RefreshSuccessObject = builder.objectRef<SignedIn | SignedInByCookie>('RefreshSuccess').implement({
  description: 'The session continues. The refresh token that was given is spent: store the new one.',
  fields: (t) => ({
    tokens: t.expose('tokens', { type: TokensObject, description: 'They replace the former ones.' }),
    user: t.expose('user', { type: UserObject, description: 'The person who is signed in, as they are now.' }),
    session: t.expose('session', {
      type: SessionObject,
      description: 'The same session as before, with a new `expiresAt`.',
    }),
  }),
});

builder.mutationField('refresh', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('RefreshResult', RefreshSuccessObject, [SessionEndedError, InvalidOrganizationHeaderError]),
    description:
      'Exchanges a refresh token for new tokens; no access token is needed. Requests with the same token within ' +
      'a few seconds (REFRESH_GRACE) all get the same new one, so parallel tabs and retries are safe. A lost response ' +
      'can be asked for again later, too, as long as none of the new tokens was used. Otherwise, using a spent token ' +
      'counts as theft: it ends the session, and the owner is notified by email.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: RefreshInputObject,
        defaultValue: {},
        description: 'For example `{refreshToken: "…"}`, or `{}` for the cookie.',
      }),
    },
    resolve: (_root, { input }, ctx) => (input.refreshToken == null ? refreshByCookie(ctx) : refresh(ctx, input)),
  }),
);
