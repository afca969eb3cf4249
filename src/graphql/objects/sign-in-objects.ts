/** What every way to sign in takes and answers with. */
import type { SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import { builder } from '#graphql/builder.ts';
import { SessionObject, TokensObject, UserObject } from './account-objects.ts';

export const TokenTransportEnum = builder.enumType('TokenTransport', {
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

export const SignInMethodEnum = builder.enumType('SignInMethod', {
  description: 'How the person showed who they are when the session began.',
  values: {
    PASSWORD: { description: 'They entered the password of the account.' },
    EMAIL: { description: 'They used a code or link from an email.' },
    LEGACY_PASSWORD: { description: 'A REST client used a legacy password that they made for it.' },
  },
});

/** As sessions and the audit log keep it. */
export function signInMethodOf(method: string): 'PASSWORD' | 'EMAIL' | 'LEGACY_PASSWORD' {
  if (method === 'legacy-password') return 'LEGACY_PASSWORD';
  return method === 'password' ? 'PASSWORD' : 'EMAIL';
}

/** The one success of every way to sign in, so that one fragment serves all of them. */
export const LoginSuccessObject = builder.objectRef<SignedIn | SignedInByCookie>('LoginSuccess').implement({
  description: 'The person is signed in: there is a new session. Every way to sign in answers with it.',
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
