/** `node`: what Relay asks for when it fetches one object again (Relay, "Object Identification"). */
import { builder } from '#graphql/builder.ts';
import { findNode } from './entities.ts';
import { NodeInterface } from './node-interface.ts';

builder.queryField('node', (t) =>
  t.field({
    access: 'optionalViewer',
    type: NodeInterface,
    nullable: true,
    description:
      'A user or an organization by its id, for Relay. Finds what the viewer could read otherwise: their own account, ' +
      'an organization they may act in, and for administrators every account; null for everything else, whether or ' +
      'not it exists.',
    args: { id: t.arg.id({ description: 'A UUID, as every `id` is; anything else finds nothing.' }) },
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
);
