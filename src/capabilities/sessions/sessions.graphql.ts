import { builder } from '#graphql/builder.ts';
import { UserObject } from '#graphql/objects.ts';
import { visibleSessions } from './sessions.ts';

builder.prismaObjectField(UserObject, 'sessions', (t) =>
  t.relatedConnection(
    'sessions',
    {
      cursor: 'id',
      description:
        'Where the person is signed in, the session used last first. Seen by the person themself with an access token, and by administrators; empty for everybody else.',
      query: async (_args, ctx) => ({
        where: await visibleSessions(ctx),
        orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      }),
    },
    { name: 'UserSessionsConnection', description: 'One page of the sessions of a person.' },
    { name: 'UserSessionsEdge', description: 'A session and its place in the list.' },
  ),
);
