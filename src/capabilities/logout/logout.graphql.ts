import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { logout, logoutEverywhere } from './logout.ts';

const LogoutInputObject = builder.inputType('LogoutInput', {
  description: 'Apps that have lost their access token give `refreshToken`; everyone else gives nothing.',
  fields: (t) => ({
    refreshToken: t.string({
      required: false,
      description: 'The newest one of the session. Without it, the sessions of the cookie and of the access token end.',
    }),
  }),
});

const LogoutSuccessObject = builder.objectRef<{ endedSessionId: string | null }>('LogoutSuccess').implement({
  description: 'The person is signed out on this device; a cookie is removed.',
  fields: (t) => ({
    endedSessionId: t.exposeID('endedSessionId', {
      nullable: true,
      description: 'Null if there was no live session; the person is signed out either way.',
    }),
  }),
});

builder.mutationField('logout', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('LogoutResult', LogoutSuccessObject, []),
    description: 'Ends a session: its tokens stop working at once. An expired access token is enough. Can be repeated.',
    args: {
      input: t.arg({
        type: LogoutInputObject,
        defaultValue: {},
        description: 'For example `{}`, or `{refreshToken: "…"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => logout(ctx, input),
  }),
);

const LogoutEverywhereSuccessObject = builder
  .objectRef<{ endedSessions: number }>('LogoutEverywhereSuccess')
  .implement({
    description: 'The person is signed out on every device.',
    fields: (t) => ({
      endedSessions: t.exposeInt('endedSessions', {
        description: 'Number of devices that were signed out, including this one.',
      }),
    }),
  });

builder.mutationField('logoutEverywhere', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('LogoutEverywhereResult', LogoutEverywhereSuccessObject, []),
    description:
      'Signs the viewer out on every device, including this one, forgets their devices, and removes their legacy ' +
      'passwords. To stay signed in here, use `endOtherSessions`.',
    resolve: (_root, _args, ctx) => logoutEverywhere(ctx),
  }),
);
