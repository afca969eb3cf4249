/**
 * The node:http server, with limits for each connection. Node's defaults suit servers behind a proxy: it waits more
 * than a minute for headers, waits forever for a client that does not read, and handles any number of pipelined
 * requests at once (RFC 9112 section 9.3.2).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may take, in milliseconds. Not configurable: honest clients need far less on any network. */
export type Patience = {
  /** From the start of the connection, or the first byte of a later request, to the end of the headers. */
  headersMs: number;
  /** The same, to the end of the body. */
  requestMs: number;
  /** Without reading a byte of a response. */
  stallMs: number;
  /** From the end of the last response, or of the request, to the end of the next. */
  answerMs: number;
};

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 20_000, stallMs: 20_000, answerMs: 120_000 };

/** Requests of one connection that may be in progress at once: browsers send one, pipelining clients a handful. */
const MAX_PIPELINED = 10;

/** What is in progress on a connection. */
type Line = { requests: number; late: NodeJS.Timeout };

/**
 * Creates a server that does not listen yet.
 * @param keepAliveSeconds how long an idle connection stays open; also announced to clients
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
    // While a response is being prepared, the client is not the one being waited for.
    const isOurTurn = (lines.get(socket)?.requests ?? 0) > 0 && socket.writableLength === 0;
    if (!isOurTurn) socket.destroy();
  });
  return server;
}
