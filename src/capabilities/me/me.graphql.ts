import { builder } from '#graphql/builder.ts';
import { SessionObject, UserObject } from '#graphql/objects/account-objects.ts';
import { currentSession, me } from './me.ts';

builder.queryField('me', (t) =>
  t.field({
    access: 'optionalViewer',
    type: UserObject,
    nullable: true,
    description: 'The viewer: the person the access token was issued to.',
    resolve: (_root, _args, ctx) => me(ctx),
  }),
);

builder.queryField('session', (t) =>
  t.field({
    access: 'optionalViewer',
    type: SessionObject,
    nullable: true,
    description: "The viewer's current session: the one the access token belongs to.",
    resolve: (_root, _args, ctx) => currentSession(ctx),
  }),
);
