/**
 * What every documented REST API is built with: an app whose route definitions give routing, validation and the OpenAPI
 * document, and which answers every failure in the shape of that API.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { getPath } from 'hono/utils/url';
import type { ZodError } from 'zod';
import type { Ctx } from '#core/context.ts';
import { DomainError } from '#errors/domain-errors.ts';
import { logFault } from '#errors/outage.ts';
import { CsrfError } from '#errors/refused-errors.ts';
import { isDeliberateCall } from '#http/cross-origin.ts';
import { isUtf8Encoded } from '#http/form.ts';
import { encodingProblem, hasDuplicateKeys } from '#http/json.ts';
import { type Failure, failureOf } from './errors.ts';

export type RestEnv = { Bindings: { ctx: Ctx } };

/** How an API writes a failure. `status` is set where its document asks for another status than HTTP would. */
export type Shape = (failure: Failure, ctx: Ctx) => { status?: ContentfulStatusCode; body: Record<string, unknown> };

export type RestApi = {
  /** Its name and introduction in the API reference. */
  tag: { name: string; description: string };
  app: OpenAPIHono<RestEnv>;
  /** The media type of its bodies. Where two APIs share a path, it decides which one answers. */
  mediaType: 'application/json' | 'application/x-www-form-urlencoded';
  /** Answers a failure in the shape of the API. */
  fail: (c: Context<RestEnv>, failure: Failure) => Response;
};

const MAX_BODY_BYTES = 100_000;

/** An API without routes; its file adds them with `app.openapi(route, handler)`. */
export function createApi({ shape, ...api }: Pick<RestApi, 'tag' | 'mediaType'> & { shape: Shape }): RestApi {
  const app: OpenAPIHono<RestEnv> = new OpenAPIHono<RestEnv>({
    getPath: (request) => asDefined(app, getPath(request)),
    defaultHook: (result) => {
      if (!result.success) throw new HTTPException(400, { message: complaintOf(result.error) });
    },
  });
  const fail: RestApi['fail'] = (c, failure) => {
    const { ctx } = c.env;
    const { status = failure.status, body } = shape(failure, ctx);
    if (failure.retryAfterSeconds !== undefined) c.header('retry-after', String(failure.retryAfterSeconds));
    // A 401 names the scheme that is accepted (RFC 9110 section 15.5.2) and says if a token was refused (RFC 6750
    // section 3.1).
    const wasRefused = failure.code === 'UNAUTHENTICATED' && ctx.bearerToken !== null;
    if (status === 401) c.header('www-authenticate', wasRefused ? 'Bearer error="invalid_token"' : 'Bearer');
    c.header('cache-control', 'no-store');
    return c.json(body, status);
  };
  app.use(async (c, next) => {
    // Answers contain tokens and personal data, so no cache may store them (RFC 9111 section 5.2.2.5).
    c.header('cache-control', 'no-store');
    if (!isUtf8Encoded(c.req.url)) throw new HTTPException(400, { message: 'The URL is not UTF-8.' });
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new HTTPException(413);
      },
    }),
  );
  app.use(async (c, next) => {
    if (c.req.raw.body !== null) await requireReadableBody(c, api.mediaType);
    await next();
  });
  app.onError(async (error, c) => {
    const failure = failureOf(error);
    c.env.ctx.trail.code ??= failure.code;
    await c.env.ctx.noteFailure(error);
    const { requestId, traceId } = c.env.ctx.caller;
    if (failure.status >= 500 && !(error instanceof DomainError)) {
      logFault(c.env.ctx.log, error, { requestId, traceId }, 'unexpected error');
    }
    return fail(c, failure);
  });
  return { ...api, app, fail };
}

/** Refuses a body that another reader could take for another request. */
async function requireReadableBody(c: Context<RestEnv>, mediaType: RestApi['mediaType']): Promise<void> {
  const message = encodingProblem(c.req.header('content-type') ?? null, c.req.header('content-encoding') ?? null);
  if (message !== null) throw new HTTPException(400, { message });
  if (mediaType === 'application/json' && hasDuplicateKeys(await c.req.text())) {
    throw new HTTPException(400, { message: 'The body names something twice.' });
  }
}

/** For a GET that changes something: a link, a picture or a page of another site must not set it off. */
export function requireDeliberateCall(c: Context<RestEnv>, message: string): void {
  const { config } = c.env.ctx;
  if (!isDeliberateCall(config, (name) => c.req.header(name) ?? null)) throw new CsrfError(message);
}

/** The path as the API defines it. Clients may add or omit a trailing slash and are not redirected. */
function asDefined(app: OpenAPIHono<RestEnv>, path: string): string {
  const bare = path.replace(/(?<=.)\/$/, '');
  return app.routes.some((route) => route.path === `${bare}/`) ? `${bare}/` : bare;
}

/** One sentence per invalid field. It names the field and never quotes the value. */
function complaintOf(error: ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'The body'} ${message}.`).join(' ');
}
