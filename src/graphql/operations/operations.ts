/**
 * Runs the operations of clients: documents within our limits, a fair share of the database, errors masked, and a name
 * for the log. Whatever way a request came, its operation runs here.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { asSubgraph } from '#graphql/entities/federation.ts';
import { maskError, withHttpStatus } from '#graphql/errors/mask-error.ts';
import { isCoercionError, redactedCoercionErrors } from '#graphql/errors/redact-coercion-errors.ts';
import { costOf } from '#graphql/limits/cost.ts';
import { createFairShare } from '#graphql/limits/fair-share.ts';
import { schema as ourSchema } from '#graphql/schema.ts';
import type { Log } from '#outside/log.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { createDocuments } from './documents.ts';
import { refusal } from './json-body.ts';
import {
  createPersistedOperations,
  type PersistedOperations,
  warnOfInvalidOperations,
} from './persisted-operations.ts';

export type Operations = {
  /** The parameters of an operation, with its text if only its id was sent. Fails with a refusal if it may not run. */
  identify: PersistedOperations;
  /**
   * Runs an operation whose parameters have been found to be of the right types. Whatever fails is part of the result.
   * @param method of the request, because a GET changes nothing
   */
  run: (params: GraphQLParams, method: string, ctx: Ctx) => Promise<ExecutionResult>;
};

/** @param tracing null if there are no traces */
export function createOperations(config: Config, log: Log, tracing: Tracing | null): Operations {
  warnOfInvalidOperations(config, ourSchema, log);
  const schema = config.federation ? asSubgraph(ourSchema) : ourSchema;
  const documents = createDocuments(schema, config);
  const fairShare = createFairShare(config);

  function executed(args: ExecutionArgs, ctx: Ctx): ExecutionResult | Promise<ExecutionResult> {
    const inTurn = () => fairShare(ctx, () => execute(args));
    if (tracing === null) return inTurn();
    return tracing.span(ctx.trail.operation ?? 'operation', async () => inTurn());
  }

  /** While the request id is at hand. */
  function masked({ errors: found = [], data }: ExecutionResult, args: ExecutionArgs, { trail, caller }: Ctx) {
    const errors = found.some(isCoercionError)
      ? redactedCoercionErrors(args)
      : found.map((error) => maskError(error, log, caller.requestId));
    trail.code ??= String(errors[0]?.extensions['code'] ?? 'BAD_REQUEST');
    const answered = errors.map((error) => withHttpStatus(error, data));
    return { errors: answered, ...(data !== undefined && { data }) };
  }

  async function run({ query = '', variables, operationName }: GraphQLParams, method: string, ctx: Ctx) {
    try {
      const document = documents.parse(query);
      const operation = operationOf(document, operationName, method);
      const problems = documents.problemsOf(document);
      if (problems.length > 0) return { errors: problems };
      ctx.trail.operation = nameOf(operation);
      const args = { schema, document, contextValue: ctx, variableValues: variables, operationName };
      const result = await executed(args, ctx);
      const answer = result.errors === undefined ? result : masked(result, args, ctx);
      return config.tellsCost ? { ...answer, extensions: { cost: costOf(document, operation) } } : answer;
    } catch (error) {
      return { errors: [maskError(error, log, ctx.caller.requestId)] };
    }
  }

  return { identify: createPersistedOperations(config), run };
}

/** The operation that is asked for. Fails with a refusal if there is none, or if it may not come by this method. */
function operationOf(document: DocumentNode, name: string | undefined, method: string): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (!operation) {
    throw refusal('Could not determine what operation to execute.', 'OPERATION_RESOLUTION_FAILURE', 400);
  }
  if (operation.operation === 'mutation' && method === 'GET') {
    const allow = { Allow: 'POST' };
    throw refusal('Can only perform a mutation operation from a POST request.', 'BAD_REQUEST', 405, allow);
  }
  return operation;
}

const MAX_FIELDS_NAMED = 5;

/**
 * An operation as the log calls it: by the fields it asks for, which are ours, never by the name that a client gave it.
 */
function nameOf({ operation, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.map((it) => (it.kind === Kind.FIELD ? it.name.value : '…'));
  return `${operation} ${fields.slice(0, MAX_FIELDS_NAMED).join(' ')}`;
}
