/** The interface of everything that `node` finds. */
import { builder } from '#graphql/builder.ts';
import { typenameOf } from './entities.ts';

export const NodeInterface = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Something that `node` finds by its id.',
  resolveType: typenameOf,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID that never changes. It names no type, and no two objects share it.' }),
  }),
});
