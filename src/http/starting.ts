/**
 * What answers while the service starts: migrations may take minutes, and a process that does not answer meanwhile
 * would be restarted. It is alive and not ready. Other requests wait for the end of the start, which is usually a
 * moment away, or are refused as during any other outage.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ServiceUnavailableError } from '#errors/refused-errors.ts';
import type { SecurityHeaders } from './security-headers.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export type Starting = {
  /** Answers requests now, and hands them over as soon as the start has ended. */
  listener: Listener;
  /** The start has to wait for something outside the process, so requests are refused from now on. */
  waits: () => void;
  /** The start has ended. */
  ends: (listener: Listener) => void;
};

/** How long a request waits at most. */
const PATIENCE_MS = 10_000;

export function createStarting(headers: SecurityHeaders): Starting {
  let next: Listener | null = null;
  const decided = Promise.withResolvers<void>();

  const answer = (response: ServerResponse, status: number, body: object, more: Record<string, string> = {}) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...more });
    response.end(JSON.stringify(body));
  };

  async function answerSoon(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await Promise.race([decided.promise, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
    if (next !== null) {
      next(request, response);
      return;
    }
    const { code, message, retryAfterSeconds } = new ServiceUnavailableError();
    const isGraphql = request.url?.startsWith('/graphql') === true;
    const body = isGraphql ? { errors: [{ message, extensions: { code, retryAfterSeconds } }] } : { code, message };
    // The body of the request is not read.
    answer(response, 503, body, { 'retry-after': String(retryAfterSeconds), connection: 'close' });
  }

  return {
    listener: (request, response) => {
      if (next !== null) {
        next(request, response);
        return;
      }
      const [path] = (request.url ?? '').split('?');
      if (path === '/healthz') answer(response, 200, { status: 'ok' });
      else if (path === '/readyz') answer(response, 503, { status: 'unavailable', reason: 'starting' });
      else void answerSoon(request, response);
    },
    waits: () => decided.resolve(),
    ends: (listener) => {
      next = listener;
      decided.resolve();
    },
  };
}
