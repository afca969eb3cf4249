/** GraphQL over HTTP: Yoga for requests and responses, with our rules for both. Operations are run by operations.ts. */
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { maskError } from '#graphql/errors/mask-error.ts';
import { crossOriginHeaders } from '#http/cross-origin.ts';
import { isUtf8Encoded } from '#http/form.ts';
import { CSRF_HEADERS } from '#http/request-headers.ts';
import type { Log } from '#outside/log.ts';
import { acceptable } from './acceptable.ts';
import { jsonBody, refusal } from './json-body.ts';
import type { Operations } from './operations.ts';

/** What the front hands to Yoga with each request. */
export type ServerContext = { ctx: Ctx };

export type Graphql = ReturnType<typeof createGraphql>;

export function createGraphql(config: Config, log: Log, operations: Operations) {
  return createYoga<ServerContext>({
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
    plugins: [crossOrigin(config), acceptable(), jsonBody(), csrfPrevention(), runBy(operations)],
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
      // Yoga would take a malformed one for a fault of the service, and log a piece of it.
      for (const name of ['variables', 'extensions']) {
        if (!isJson(url.searchParams.get(name) || '{}'))
          throw refusal(`The parameter ${name} is not JSON.`, 'BAD_REQUEST', 400);
      }
      if (CSRF_HEADERS.some((name) => request.headers.has(name))) return;
      throw refusal(`Send one of these headers with a GET: ${CSRF_HEADERS.join(', ')}.`, 'CSRF_BLOCKED', 403);
    },
  };
}

/** Yoga looks at the types of the parameters after this hook, and then hands them over. */
function runBy({ identify, run }: Operations): Plugin<object, ServerContext> {
  return {
    onParams({ params, request, setParams, setParamsHandler }) {
      setParams(identify(params, request));
      setParamsHandler((found) => run(found.params, request.method, found.context.ctx));
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
