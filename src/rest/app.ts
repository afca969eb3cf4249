/** Everything that is not GraphQL: the documented REST APIs that are enabled, and the apps passed in. */
import { type Context, Hono, type MiddlewareHandler, type NotFoundHandler } from 'hono';
import type { Config } from '#config/config.ts';
import type { RestApiName } from '#config/rest-settings.ts';
import { logFault } from '#errors/outage.ts';
import { crossOriginHeaders } from '#http/cross-origin.ts';
import type { RestApi, RestEnv } from './api.ts';
import { createConnectxApi } from './connectx/connectx.ts';
import { failureOf } from './errors.ts';
import { createOrganizationApi } from './organization/organization.ts';
import { createReference } from './reference.ts';
import { createTokenApi } from './token.ts';
import { createVaultApi } from './vault/vault.ts';

const APIS: Record<RestApiName, (config: Config) => RestApi> = {
  connectx: createConnectxApi,
  organization: createOrganizationApi,
  vault: createVaultApi,
  token: createTokenApi,
};

/**
 * @param others apps with their own paths, such as health checks and pages
 * @param notFound answers what none of them has
 */
export function createRest(
  config: Config,
  others: readonly Hono<RestEnv>[],
  notFound: NotFoundHandler<RestEnv>,
): Hono<RestEnv> {
  const rest = new Hono<RestEnv>();
  for (const other of others) rest.route('/', other);
  const apis = config.restApis.map((name) => APIS[name](config));
  if (config.reference) rest.route('/', createReference(apis, config));
  for (const [path, sharers] of Map.groupBy(apis.flatMap(routesOf), (route) => route.path)) {
    const handle = (c: Context<RestEnv>) => dispatch(c, sharers);
    for (const spelling of [path, `${path}/`]) {
      if (config.corsOrigins.length > 0) rest.use(spelling, crossOrigin(config));
      rest.all(spelling, handle);
    }
  }
  rest.notFound(notFound);
  rest.onError((error, c) => {
    const { caller, log, trail } = c.env.ctx;
    const { requestId, traceId } = caller;
    const failure = failureOf(error);
    trail.code ??= failure.code;
    logFault(log, error, { requestId, traceId }, 'unexpected error');
    if (failure.retryAfterSeconds !== undefined) c.header('retry-after', String(failure.retryAfterSeconds));
    c.header('cache-control', 'no-store');
    return c.json({ error: failure.message, requestId }, failure.status);
  });
  return rest;
}

type Route = { api: RestApi; path: string; method: string };

/** Paths without a trailing slash and with `:name` for parameters, as Hono routes them. */
function routesOf(api: RestApi): Route[] {
  return api.app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return [];
    const { method, path } = definition.route;
    return [{ api, path: path.replace(/\/$/, '').replaceAll(/\{(\w+)\}/g, ':$1'), method: method.toUpperCase() }];
  });
}

/** Passes the request to the API with this path. Where two share it, the media type of the body decides. */
function dispatch(c: Context<RestEnv>, routes: readonly Route[]): Response | Promise<Response> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  const { api } = routes.find((route) => route.api.mediaType === mediaType) ?? routes[0] ?? {};
  if (api === undefined) return c.notFound();
  const methods = routes.map(({ method }) => method);
  // HEAD is not served: some of these GETs change something, which HEAD must not (RFC 9110 section 9.3.2).
  c.env.ctx.trail.operation = `${c.req.method} ${routes[0]?.path}`;
  if (methods.includes(c.req.method)) return api.app.fetch(asJson(c.req.raw, api, mediaType), c.env);
  c.header('allow', [...new Set(methods)].join(', '));
  c.env.ctx.trail.code ??= 'METHOD_NOT_ALLOWED';
  const message = 'This method is not allowed here. See the Allow header.';
  return api.fail(c, { code: 'METHOD_NOT_ALLOWED', status: 405, message, cause: null });
}

/**
 * Clients that a generator wrote may send JSON without saying so, and `fetch` then calls it text. A page of another
 * site could send the same without a preflight; it gains nothing, because no REST API takes a cookie.
 */
function asJson(request: Request, api: RestApi, mediaType: string | undefined): Request {
  const isUnnamed = mediaType === undefined || mediaType === '' || mediaType === 'text/plain';
  if (request.body === null || api.mediaType !== 'application/json' || !isUnnamed) return request;
  const headers = new Headers(request.headers);
  headers.set('content-type', 'application/json');
  return new Request(request, { headers });
}

function crossOrigin(config: Config): MiddlewareHandler<RestEnv> {
  return async (c, next) => {
    const headers = crossOriginHeaders(config, c.req.header('origin') ?? null, c.req.method);
    if (c.req.method === 'OPTIONS') return c.body(null, 204, headers);
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    return;
  };
}
