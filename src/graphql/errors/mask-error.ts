/**
 * What of a top-level error reaches the client: what GraphQL itself complains about, our refusals with their code, an
 * outage, and for anything unforeseen one sentence with the request id under which the log has the rest.
 */
import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import { DomainError } from '#errors/domain-errors.ts';
import { isOutage, logFault } from '#errors/outage.ts';
import {
  ForbiddenError,
  RefusedError,
  ServiceUnavailableError,
  UnauthenticatedError,
  type UnauthenticatedReason,
} from '#errors/refused-errors.ts';
import type { Log } from '#outside/log.ts';

/** @param requestId of the request under way, for the client and the log line; null where it is not known */
export function maskError(
  error: unknown,
  log: Log,
  requestId: string | null,
  place: GraphQLErrorOptions = error instanceof GraphQLError ? placeOf(error) : {},
): GraphQLError {
  if (error instanceof GraphQLError && isAuthored(error)) return withoutValues(error, { keepSuggestions: true });
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original instanceof RefusedError) {
    const { code, message } = original;
    const wait = 'retryAfterSeconds' in original ? { retryAfterSeconds: original.retryAfterSeconds } : {};
    return new GraphQLError(message, { ...place, extensions: { code, ...reasonOf(original), ...wait } });
  }
  // A query has no union to put it in; `reason` says which failure it is.
  if (original instanceof DomainError) {
    const extensions = { code: 'BAD_REQUEST', reason: original.code };
    return new GraphQLError(original.message, { ...place, extensions });
  }
  logFault(log, original, { requestId }, 'unexpected error');
  if (isOutage(original)) return maskError(new ServiceUnavailableError(), log, requestId, place);
  return new GraphQLError('Unexpected error.', { ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } });
}

function reasonOf(error: RefusedError): { reason?: string } {
  if (error instanceof UnauthenticatedError) return { reason: error.reason };
  return error instanceof ForbiddenError && error.reason !== null ? { reason: error.reason } : {};
}

/**
 * The same refusal with the HTTP status of its kind, for an answer that has no data: GraphQL over HTTP section 6.4.2.
 * An answer in which it made every field null has no data either; but `me` is null beside UNAUTHENTICATED on purpose.
 * Clients that accept only `application/json` still get 200 (`spec`), except while the service cannot answer at all:
 * then proxies and retrying clients, which do not read the body, have to know.
 */
export function withHttpStatus(error: GraphQLError, data: object | null | undefined): GraphQLError {
  const code = String(error.extensions['code']);
  const http = HTTP_OF[code];
  if (http === undefined || 'http' in error.extensions) return error;
  const hasData = code === 'UNAUTHENTICATED' ? data != null : Object.values(data ?? {}).some((value) => value !== null);
  if (hasData) return error;
  return new GraphQLError(error.message, {
    ...placeOf(error),
    extensions: { ...error.extensions, http: { ...http, headers: headersOf(error) } },
  });
}

function headersOf({ extensions: { code, reason, retryAfterSeconds } }: GraphQLError): Record<string, string> {
  if (retryAfterSeconds !== undefined) return { 'retry-after': String(retryAfterSeconds) };
  if (code !== 'UNAUTHENTICATED') return {};
  // RFC 6750 section 3: a request without a token learns the scheme only; a refused token is named as the reason.
  const isMissing = reason === ('TOKEN_MISSING' satisfies UnauthenticatedReason);
  return { 'www-authenticate': isMissing ? 'Bearer' : 'Bearer error="invalid_token"' };
}

const HTTP_OF: Record<string, { status: number; spec: boolean }> = {
  UNAUTHENTICATED: { status: 401, spec: true },
  FORBIDDEN: { status: 403, spec: true },
  BAD_REQUEST: { status: 400, spec: false },
  CSRF_BLOCKED: { status: 403, spec: true },
  TOO_MANY_REQUESTS: { status: 429, spec: false },
  SERVICE_UNAVAILABLE: { status: 503, spec: false },
};

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
 * ("String cannot represent a non string value: hunter2"), and suggestions tell a hidden schema.
 */
export function withoutValues(error: GraphQLError, options: { keepSuggestions: boolean }): GraphQLError {
  const { originalError: _, ...extensions } = error.extensions;
  // A request that is not GraphQL at all is a 400 for every client, also for those that else get errors with a 200.
  if (extensions['code'] === 'BAD_REQUEST') extensions['http'] = { ...(extensions['http'] ?? {}), spec: false };
  const unquoted = error.message
    .replace(/^(.*cannot represent .*?value): .*$/s, '$1.')
    .replace(/^(Expected value of type .*?), found .*$/s, '$1.')
    .replace(/^(Syntax Error: .*?)(?:,? found)? (?:Block)?String .*$/s, '$1.')
    .replace(/^Value .* does not exist in (.* enum).*$/s, 'A value does not exist in $1.');
  const message = options.keepSuggestions ? unquoted : unquoted.replace(/ ?Did you mean .*$/s, '');
  return new GraphQLError(message, { ...placeOf(error), extensions });
}

/** Where in the document, and in the answer, it belongs. */
export function placeOf({ nodes, source, positions, path }: GraphQLError): GraphQLErrorOptions {
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
}
