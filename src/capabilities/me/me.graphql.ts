import { builder } from '#graphql/builder.ts';
import { SessionObject, UserObject } from '#graphql/objects.ts';
import { currentSession, me } from './me.ts';

builder.queryField('me', (t) =>
  t.field({
    access: 'optionalViewer',
    type: UserObject,
    nullable: true,
    description: 'The person behind the access token.',
    resolve: (_root, _args, ctx) => me(ctx),
  }),
);

builder.queryField('session', (t) =>
  t.field({
    access: 'optionalViewer',
    type: SessionObject,
    nullable: true,
    description: 'The session behind the access token.',
    resolve: (_root, _args, ctx) => currentSession(ctx),
  }),
);
