/**
 * What an operation takes and returns that raises a session by a proof: the refresh token to exchange, and the tokens
 * to continue with. The access token is not among them, because each operation says of it what was shown.
 */
import type { RaisedSession } from '#core/sessions/session-proof.ts';
import type { BuilderTypes } from '#graphql/builder.ts';

type Raised = Pick<RaisedSession, 'expiresAt' | 'expiresIn' | 'refreshToken' | 'refreshTokenExpiresAt'>;

/** The field `refreshToken` of the input. */
export function refreshTokenToRaise(t: PothosSchemaTypes.InputFieldBuilder<BuilderTypes, 'InputObject'>) {
  return t.string({
    required: false,
    description:
      'The current one, in exchange for one that keeps the proof: without it, the proof ends with the access token. ' +
      'Leave it out if a cookie holds it.',
  });
}

/** The fields after `accessToken`, in their order. */
export function raisedSessionFields(t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Raised>) {
  return {
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When that access token expires.' }),
    expiresIn: t.exposeInt('expiresIn', { description: 'The same in seconds, counted from now.' }),
    refreshToken: t.exposeString('refreshToken', {
      nullable: true,
      description:
        'In exchange for `input.refreshToken`, which is spent. Access tokens from this one keep the proof. Null if ' +
        'none was given. A browser has it in its cookie.',
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the new refresh token can be used; null if there is none.',
    }),
  };
}
