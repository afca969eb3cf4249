/**
 * What is said of a request when it has ended: one log line, and metrics. No query string, header, or body: they
 * contain secrets.
 */
import type { Ctx } from '#core/context.ts';
import type { Log } from '#outside/log.ts';
import type { RequestTrace } from '#outside/telemetry/tracing.ts';

export type EndedRequest = {
  method: string;
  /** As it may be logged. */
  path: string;
  status: number;
  /** In milliseconds of `performance.now()`. */
  startedAt: number;
};

/** @param trace of the request, if there are traces */
export type RequestEnd = (ctx: Ctx, request: EndedRequest, trace: RequestTrace | null) => void;

export type RequestEndOptions = {
  log: Log;
  /** The share of successful reads that get a log line. */
  logSample: number;
  /** Paths without parameters outside the REST APIs, such as those of pages. They name an operation. */
  plainPaths: ReadonlySet<string>;
};

export function createRequestEnd({ log, logSample, plainPaths }: RequestEndOptions): RequestEnd {
  function writeLine(ctx: Ctx, request: Ended, ms: number): void {
    const { operation, code: outcome, userId } = ctx.trail;
    if (logSample < 1 && isSuccessfulRead(ctx, request) && !isSampled(ctx.caller.requestId, logSample)) return;
    const { requestId, traceId, ipAddress: ip } = ctx.caller;
    log.info(
      { requestId, traceId, ip, userId, ...request, operation, outcome, ms: Math.round(ms * 10) / 10 },
      'request',
    );
  }

  return (ctx, { startedAt, ...request }, trace) => {
    const ms = performance.now() - startedAt;
    if (ctx.metrics !== null || trace !== null) {
      const [operation, outcome] = [operationOf(ctx, request, plainPaths), outcomeOf(ctx, request)];
      ctx.metrics?.requestEnded(operation, outcome, ms / 1000);
      trace?.end({ method: verbOf(request), operation, outcome, status: request.status });
    }
    if (trace === null) writeLine(ctx, request, ms);
    else trace.run(() => writeLine(ctx, request, ms));
  };
}

type Ended = Omit<EndedRequest, 'startedAt'>;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * A name of which there are few: `mutation login`, `GET /auth/me`, `GET /healthz`. Clients combine fields of queries in
 * any number of ways, so several fields are one name, and so are all paths that lead nowhere.
 */
function operationOf({ trail }: Ctx, { method, path, status }: Ended, plainPaths: ReadonlySet<string>): string {
  const verb = verbOf({ method });
  if (trail.operation === null) return plainPaths.has(path) && status !== 404 ? `${verb} ${path}` : 'other';
  const [, type, fields = ''] = /^(query|mutation|subscription) (.*)$/.exec(trail.operation) ?? [];
  if (type !== undefined) return /^\w+$/.test(fields) ? trail.operation : `${type} (several)`;
  return trail.operation.replace(/^\S+/, verb);
}

function verbOf({ method }: Pick<Ended, 'method'>): string {
  return METHODS.has(method) ? method : 'OTHER';
}

function outcomeOf({ trail }: Ctx, { status }: Ended): string {
  return trail.code ?? (status < 400 ? 'OK' : `HTTP_${status}`);
}

function isSuccessfulRead({ trail }: Ctx, { method, status }: Ended): boolean {
  if (trail.code !== null || status >= 400) return false;
  if (trail.operation?.startsWith('query ')) return true;
  return (method === 'GET' || method === 'HEAD') && !trail.hasChanged;
}

/** By the random id that we gave the request, so that no client decides whether it is logged. */
function isSampled(requestId: string, share: number): boolean {
  return Number.parseInt(requestId.slice(0, 8), 16) < share * 2 ** 32;
}
