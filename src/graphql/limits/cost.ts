/**
 * What an operation costs of each limit, in `extensions.cost` of its answer, where GRAPHQL_COST says so: an app that
 * comes near a limit sees it before it is refused.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LIMITS, weightOf } from './limits.ts';

type Cost = Record<keyof typeof LIMITS, { used: number; limit: number }>;

/** Documents are parsed once and kept. */
const known = new WeakMap<OperationDefinitionNode, Cost>();

/** What an operation of the document costs. It has been found valid, or over a limit. */
export function costOf(document: DocumentNode, operation: OperationDefinitionNode): Cost {
  const cost = known.get(operation) ?? measured(document, operation);
  known.set(operation, cost);
  return cost;
}

/** The error with what its operation costs, if that is over a limit. */
export function withCost(error: GraphQLError, document: DocumentNode): GraphQLError {
  const operation = error.nodes?.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (error.extensions['code'] !== 'QUERY_TOO_COMPLEX' || operation === undefined) return error;
  const extensions = { ...error.extensions, cost: costOf(document, operation) };
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions });
}

function measured(document: DocumentNode, operation: OperationDefinitionNode): Cost {
  const fragments = new Map(
    document.definitions
      .filter((it): it is FragmentDefinitionNode => it.kind === Kind.FRAGMENT_DEFINITION)
      .map((it) => [it.name.value, it]),
  );
  const weight = weightOf(operation, (name) => fragments.get(name));
  const of = (name: keyof Cost) => ({ used: weight[name], limit: LIMITS[name] });
  return {
    depth: of('depth'),
    aliases: of('aliases'),
    directives: of('directives'),
    rootFields: of('rootFields'),
    rows: of('rows'),
  };
}
