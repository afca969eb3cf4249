/**
 * The body of a request of node:http, read whole before anybody answers. A body need not tell its length (RFC 9112
 * section 7.1), and an answer that leaves one half read ends the connection that it says it keeps.
 */
import type { IncomingMessage } from 'node:http';

/** What no face of the service takes more of. */
const MAX_BODY_BYTES = 100_000;

/** Methods whose bodies mean nothing (RFC 9110 section 9.3). */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'TRACE', 'CONNECT']);

/** Whether the sender did not say how long the body is going to be. */
export function isChunked(incoming: IncomingMessage): boolean {
  return incoming.headers['transfer-encoding'] !== undefined;
}

/**
 * The request with its whole body, and the length of it as a header. Of one that is longer than anybody takes, what has
 * come is handed on at once, for the answer is going to be a refusal; node:http throws the rest away as it comes.
 * Fails when the client hangs up before the end.
 */
export async function withWholeBody(request: Request, incoming: IncomingMessage): Promise<Request> {
  const hasBody = isChunked(incoming) || Number(incoming.headers['content-length'] ?? 0) > 0;
  if (!hasBody || WITHOUT_BODY.has(request.method)) return request;
  const body = await read(incoming);
  const headers = new Headers(request.headers);
  headers.delete('transfer-encoding');
  headers.set('content-length', String(body.byteLength));
  return new Request(request.url, { method: request.method, headers, body });
}

function read(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Uint8Array) => {
    if (bytes > MAX_BODY_BYTES) return;
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (bytes > MAX_BODY_BYTES) resolve(Buffer.concat(chunks));
  });
  incoming.on('end', () => resolve(Buffer.concat(chunks)));
  incoming.on('error', reject);
  return promise;
}
