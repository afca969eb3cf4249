/**
 * What of a top-level error reaches the client: what GraphQL itself complains about, refusals of ours with their code,
 * and for anything unforeseen one sentence with the request id under which the log tells the rest.
 */
import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import { RefusedError, UnauthenticatedError } from '#errors.ts';
import type { Log } from '#outside/log.ts';

/** The status of a refusal. UNAUTHENTICATED has none: `me` answers null beside it. */
const REFUSAL_STATUS: Record<RefusedError['code'], number | undefined> = {
  UNAUTHENTICATED: undefined,
  FORBIDDEN: 403,
  BAD_REQUEST: 400,
};

/** @param requestId of the request under way, for the client and the log line; null where it is not known */
export function maskError(error: unknown, log: Log, requestId: string | null): GraphQLError {
  const place = error instanceof GraphQLError ? placeOf(error) : {};
  if (error instanceof GraphQLError && isAuthored(error)) return withoutValues(error, { keepSuggestions: true });
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original instanceof RefusedError) {
    const { code, message } = original;
    const reason = original instanceof UnauthenticatedError ? { reason: original.reason } : {};
    const status = REFUSAL_STATUS[code];
    // `spec`: a client that asks for application/json gets a 200 with errors, as GraphQL over HTTP says.
    const http = status === undefined ? {} : { http: { status, spec: true } };
    return new GraphQLError(message, { ...place, extensions: { code, ...reason, ...http } });
  }
  log.error({ err: original, requestId }, 'unexpected error');
  return new GraphQLError('Unexpected error.', { ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } });
}

/** Made on purpose by us, Yoga or graphql-js: not a stray exception that execution has wrapped. */
function isAuthored(error: GraphQLError): boolean {
  return (
    error.originalError === undefined ||
    error.originalError === null ||
    'code' in error.extensions ||
    'http' in error.extensions
  );
}

/**
 * The same error without what it quotes: literals and pieces of a body hold passwords too
 * («String cannot represent a non string value: hunter2»), and suggestions tell a hidden schema.
 */
export function withoutValues(error: GraphQLError, options: { keepSuggestions: boolean }): GraphQLError {
  const { originalError: _, ...extensions } = error.extensions;
  // A request that is no GraphQL at all is a 400 for every client, also for those that else get errors with a 200.
  if (extensions['code'] === 'BAD_REQUEST') extensions['http'] = { ...(extensions['http'] ?? {}), spec: false };
  const unquoted = error.message
    .replace(/^(.*cannot represent .*?value): .*$/s, '$1.')
    .replace(/^(Expected value of type .*?), found .*$/s, '$1.')
    .replace(/^(Syntax Error: .*?)(?:,? found)? (?:Block)?String .*$/s, '$1.')
    .replace(/^Value .* does not exist in (.* enum).*$/s, 'A value does not exist in $1.');
  const message = options.keepSuggestions ? unquoted : unquoted.replace(/ ?Did you mean .*$/s, '');
  return new GraphQLError(message, { ...placeOf(error), extensions });
}

function placeOf({ nodes, source, positions, path }: GraphQLError): GraphQLErrorOptions {
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
}
