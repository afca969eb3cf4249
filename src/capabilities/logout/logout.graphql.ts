import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { logout, logoutEverywhere } from './logout.ts';

const LogoutInputObject = builder.inputType('LogoutInput', {
  description: 'Which session to end.',
  fields: (t) => ({
    refreshToken: t.string({
      required: false,
      description: 'A refresh token of the session; when absent, the session of the cookie and of the access token.',
    }),
  }),
});

const LogoutSuccessObject = builder.objectRef<{ endedSessionId: string | null }>('LogoutSuccess').implement({
  description: 'Signed out.',
  fields: (t) => ({
    endedSessionId: t.exposeID('endedSessionId', {
      nullable: true,
      description: 'The session that ended; null when there was none to end any more.',
    }),
  }),
});

builder.mutationField('logout', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('LogoutResult', LogoutSuccessObject, []),
    description:
      'Ends a session: its access tokens stop working here at once. For whoever holds one of its tokens, also an expired access token; can be repeated.',
    args: { input: t.arg({ type: LogoutInputObject, defaultValue: {}, description: 'Which session to end.' }) },
    resolve: (_root, { input }, ctx) => logout(ctx, input),
  }),
);

const LogoutEverywhereSuccessObject = builder
  .objectRef<{ endedSessions: number }>('LogoutEverywhereSuccess')
  .implement({
    description: 'Signed out on every device.',
    fields: (t) => ({
      endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions ended, this one included.' }),
    }),
  });

builder.mutationField('logoutEverywhere', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('LogoutEverywhereResult', LogoutEverywhereSuccessObject, []),
    description: 'Ends every session of the viewer.',
    resolve: (_root, _args, ctx) => logoutEverywhere(ctx),
  }),
);
