/** GraphQL over HTTP: Yoga with our limits, our masking and our defaults instead of its own. */
import { getOperationAST, Kind, NoSchemaIntrospectionCustomRule, type OperationDefinitionNode, parse } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { crossOriginHeaders } from '#http/cross-origin.ts';
import { CSRF_HEADERS } from '#http/csrf-headers.ts';
import { isUtf8Encoded } from '#http/form.ts';
import type { Log } from '#outside/log.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { acceptable } from './acceptable.ts';
import { tellCost } from './cost.ts';
import { documentCache } from './document-cache.ts';
import { fairShare } from './fair-share.ts';
import { asSubgraph } from './federation.ts';
import { jsonBody, refusal } from './json-body.ts';
import { MAX_TOKENS, overLimits } from './limits.ts';
import { maskError, withHttpStatus, withoutValues } from './mask-error.ts';
import { persistedOperations, warnOfInvalidOperations } from './persisted-operations.ts';
import { isCoercionError, redactedCoercionErrors } from './redact-coercion-errors.ts';
import { schema } from './schema.ts';

/** What the front hands to Yoga with each request. */
export type ServerContext = { ctx: Ctx };

export type Graphql = ReturnType<typeof createGraphql>;

/** @param tracing null if there are no traces */
export function createGraphql(config: Config, log: Log, tracing: Tracing | null) {
  warnOfInvalidOperations(config, schema, log);
  return createYoga<ServerContext, Ctx>({
    schema: config.federation ? asSubgraph(schema) : schema,
    context: ({ ctx }) => ctx,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    logging: false,
    cors: false,
    maskedErrors: { maskError: (error) => maskError(error, log, null) },
    plugins: [
      crossOrigin(config),
      acceptable(),
      jsonBody(),
      csrfPrevention(),
      documentCache(),
      persistedOperations(config),
      tellCost(config),
      limits(config),
      fairShare(config),
      masking(log),
      ...(tracing === null ? [] : [traced(tracing)]),
    ],
  });
}

function crossOrigin(config: Config): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      if (request.method !== 'OPTIONS' || config.corsOrigins.length === 0) return;
      endResponse(new fetchAPI.Response(null, { status: 204 }));
    },
    onResponse({ request, response }) {
      const headers = crossOriginHeaders(config, request.headers.get('origin'), request.method);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    },
  };
}

function csrfPrevention(): Plugin {
  return {
    onRequestParse({ request, url }) {
      // A JSON body has been asked for in a preflight already, and any other method is not allowed.
      if (request.method !== 'GET') return;
      if (!isUtf8Encoded(url.search)) throw refusal('The query string is not UTF-8.', 'BAD_REQUEST', 400);
      // Yoga would take a malformed one for a fault of ours, and log a piece of it.
      for (const name of ['variables', 'extensions']) {
        if (!isJson(url.searchParams.get(name) || '{}'))
          throw refusal(`The parameter ${name} is not JSON.`, 'BAD_REQUEST', 400);
      }
      if (CSRF_HEADERS.some((name) => request.headers.has(name))) return;
      throw refusal(`Send one of these headers with a GET: ${CSRF_HEADERS.join(', ')}.`, 'CSRF_BLOCKED', 403);
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function limits(config: Config): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string) => parse(source, { maxTokens: MAX_TOKENS }));
    },
    onValidate({ addValidationRule, params, setValidationFn, validateFn }) {
      // Before the rules of graphql-js, and in their place if the document is over a limit.
      setValidationFn((schema, document, ...rest) => {
        const errors = overLimits(params.schema, params.documentAST);
        return errors.length > 0 ? errors : validateFn(schema, document, ...rest);
      });
      if (!config.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ valid, result, setResult }) => {
        if (!valid) setResult(result.map((error) => withoutValues(error, { keepSuggestions: config.introspection })));
      };
    },
  };
}

/** Errors of an execution, while the request id is at hand; what fails before or after is masked by Yoga's own hook. */
function masking(log: Log): Plugin<Ctx> {
  return {
    onExecute({ args }) {
      const { trail, caller } = args.contextValue as Ctx;
      trail.operation = nameOf(getOperationAST(args.document, args.operationName));
      return {
        onExecuteDone({ result, setResult }) {
          if (!('errors' in result) || !result.errors) return;
          const { requestId } = caller;
          const errors = result.errors.some(isCoercionError)
            ? redactedCoercionErrors(args)
            : result.errors.map((error) => maskError(error, log, requestId));
          trail.code ??= String(errors[0]?.extensions['code'] ?? 'BAD_REQUEST');
          setResult({ ...result, errors: errors.map((error) => withHttpStatus(error, result.data)) });
        },
      };
    },
  };
}

/** A span for the operation, called as in the log. */
function traced(tracing: Tracing): Plugin<Ctx> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { trail } = args.contextValue as Ctx;
      setExecuteFn((given) => tracing.span(trail.operation ?? 'operation', async () => executeFn(given)));
    },
  };
}

const MAX_FIELDS_NAMED = 5;

/**
 * An operation as the log calls it: by the fields it asks for, which are ours, never by the name that a client gave it.
 */
function nameOf(operation: OperationDefinitionNode | null | undefined): string | null {
  if (!operation) return null;
  const fields = operation.selectionSet.selections.map((it) => (it.kind === Kind.FIELD ? it.name.value : '…'));
  return `${operation.operation} ${fields.slice(0, MAX_FIELDS_NAMED).join(' ')}`;
}
