/**
 * The HTTP front: gives every request its context and its log line, hands /graphql straight to Yoga and everything
 * else to Hono. Two entrances to the same handlers: `fetch` for tests and embedding, `listener` for node:http.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Ctx } from '#core/context.ts';
import type { Graphiql } from '#graphql/graphiql.ts';
import type { createGraphql } from '#graphql/yoga.ts';
import type { Log } from '#outside/log.ts';
import { isChunked, withWholeBody } from './body.ts';
import type { ContextBuilder } from './request.ts';

export type Front = {
  /** Answers a web request. `remoteAddress` is that of the connection. */
  fetch: (request: Request, connection?: { remoteAddress: string }) => Promise<Response>;
  /** Answers a request of node:http. */
  listener: (request: IncomingMessage, response: ServerResponse) => void;
};

type FrontParts = {
  graphql: ReturnType<typeof createGraphql>;
  /** Null where GraphiQL is switched off. */
  graphiql: Graphiql | null;
  /** Everything that is not GraphQL, each answer made with the request's context. */
  rest: Hono<{ Bindings: { ctx: Ctx } }>;
  contextFor: ContextBuilder;
  log: Log;
};

/** As proxies write it in their logs: the client hung up before the answer was out. */
const HUNG_UP = 499;

export function createFront({ graphql, graphiql, rest, contextFor, log }: FrontParts): Front {
  async function answer(request: Request, { pathname, searchParams }: URL, ctx: Ctx): Promise<Response> {
    if (pathname === '/graphql') {
      const isPage =
        graphiql !== null && wantsPage(request.method, request.headers.get('accept'), searchParams.has('query'));
      return isPage ? graphiql.page() : graphql.fetch(request, { ctx });
    }
    return (graphiql && (await graphiql.asset(pathname))) ?? rest.fetch(request, { ctx });
  }

  /** @param incoming the same request as node:http has it, with its body unread; absent where there is no connection */
  async function handle(request: Request, remoteAddress: string, incoming?: IncomingMessage): Promise<Response> {
    const startedAt = performance.now();
    const url = new URL(request.url);
    const cookies: string[] = [];
    const ctx = contextFor({
      header: (name) => request.headers.get(name),
      remoteAddress,
      setCookie: url.pathname === '/graphql' ? (line) => cookies.push(line) : undefined,
    });
    const whole = incoming === undefined ? request : await withWholeBody(request, incoming).catch(() => null);
    const response = whole === null ? new Response(null, { status: HUNG_UP }) : await answer(whole, url, ctx);
    for (const line of cookies) response.headers.append('set-cookie', line);
    for (const [name, value] of headersFor(ctx, url.pathname)) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    logRequest(log, ctx, {
      method: request.method,
      path: loggable(url.pathname, response.status),
      status: response.status,
      startedAt,
    });
    return response;
  }

  const web = getRequestListener(
    (request, env) => {
      const { incoming } = env as HttpBindings;
      return handle(request, incoming.socket.remoteAddress ?? '', incoming);
    },
    // A client of HTTP/1.0 (many a health check) need not name a host; node:http refuses one of HTTP/1.1 that does not.
    // No clean-up: bodies are read whole, and what the adapter does for others ends connections that said they stay.
    { overrideGlobalObjects: false, hostname: 'localhost', autoCleanupIncoming: false },
  );

  return {
    fetch: (request, connection = { remoteAddress: '127.0.0.1' }) => handle(request, connection.remoteAddress),
    listener: (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      const isPage = wantsPage(
        request.method ?? '',
        request.headers.accept ?? null,
        /[?&]query=/.test(request.url ?? ''),
      );
      // A Host that is none would make Yoga fail with a stack; Hono's adapter answers 400.
      const isOdd = !URL.canParse(`http://${request.headers.host ?? ''}/`);
      if (path !== '/graphql' || isOdd || isChunked(request) || (graphiql !== null && isPage)) {
        void web(request, response);
        return;
      }
      // The hot path: no web Request is made here, Yoga reads node:http by itself.
      const ctx = contextFor({
        header: (name) => headerOf(request, name),
        remoteAddress: request.socket.remoteAddress ?? '',
        setCookie: (line) => response.appendHeader('set-cookie', line),
      });
      const startedAt = performance.now();
      for (const [name, value] of headersFor(ctx, path)) response.setHeader(name, value);
      response.once('close', () => {
        const status = response.writableFinished ? response.statusCode : HUNG_UP;
        logRequest(log, ctx, { method: request.method ?? '', path, status, startedAt });
      });
      void graphql(request, response, { ctx });
    },
  };
}

/** A browser that navigates to /graphql gets GraphiQL; a client that sends a query gets an answer. */
function wantsPage(method: string, accept: string | null, hasQuery: boolean): boolean {
  return method === 'GET' && !hasQuery && (accept ?? '').includes('text/html');
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

/**
 * A path as it may be written down: of documented addresses that end with a token or an email address, the beginning. A
 * path that leads nowhere may hold anything, such as a token behind a mistyped address: there only a first word is kept.
 */
function loggable(path: string, status: number): string {
  if (status === 404) return `/${/^\/([a-z-]{1,20})(?=\/|$)/i.exec(path)?.[1] ?? ''}…`;
  // A letter may come as %6c and is routed all the same; what follows need not be a text in UTF-8.
  const plain = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const [, start] = /^(.*?(?:verify-email|exist-email)\/+)[^/]/is.exec(plain) ?? [];
  return start === undefined ? path : `${start}…`;
}

function headersFor(ctx: Ctx, path: string): [string, string][] {
  const headers: [string, string][] = [
    ['x-request-id', ctx.caller.requestId],
    ['x-content-type-options', 'nosniff'],
  ];
  // Answers hold tokens and personal data; no cache may keep them (RFC 9111 section 5.2.2.5).
  if (path === '/graphql') headers.push(['cache-control', 'private, no-store']);
  return headers;
}

/** One line a request, with what was asked for, by whom, and how it failed: no query string, no header, no body, where secrets live. */
function logRequest(
  log: Log,
  ctx: Ctx,
  line: { method: string; path: string; status: number; startedAt: number },
): void {
  const { startedAt, ...rest } = line;
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  const { requestId, traceId, ipAddress: ip } = ctx.caller;
  const { operation, code: outcome, userId } = ctx.trail;
  log.info({ requestId, traceId, ip, userId, ...rest, operation, outcome, ms }, 'request');
}
