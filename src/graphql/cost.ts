/**
 * What an operation costs of each limit, in `extensions.cost` of its answer, where GRAPHQL_COST says so: an app that
 * comes near a limit sees it before it is refused.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '#config/config.ts';
import { LIMITS, weightOf } from './limits.ts';

type Cost = Record<keyof typeof LIMITS, { used: number; limit: number }>;

export function tellCost({ tellsCost }: Config): Plugin {
  if (!tellsCost) return {};
  // Documents are parsed once and kept.
  const known = new WeakMap<OperationDefinitionNode, Cost>();
  function costOf(document: DocumentNode, operation: OperationDefinitionNode): Cost {
    const cost = known.get(operation) ?? measured(document, operation);
    known.set(operation, cost);
    return cost;
  }
  return {
    // Of a document that is over a limit, each operation that is.
    onValidate({ params: { documentAST } }) {
      return ({ valid, result, setResult }) => {
        if (valid) return;
        setResult(
          (result as readonly GraphQLError[]).map((error) => {
            const operation = error.nodes?.find((node) => node.kind === Kind.OPERATION_DEFINITION);
            if (error.extensions['code'] !== 'QUERY_TOO_COMPLEX' || operation === undefined) return error;
            const extensions = { ...error.extensions, cost: costOf(documentAST, operation) };
            return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions });
          }),
        );
      };
    },
    onExecute({ args: { document, operationName } }) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return;
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          setResult({ ...result, extensions: { ...result.extensions, cost: costOf(document, operation) } });
        },
      };
    },
  };
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
