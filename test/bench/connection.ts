/**
 * One keep-alive HTTP/1.1 connection with one request under way. Less than a client library, and so cheap that the
 * load generator is not what is measured.
 */
import { connect } from 'node:net';

export type Answer = { status: number; body: string };

/** A POST to /graphql with JSON, unless it says otherwise. */
export type Sent = {
  method?: 'GET' | 'POST';
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  /** What is sent, kept for when it is sent again: to write it costs a third of what the load costs. */
  written?: Buffer;
};

export type Connection = {
  /** Fails when the server closes the connection instead of answering. */
  send(request: Sent): Promise<Answer>;
  close(): void;
};

const CONTENT_TYPE =
  'content-type: application/json\r\naccept: application/graphql-response+json, application/json\r\n';
const BODY_START = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const NOTHING = Buffer.alloc(0);

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let received: Buffer = NOTHING;
  let waiting = Promise.withResolvers<Answer>();

  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = readAnswer(received);
    if (answer === null) return;
    received = NOTHING;
    waiting.resolve(answer);
  });
  socket.on('error', (error) => waiting.reject(error));
  socket.on('close', () => waiting.reject(new Error('The server closed the connection.')));
  // Heard where the answer is awaited; between requests nobody does.
  waiting.promise.catch(() => undefined);

  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    send(request) {
      waiting = Promise.withResolvers();
      request.written ??= write(request);
      socket.write(request.written);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}

function write({ method = 'POST', path = '/graphql', headers = {}, body = '' }: Sent): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const content = method === 'GET' ? '' : `${CONTENT_TYPE}content-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${content}${lines.join('')}\r\n${body}`);
}

/** The answer, null while there is more to come. */
function readAnswer(received: Buffer): Answer | null {
  const headEnd = received.indexOf(BODY_START);
  if (headEnd < 0) return null;
  const head = received.toString('latin1', 0, headEnd);
  const start = headEnd + BODY_START.length;
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = start + Number(length);
    return received.length < end ? null : { status, body: received.toString('utf8', start, end) };
  }
  if (!received.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return null;
  return { status, body: joinChunks(received.subarray(start)) };
}

function joinChunks(chunked: Buffer): string {
  const chunks: Buffer[] = [];
  let at = 0;
  while (at < chunked.length) {
    const lineEnd = chunked.indexOf('\r\n', at);
    const size = Number.parseInt(chunked.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) break;
    chunks.push(chunked.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks).toString('utf8');
}
