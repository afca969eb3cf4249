/**
 * Operations that clients name instead of sending them: with PERSISTED_OPERATIONS, those of its files and nothing else.
 * Anyone who finds the endpoint can then ask only what the operator's apps ask.
 *
 * A client sends the id as `documentId` (GraphQL over HTTP, appendix "Persisted Documents") or as
 * `extensions.persistedQuery.sha256Hash` (Apollo), or a text that is in a file, to the letter.
 */
import { type GraphQLSchema, parse, validate } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { Config } from '#config/config.ts';
import type { Log } from '#outside/log.ts';
import { refusal } from './json-body.ts';

/** What a client sent, with the text of the operation it named. Fails with a refusal for what may not run. */
export type PersistedOperations = (params: GraphQLParams, request: Pick<Request, 'method' | 'url'>) => GraphQLParams;

export function createPersistedOperations({ persistedOperations: known }: Config): PersistedOperations {
  return known === null ? notSupported : onlyThese(known);
}

/**
 * Clients that persist queries send a hash alone at first. The code tells them to send whole documents from then on
 * (the protocol of Apollo's automatic persisted queries).
 */
function notSupported(params: GraphQLParams): GraphQLParams {
  // A body may be any JSON, such as null; what is not an operation is refused later.
  if (params?.query || params?.extensions?.['persistedQuery'] === undefined) return params;
  throw refusal('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED', 400);
}

/** What is left without a text is refused later. */
function onlyThese(known: ReadonlyMap<string, string>): PersistedOperations {
  const texts = new Set(known.values());
  return (params, request) => {
    if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
    const { documentId: inBody, ...operation } = params as typeof params & { documentId?: unknown };
    if (operation.query) {
      if (texts.has(operation.query)) return params;
      throw refusal('Send the id of a persisted operation: no other operation runs here.', 'PERSISTED_QUERY_ONLY', 400);
    }
    // In a GET, Yoga reads only the parameters that it knows.
    const documentId = request.method === 'GET' ? parameterOf(request.url) : inBody;
    const id = documentId ?? operation.extensions?.['persistedQuery']?.sha256Hash;
    if (typeof id !== 'string') return params;
    const query = known.get(id);
    // The message is the one that Apollo's clients look for.
    if (query === undefined) throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', 400);
    return { ...operation, query };
  };
}

function parameterOf(url: string): string | null {
  return new URL(url, 'http://localhost').searchParams.get('documentId');
}

/** A file may be older than the service. What cannot run is logged at the start, and the rest runs. */
export function warnOfInvalidOperations({ persistedOperations: known }: Config, schema: GraphQLSchema, log: Log): void {
  for (const [id, document] of known ?? []) {
    const [error] = validate(schema, parse(document));
    if (error) log.warn({ id, problem: error.message }, 'a persisted operation does not fit the schema');
  }
}
