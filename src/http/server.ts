/**
 * The servers of node:http and node:https, with limits for each connection. Node's defaults suit servers behind a
 * proxy: it waits more than a minute for headers, waits forever for a client that does not read, and handles any number
 * of pipelined requests at once (RFC 9112 section 9.3.2).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { timesSent } from './request-headers.ts';
import type { SecurityHeaders } from './security-headers.ts';

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

/** What is in progress on a connection: the responses in the order of their requests. */
type Line = { responses: Set<ServerResponse>; late: NodeJS.Timeout };

/** A request that could not be read: the answer, who sent it (a proxy, perhaps), and what was wrong, as a code. */
export type Refusal = { status: number; ip: string | undefined; reason: string };

export type HttpServerOptions = {
  /** How long an idle connection stays open; also announced to clients. */
  keepAliveSeconds: number;
  /** For the answers that node:http gives itself. */
  headers: SecurityHeaders;
  /** Called for each request that is refused before a handler sees it, for the log (OWASP ASVS 5.0, 16.3.3). */
  onRefused?: (refusal: Refusal) => void;
  /** Shorter in tests. */
  patience?: Patience;
};

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Creates a server that does not listen yet. */
export function createHttpServer(listener: Listener, options: HttpServerOptions): Server {
  const { limits, handle, watch } = connectionsOf(listener, options);
  return watch(createServer(limits, handle), 'connection');
}

/** For TLS 1.2: forward secrecy and authenticated encryption (RFC 9325 section 4.2). TLS 1.3 has nothing else. */
const CIPHERS = 'ECDHE+AESGCM:ECDHE+CHACHA20';

/** The same over TLS (1.2 and later). @param certificate in PEM, with its key */
export function createHttpsServer(
  listener: Listener,
  options: HttpServerOptions,
  certificate: { cert: string; key: string },
): TlsServer {
  const { limits, handle, watch } = connectionsOf(listener, options);
  const { headersMs } = options.patience ?? PATIENCE;
  const server = createTlsServer({ ...limits, ...certificate, ciphers: CIPHERS, handshakeTimeout: headersMs }, handle);
  const setSecureContext = server.setSecureContext.bind(server);
  server.setSecureContext = (renewed) => setSecureContext({ ...renewed, ciphers: CIPHERS });
  return watch(server, 'secureConnection');
}

/** What both kinds of server do with their connections. */
function connectionsOf(
  listener: Listener,
  { keepAliveSeconds, headers, onRefused = () => {}, patience = PATIENCE }: HttpServerOptions,
) {
  const lines = new WeakMap<Socket, Line>();
  const limits = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: Math.min(patience.headersMs / 10, 1000),
    keepAliveTimeout: keepAliveSeconds * 1000,
    // Checked below, so that the refusal has our headers.
    requireHostHeader: false,
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const line = lines.get(socket);
    if (line === undefined || socket.destroyed) return;
    line.responses.add(response);
    if (line.responses.size > MAX_PIPELINED) {
      socket.destroy();
      return;
    }
    if (line.responses.size === 1) line.late.refresh();
    response.on('close', () => {
      line.responses.delete(response);
      line.late.refresh();
    });
    // RFC 9112 section 3.2: one host. Of two, node would take the first, and a proxy in front perhaps the second.
    const hosts = timesSent(request.rawHeaders, 'host');
    if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) {
      refuse(response, 400, headers);
      onRefused({ status: 400, ip: socket.remoteAddress, reason: hosts === 0 ? 'NO_HOST' : 'TWO_HOSTS' });
    } else listener(request, response);
  };
  const watch = <Watched extends Server | TlsServer>(server: Watched, connected: 'connection' | 'secureConnection') => {
    // RFC 9110 section 10.1.1: an expectation other than 100-continue.
    server.on('checkExpectation', ({ socket }: IncomingMessage, response: ServerResponse) => {
      refuse(response, 417, headers);
      onRefused({ status: 417, ip: socket.remoteAddress, reason: 'UNKNOWN_EXPECTATION' });
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const line = lines.get(socket);
      // TLS was never agreed upon, so there is nothing to answer in.
      if (line === undefined) {
        socket.destroy();
        return;
      }
      const [first] = line.responses;
      // Within a response that has begun, a status line would be taken for its body.
      if (socket.writable && !first?.headersSent) {
        const status = statusOf(error);
        socket.write(refusal(status, headers));
        onRefused({ status, ip: socket.remoteAddress, reason: error.code ?? error.name });
      }
      socket.destroySoon();
    });
    server.on(connected, (socket: Socket) => {
      const line: Line = {
        responses: new Set(),
        late: setTimeout(() => line.responses.size > 0 && socket.destroy(), patience.answerMs).unref(),
      };
      lines.set(socket, line);
      socket.once('close', () => clearTimeout(line.late));
    });
    server.timeout = patience.stallMs;
    server.on('timeout', (socket: Socket) => {
      // While a response is being prepared, the client is not the one being waited for.
      const isOurTurn = (lines.get(socket)?.responses.size ?? 0) > 0 && socket.writableLength === 0;
      if (!isOurTurn) socket.destroy();
    });
    return server;
  };
  return { limits, handle, watch };
}

export type RequestCount = { listener: Listener; inProgress: () => number };

/** The listener, with a count of the requests whose response is not complete: a stop says how many it cuts off. */
export function countRequests(listener: Listener): RequestCount {
  let count = 0;
  return {
    listener: (request, response) => {
      count += 1;
      response.once('close', () => {
        count -= 1;
      });
      listener(request, response);
    },
    inProgress: () => count,
  };
}

/** Refuses a request that will not be read any further. */
function refuse(response: ServerResponse, status: number, headers: SecurityHeaders): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.writeHead(status, { connection: 'close' }).end();
}

/** The same for what is not even a request. */
function refusal(status: number, headers: SecurityHeaders): string {
  const lines = [...headers, ['connection', 'close'], ['content-length', '0']].map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** The status that node:http itself would answer with. */
function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}
