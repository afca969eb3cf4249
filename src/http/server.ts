/**
 * The server of node:http, with bounds on what one connection may take. Node's own are for servers behind a proxy: it
 * waits more than a minute for headers, forever for somebody who does not read, and answers any number of requests at
 * once for a client that sends them without waiting (RFC 9112 section 9.3.2).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may take, in milliseconds. No setting: an honest client needs a fraction, over any line. */
export type Patience = {
  /** From the first moment, or the first byte of a further request, to the end of the headers. */
  headersMs: number;
  /** The same to the end of the body. */
  requestMs: number;
  /** Without taking a byte of an answer. */
  stallMs: number;
  /** From the end of the last answer, or the request, to the end of the next. */
  answerMs: number;
};

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 20_000, stallMs: 20_000, answerMs: 120_000 };

/** Requests of one connection that may be under way: browsers send one, the boldest of clients a handful. */
const MAX_PIPELINED = 10;

/** What is under way on a connection. */
type Line = { requests: number; late: NodeJS.Timeout };

/**
 * A server that does not listen yet.
 * @param keepAliveSeconds how long a connection without a request stays open; told to clients as it is
 * @param patience shorter in tests
 */
export function createHttpServer(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  keepAliveSeconds: number,
  patience: Patience = PATIENCE,
): Server {
  const lines = new WeakMap<Socket, Line>();
  const options = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: Math.min(patience.headersMs / 10, 1000),
    keepAliveTimeout: keepAliveSeconds * 1000,
  };
  const server = createServer(options, (request, response) => {
    const { socket } = request;
    const line = lines.get(socket);
    if (line === undefined || socket.destroyed) return;
    line.requests += 1;
    if (line.requests > MAX_PIPELINED) {
      socket.destroy();
      return;
    }
    if (line.requests === 1) line.late.refresh();
    response.once('close', () => {
      line.requests -= 1;
      line.late.refresh();
    });
    listener(request, response);
  });
  server.on('connection', (socket) => {
    const line: Line = {
      requests: 0,
      late: setTimeout(() => line.requests > 0 && socket.destroy(), patience.answerMs).unref(),
    };
    lines.set(socket, line);
    socket.once('close', () => clearTimeout(line.late));
  });
  server.timeout = patience.stallMs;
  server.on('timeout', (socket) => {
    // Nobody waits for the client while its answer is being worked on.
    const isOurTurn = (lines.get(socket)?.requests ?? 0) > 0 && socket.writableLength === 0;
    if (!isOurTurn) socket.destroy();
  });
  return server;
}
