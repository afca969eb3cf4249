/**
 * The schema as a subgraph (Apollo Federation 2, "Subgraph specification"), for a gateway that joins it with others.
 *
 * Written here and not taken from a library: `@pothos/plugin-federation` looks each entity up by itself, sorts the
 * schema, and brings a dozen packages with it, among them a copy of protobuf.
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  GraphQLError,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isObjectType,
  Kind,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import type { Ctx } from '#core/context.ts';
import { MAX_PAGE } from '#graphql/connection-arguments.ts';
import { MAX_ROWS, rowsPerEntity } from '#graphql/limits/limits.ts';
import { findableTypes, findEntities, type Representation, typenameOf } from './entities.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])';

/** With `_service` and `_entities`; everything else is as it was, and in the same order. */
export function asSubgraph(schema: GraphQLSchema): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig();
  if (query == null) throw new TypeError('The schema has no queries.');
  const { fields, ...queryConfig } = query.toConfig();
  const sdl = subgraphSdl(schema);
  const subgraphQuery = new GraphQLObjectType({
    ...queryConfig,
    fields: {
      ...fields,
      _entities: {
        type: new GraphQLNonNull(new GraphQLList(entityUnion(schema))),
        description: `The entities that a gateway names, at most ${MAX_PAGE}: null for one that the viewer may not see.`,
        args: { representations: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(AnyScalar))) } },
        resolve: (_root, { representations }, ctx: Ctx, info) => resolveEntities(ctx, representations, info),
      },
      _service: {
        type: new GraphQLNonNull(ServiceObject),
        description: 'This service as a subgraph.',
        resolve: () => ({ sdl }),
      },
    },
  });
  return new GraphQLSchema({ ...config, query: subgraphQuery, types: types.filter((type) => type !== query) });
}

/**
 * The schema in SDL with the directives of federation. `node` is left out: ids name no type, so a gateway could not
 * know which subgraph to ask, and two subgraphs with such a field do not compose.
 */
function subgraphSdl(schema: GraphQLSchema): string {
  const entities = findableTypes();
  const document: DocumentNode = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition(node) {
      const name = node.name.value;
      if (entities.includes(name)) return { ...node, directives: [directive('key', { fields: 'id' })] };
      // Other subgraphs have pages as well.
      if (name === 'PageInfo') return { ...node, directives: [directive('shareable')] };
      if (name !== 'Query') return undefined;
      return { ...node, fields: node.fields?.filter((field) => field.name.value !== 'node') ?? [] };
    },
  });
  return `${LINK}\n\n${print(document)}\n`;
}

function directive(name: string, given: Record<string, string> = {}): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(given).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: { kind: Kind.STRING, value },
    })),
  };
}

function entityUnion(schema: GraphQLSchema): GraphQLUnionType {
  const types = findableTypes().map((name) => schema.getType(name));
  return new GraphQLUnionType({
    name: '_Entity',
    description: 'What a gateway can ask for by its key.',
    types: types.filter((type) => isObjectType(type)),
    resolveType: typenameOf,
  });
}

const AnyScalar = new GraphQLScalarType({
  name: '_Any',
  description: 'An entity as a gateway names it: its `__typename` and its key.',
});

const ServiceObject = new GraphQLObjectType({
  name: '_Service',
  description: 'A subgraph.',
  fields: { sdl: { type: GraphQLString, description: 'Its schema, with the directives of federation.' } },
});

/** Rows that a request has asked for under its entities. */
const spent = new WeakMap<Ctx, number>();

async function resolveEntities(ctx: Ctx, representations: readonly Representation[], info: GraphQLResolveInfo) {
  if (representations.length > MAX_PAGE) {
    throw tooComplex(`Ask for at most ${MAX_PAGE} entities at a time.`);
  }
  // How many there are is in a variable, which the limits of the document cannot see.
  const rows = (spent.get(ctx) ?? 0) + representations.length * rowsPerEntity(info);
  if (rows > MAX_ROWS) {
    throw tooComplex(`The entities ask for more than ${MAX_ROWS} rows; ask for smaller pages.`);
  }
  spent.set(ctx, rows);
  return findEntities(ctx, representations);
}

/** As for a document over a limit: 400 for clients that know the media type of GraphQL, 200 for all others. */
function tooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400, spec: true } } });
}
