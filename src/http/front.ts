/**
 * The HTTP front: gives every request its context and its log line, and passes /graphql to Yoga and everything else to
 * Hono. The handlers have two entry points: `fetch` for tests and embedding, `listener` for node:http.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { logFault } from '#errors/outage.ts';
import type { Graphiql } from '#graphql/graphiql/graphiql.ts';
import type { PlainPost } from '#graphql/operations/plain-post.ts';
import type { Graphql } from '#graphql/operations/yoga.ts';
import type { Log } from '#outside/log.ts';
import type { RequestTrace, Tracing } from '#outside/telemetry/tracing.ts';
import { prefersHtml } from './accept.ts';
import { isChunked, readBody, withWholeBody } from './body.ts';
import { createOriginNotice } from './cross-origin.ts';
import type { ContextBuilder } from './request.ts';
import type { RequestEnd } from './request-end.ts';
import { timesSent } from './request-headers.ts';
import type { SecurityHeaders } from './security-headers.ts';

const GRAPHQL = '/graphql';

/** GraphQL, and the page that signs in, have the cookies of browsers. */
const COOKIE_PATHS: ReadonlySet<string> = new Set([GRAPHQL, '/sign-in-with-email']);

export type Front = {
  /** Handles a web request. `remoteAddress` is the IP address of the connection. */
  fetch: (request: Request, connection?: { remoteAddress: string }) => Promise<Response>;
  /** Handles a node:http request. */
  listener: (request: IncomingMessage, response: ServerResponse) => void;
};

type FrontParts = {
  config: Config;
  graphql: Graphql;
  plainPost: PlainPost;
  /** Null if GraphiQL is off; browsers then get the page of `rest` at this address. */
  graphiql: Graphiql | null;
  /** Handles everything except GraphQL, with the context of the request. */
  rest: Hono<{ Bindings: { ctx: Ctx } }>;
  contextFor: ContextBuilder;
  securityHeaders: SecurityHeaders;
  log: Log;
  /** Null if there are no traces. */
  tracing: Tracing | null;
  /** Called when a request has ended. */
  noteEnd: RequestEnd;
};

/** The status that proxies log if the client disconnects before the response was sent. */
const HUNG_UP = 499;

