/** The Pothos builder: which plugins, which scalars, which defaults. It defines no types of its own. */
import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type { Ctx } from '#core/context.ts';
import { parseMoment } from '#core/input/moment.ts';
import type PrismaTypes from '#generated/pothos-types.ts';
import { getDatamodel } from '#generated/pothos-types.ts';
import './access.ts';
import { DEFAULT_PAGE, MAX_PAGE } from './connection-arguments.ts';
import './errors/failure-notes.ts';

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
    nodesOnConnection: { description: 'The rows of this page, without cursors: the short way to read a list.' },
    pageInfoTypeOptions: { description: 'What a client needs to ask for the next or the previous page of a list.' },
    hasNextPageFieldOptions: { description: 'Whether more rows follow. Meaningful only with `first`.' },
    hasPreviousPageFieldOptions: { description: 'Whether rows come before this page. Meaningful only with `last`.' },
    startCursorFieldOptions: {
      description: 'Pass it as `before`, with `last`, to get the previous page. Null if the page is empty.',
    },
    endCursorFieldOptions: {
      description: 'Pass it as `after`, with `first`, to get the next page. Null if the page is empty.',
    },
    firstArgOptions: {
      description: `Number of rows from the start of the list: at most ${MAX_PAGE}, by default ${DEFAULT_PAGE}.`,
    },
    lastArgOptions: {
      description: `Number of rows from the end of the list: at most ${MAX_PAGE}. Cannot be combined with \`first\`.`,
    },
    afterArgOptions: { description: 'The `endCursor` of the previous page. Use it with `first`.' },
    beforeArgOptions: { description: 'The `startCursor` of the following page. Use it with `last`.' },
    defaultConnectionTypeOptions: { description: 'One page of a list.' },
    defaultEdgeTypeOptions: { description: 'A row and its place in the list.' },
    edgesFieldOptions: { description: 'The rows of this page, each with its cursor.' },
    pageInfoFieldOptions: { description: 'Whether there are more rows, and the cursors that lead to them.' },
    nodeFieldOptions: { description: 'The row itself.' },
    cursorFieldOptions: {
      description: 'The place of the row in the list, for `after` and `before`. Opaque: do not parse it.',
    },
  },
});

/** The types of this builder, with Pothos' defaults filled in. */
export type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

builder.scalarType('DateTime', {
  description:
    'A moment in ISO 8601, in UTC with milliseconds: `2026-11-21T09:30:00.000Z`. As an input it may have another time ' +
    'zone, such as `2026-11-21T10:30:00+01:00`; one without a time zone is refused.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const moment = typeof value === 'string' ? parseMoment(value) : null;
    if (moment === null) throw new TypeError('DateTime must be an ISO 8601 string with a time zone.');
    return moment;
  },
});

builder.scalarType('JSON', {
  description: 'A JSON document (RFC 8259), to be stored or passed on as a whole. Output only.',
  serialize: (value) => value,
  parseValue: () => {
    throw new TypeError('JSON cannot be used as an input.');
  },
});

builder.queryType({
  description:
    'Reads. A field that is refused is null and has an entry in `errors` with a code; the other fields are answered.',
});
builder.mutationType({
  description:
    'Writes. Every mutation answers with a union of one success and the failures to expect; always select ' +
    '`... on UserError { code message }`. Mutations run one after another. A document can have only one mutation that ' +
    'takes a password, code or token.',
});
