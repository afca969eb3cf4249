/** The Pothos builder: which plugins, which scalars, which defaults. It defines no types of its own. */
import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type { Ctx } from '#core/context.ts';
import type PrismaTypes from '#generated/pothos-types.ts';
import { getDatamodel } from '#generated/pothos-types.ts';
import './access.ts';
import { DEFAULT_PAGE, MAX_PAGE } from './connection-arguments.ts';
import './failure-notes.ts';

type GraphqlTypes = {
  Context: Ctx;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
  /** Which rows a viewer may see is known once it is known who they are. */
  AsyncSelections: true;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: object };
    ID: { Input: string; Output: string };
  };
};

export const builder = new SchemaBuilder<GraphqlTypes>({
  // Access before all: who may not ask is refused before anything else happens.
  // Errors before Prisma: an error a resolver throws becomes a union member whatever kind of field it is.
  // Failure notes within errors: they see what is thrown before it becomes a union member.
  plugins: ['access', ErrorsPlugin, 'failureNotes', RelayPlugin, 'connectionArguments', PrismaPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  prisma: {
    client: (ctx) => ctx.database.prisma,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
    defaultConnectionSize: DEFAULT_PAGE,
    maxConnectionSize: MAX_PAGE,
  },
  relay: {
    cursorType: 'String',
    // Ids are plain UUIDs that name no type; everything is reached through who owns it.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodesOnConnection: { description: 'The rows of this page without their cursors.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether rows follow; only meant when paging forward.' },
    hasPreviousPageFieldOptions: { description: 'Whether rows precede; only meant when paging backward.' },
    startCursorFieldOptions: { description: 'Cursor of the first row, for `before`; null on an empty page.' },
    endCursorFieldOptions: { description: 'Cursor of the last row, for `after`; null on an empty page.' },
    firstArgOptions: { description: `How many rows from the front, up to ${MAX_PAGE}; ${DEFAULT_PAGE} when absent.` },
    lastArgOptions: { description: `How many rows from the end, up to ${MAX_PAGE}. Not together with \`first\`.` },
    afterArgOptions: { description: 'Only rows after the one with this cursor. Goes with `first`.' },
    beforeArgOptions: { description: 'Only rows before the one with this cursor. Goes with `last`.' },
    defaultConnectionTypeOptions: { description: 'One page of a list.' },
    defaultEdgeTypeOptions: { description: 'A row and its place in the list.' },
    edgesFieldOptions: { description: 'The rows of this page.' },
    pageInfoFieldOptions: { description: 'Where this page lies.' },
    nodeFieldOptions: { description: 'The row.' },
    cursorFieldOptions: { description: 'Names the place of the row, for `after` and `before`; opaque.' },
  },
});

/** The types of this builder, with Pothos' defaults filled in. */
export type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

builder.scalarType('DateTime', {
  description: 'A moment in ISO 8601, UTC, with milliseconds: `2026-11-21T09:30:00.000Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const time = new Date(typeof value === 'string' ? value : Number.NaN);
    const year = time.getUTCFullYear();
    // PostgreSQL knows fewer years than JavaScript.
    if (!(year >= 1 && year <= 9999))
      throw new TypeError('DateTime must be an ISO 8601 string of the years 1 to 9999.');
    return time;
  },
});

builder.scalarType('JSON', {
  description: 'A JSON document (RFC 8259), for what is to be kept or handed on as a whole; nothing takes one.',
  serialize: (value) => value,
  parseValue: () => {
    throw new TypeError('JSON is no input.');
  },
});

builder.queryType({ description: 'Reading. Nothing here changes anything.' });
builder.mutationType({
  description:
    'Changing. Every mutation answers with a union: a success, or an expected failure that implements `UserError`. ' +
    'An operation may hold one mutation that takes a password, code or token.',
});