export function createFront(parts: FrontParts): Front {
  const { graphql, plainPost, graphiql, rest, contextFor, securityHeaders, log, noteEnd, tracing } = parts;
  const plainSecurityHeaders = securityHeaders.flat();
  const noteOrigin = createOriginNotice(parts.config, log);

  async function answer(request: Request, { pathname, searchParams }: URL, ctx: Ctx): Promise<Response> {
    if (pathname === GRAPHQL) {
      const isPage = wantsPage(request.method, request.headers.get('accept'), searchParams.has('query'));
      if (!isPage) return graphql.fetch(request, { ctx });
      return graphiql?.page() ?? rest.fetch(request, { ctx });
    }
    return (graphiql && (await graphiql.asset(pathname))) ?? rest.fetch(request, { ctx });
  }

  /** Runs `work` in the span of its request, if there are traces. */
  function traced<T>(traceparent: string | null | undefined, work: (trace: RequestTrace | null) => T): T {
    if (tracing === null) return work(null);
    const trace = tracing.startRequest(traceparent ?? null);
    return trace.run(() => work(trace));
  }

  /** @param incoming the node:http request, with its body unread; absent if there is no connection */
  function handle(request: Request, remoteAddress: string, incoming?: IncomingMessage): Promise<Response> {
    return traced(request.headers.get('traceparent'), (trace) => respond(request, remoteAddress, incoming, trace));
  }

  async function respond(
    request: Request,
    remoteAddress: string,
    incoming: IncomingMessage | undefined,
    trace: RequestTrace | null,
  ): Promise<Response> {
    const startedAt = performance.now();
    const url = new URL(request.url);
    noteOrigin(request.method, (name) => request.headers.get(name));
    const cookies: string[] = [];
    const ctx = contextFor({
      header: (name) => request.headers.get(name),
      remoteAddress,
      setCookie: COOKIE_PATHS.has(url.pathname) ? (line) => cookies.push(line) : undefined,
      traceId: trace?.traceId,
    });
    const whole = incoming === undefined ? request : await withWholeBody(request, incoming).catch(() => null);
    const response = whole === null ? new Response(null, { status: HUNG_UP }) : await answer(whole, url, ctx);
    for (const line of cookies) response.headers.append('set-cookie', line);
    for (const [name, value] of [...securityHeaders, ...headersFor(ctx, url.pathname)]) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    const { status } = response;
    noteEnd(ctx, { method: request.method, path: loggable(url.pathname, status), status, startedAt }, trace);
    return response;
  }

  /**
   * The hot path: neither a web Request nor a stream of the body, and all headers at once, which node:http writes
   * without looking at each of them.
   */
  async function answerPlainPost(
    request: IncomingMessage,
    response: ServerResponse,
    trace: RequestTrace | null,
  ): Promise<void> {
    const cookies: string[] = [];
    const ctx = contextOf(request, response, trace, (line) => cookies.push('set-cookie', line));
    const body = await readBody(request).catch(() => null);
    if (body === null) return;
    try {
      const answer = await plainPost.answer(request.headers, body, ctx, () => webRequest(request, body));
      const ours = headersFor(ctx, GRAPHQL).flat();
      response.writeHead(answer.status, [...plainSecurityHeaders, ...ours, ...answer.headers, ...cookies]);
      response.end(answer.body);
    } catch (error) {
      // Nobody else would catch it, and the process would end.
      logFault(log, error, { requestId: ctx.caller.requestId }, 'unexpected error');
      response.destroy();
    }
  }

  /** The context of a request to GraphQL, which is logged when its connection has the answer or is gone. */
  function contextOf(
    request: IncomingMessage,
    response: ServerResponse,
    trace: RequestTrace | null,
    setCookie: (line: string) => void,
  ): Ctx {
    const startedAt = performance.now();
    const ctx = contextFor({
      header: (name) => headerOf(request, name),
      remoteAddress: request.socket.remoteAddress ?? '',
      setCookie,
      traceId: trace?.traceId,
    });
    response.on('close', () => {
      const status = response.writableFinished ? response.statusCode : HUNG_UP;
      noteEnd(ctx, { method: request.method ?? '', path: GRAPHQL, status, startedAt }, trace);
    });
    return ctx;
  }

  const web = getRequestListener(
    (request, env) => {
      const { incoming } = env as HttpBindings;
      return handle(request, incoming.socket.remoteAddress ?? '', incoming);
    },
    // HTTP/1.0 clients, such as many health checks, may send no Host header; node:http rejects HTTP/1.1 without one.
    // No clean-up by the adapter: bodies are read whole, and its clean-up would close connections meant to stay open.
    { overrideGlobalObjects: false, hostname: 'localhost', autoCleanupIncoming: false },
  );

  return {
    fetch: (request, connection = { remoteAddress: '127.0.0.1' }) => handle(request, connection.remoteAddress),
    listener: (request, response) => {
      const { url = '', method = '', headers } = request;
      const [path = ''] = url.split('?');
      // An invalid Host header is answered with 400 by Hono's adapter.
      const isGraphql = path === GRAPHQL && isHost(headers.host) && !isChunked(request);
      if (isGraphql && method === 'POST' && plainPost.takes(headers)) {
        void traced(traceparentOf(request), (trace) => answerPlainPost(request, response, trace));
        return;
      }
      // Before anything else, so that what the libraries refuse has them as well.
      for (const [name, value] of securityHeaders) response.setHeader(name, value);
      if (!isGraphql || wantsPage(method, headers.accept ?? null, /[?&]query=/.test(url))) {
        void web(request, response);
        return;
      }
      noteOrigin(method, (name) => headerOf(request, name));
      void traced(traceparentOf(request), (trace) => {
        const ctx = contextOf(request, response, trace, (line) => response.appendHeader('set-cookie', line));
        for (const [name, value] of headersFor(ctx, path)) response.setHeader(name, value);
        return graphql(request, response, { ctx });
      });
    },
  };
}

/**
 * Whether it is a host, perhaps with a port (RFC 9110 section 7.2). A URL can be made of more than that, such as of a
 * user name, and then no request can be made of the URL.
 */
function isHost(host = ''): boolean {
  return !/[@/?#\\]/.test(host) && URL.canParse(`http://${host}/`);
}

/** Whether a browser navigates to /graphql, which shows a page, as opposed to a client that sends a query. */
function wantsPage(method: string, accept: string | null, hasQuery: boolean): boolean {
  return method === 'GET' && !hasQuery && prefersHtml(accept);
}

function webRequest(
  { url = '', method = '', headers, headersDistinct }: IncomingMessage,
  body: Buffer<ArrayBuffer>,
): Request {
  const given = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) given.append(name, value);
  return new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), { method, headers: given, body });
}

function traceparentOf(request: IncomingMessage): string | null {
  return headerOf(request, 'traceparent');
}

function headerOf(request: IncomingMessage, name: string): string | null {
  // Of two of these, node would silently drop the second.
  if (name === 'authorization' && timesSent(request.rawHeaders, name) > 1)
    return request.headersDistinct[name]?.join(', ') ?? null;
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

/**
 * A path as it may be logged. Documented paths that end with a token or an email address are cut before it. An unknown
 * path may contain anything, such as a token after a mistyped path, so only its first word is kept.
 */
function loggable(path: string, status: number): string {
  if (status === 404) return `/${/^\/([a-z-]{1,20})(?=\/|$)/i.exec(path)?.[1] ?? ''}…`;
  // A letter may be encoded, such as %6c, and is still routed; the rest may not be valid UTF-8.
  const plain = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const [, start] = /^(.*?(?:verify-email|exist-email)\/+)[^/]/is.exec(plain) ?? [];
  return start === undefined ? path : `${start}…`;
}

function headersFor(ctx: Ctx, path: string): [string, string][] {
  const headers: [string, string][] = [['x-request-id', ctx.caller.requestId]];
  // Responses contain tokens and personal data, so no cache may store them (RFC 9111 section 5.2.2.5).
  if (path === GRAPHQL) headers.push(['cache-control', 'private, no-store']);
  return headers;
}
