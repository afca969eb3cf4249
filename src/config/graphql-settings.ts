/** What the GraphQL API runs, and what it reveals about itself. */
import { GraphQLError, parse } from 'graphql';
import type { Environment } from './environment.ts';
import { unreadable } from './unreadable.ts';

/** The documents that may run, by the id that clients send; null if any document may. */
export type PersistedOperations = ReadonlyMap<string, string> | null;

export type GraphqlConfig = {
  introspection: boolean;
  graphiql: boolean;
  /** Whether the GraphQL API is a subgraph for gateways. */
  federation: boolean;
  persistedOperations: PersistedOperations;
  /** Whether answers say how much of each limit their operation used. */
  tellsCost: boolean;
};

/** Documents that people type, or that gateways write, cannot be in a list, so it excludes those features. */
export function graphqlOf(env: Environment, isProduction: boolean, readFile: (path: string) => string): GraphqlConfig {
  const isPersisted = env.isGiven('PERSISTED_OPERATIONS');
  const tools = isProduction || isPersisted ? 'off' : 'on';
  const isOn = (
    variable: 'GRAPHQL_INTROSPECTION' | 'GRAPHIQL' | 'FEDERATION' | 'GRAPHQL_COST',
    fallback: 'on' | 'off',
  ) => env.oneOf(variable, fallback, ['on', 'off']) === 'on';
  const config = {
    introspection: isOn('GRAPHQL_INTROSPECTION', tools),
    graphiql: isOn('GRAPHIQL', tools),
    federation: isOn('FEDERATION', 'off'),
    persistedOperations: persistedOperationsOf(env, readFile),
    tellsCost: isOn('GRAPHQL_COST', 'off'),
  };
  if (isPersisted && config.graphiql) {
    env.problem('GRAPHIQL', 'must be off with PERSISTED_OPERATIONS: what people type there is not in the file');
  }
  if (isPersisted && config.federation) {
    env.problem('FEDERATION', 'must be off with PERSISTED_OPERATIONS: what a gateway asks for is not in the file');
  }
  return config;
}

/** The documents of all files together. */
function persistedOperationsOf(env: Environment, readFile: (path: string) => string): PersistedOperations {
  const paths = env.list('PERSISTED_OPERATIONS', []);
  if (paths.length === 0) return null;
  const known = new Map<string, string>();
  for (const path of paths) {
    const read = operationsIn(path, readFile);
    if (typeof read === 'string') env.problem('PERSISTED_OPERATIONS', read);
    else for (const [id, document] of read) known.set(id, document);
  }
  return known;
}

/** The documents of one file by id, or what is wrong with it, without a word of its content but an id. */
function operationsIn(path: string, readFile: (path: string) => string): string | [id: string, document: string][] {
  let content: string;
  try {
    content = readFile(path);
  } catch (error) {
    return unreadable(path, error);
  }
  const entries = entriesOf(content);
  if (entries === null) {
    return `is neither JSON with a document for each id nor an Apollo persisted query manifest: ${path}`;
  }
  if (entries.length === 0) return `contains no operation: ${path}`;
  for (const [id, document] of entries) {
    const problem = problemOf(document);
    const name = JSON.stringify(id.slice(0, 80));
    if (problem !== null) return `the document of ${name} is not GraphQL (${problem}): ${path}`;
  }
  return entries;
}

/**
 * `persisted-documents.json` of GraphQL Code Generator's client preset, which Relay's compiler writes as well
 * (`{ "id": "query …" }`), and Apollo's persisted query manifest (`{ "operations": [{ "id", "body" }] }`).
 */
function entriesOf(content: string): [string, string][] | null {
  const json = parsedJson(content);
  if (!isObject(json)) return null;
  const entries =
    json['format'] === 'apollo-persisted-query-manifest' && Array.isArray(json['operations'])
      ? json['operations'].map((it: unknown) => (isObject(it) ? [it['id'], it['body']] : []))
      : Object.entries(json);
  return entries.every(isEntry) ? entries : null;
}

function parsedJson(content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEntry(entry: readonly unknown[]): entry is [string, string] {
  const [id, document] = entry;
  return typeof id === 'string' && id !== '' && typeof document === 'string';
}

function problemOf(document: string): string | null {
  try {
    parse(document);
    return null;
  } catch (error) {
    // One line: the message of graphql-js quotes what it found.
    return error instanceof GraphQLError ? error.message.replaceAll(/\s+/g, ' ').slice(0, 120) : 'unreadable';
  }
}
