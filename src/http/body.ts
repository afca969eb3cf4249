/**
 * Reads the whole body of a node:http request before it is answered. A body may have no declared length (RFC 9112
 * section 7.1), and a response sent before the body was read closes a connection that it claims to keep open.
 */
import type { IncomingMessage } from 'node:http';

/** The largest body that any part of the service accepts. */
const MAX_BODY_BYTES = 100_000;

/** Methods whose bodies have no meaning (RFC 9110 section 9.3). */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'TRACE', 'CONNECT']);

/** Whether the sender did not declare the length of the body. */
export function isChunked(incoming: IncomingMessage): boolean {
  return incoming.headers['transfer-encoding'] !== undefined;
}

/**
 * The request with its whole body, and the length as a header. If the body is too long, the part received so far is
 * passed on immediately, because the request will be refused; node:http discards the rest as it arrives.
 * Fails if the client disconnects before the end.
 */
export async function withWholeBody(request: Request, incoming: IncomingMessage): Promise<Request> {
  const hasBody = isChunked(incoming) || Number(incoming.headers['content-length'] ?? 0) > 0;
  if (!hasBody || WITHOUT_BODY.has(request.method)) return request;
  const body = await readBody(incoming);
  const headers = new Headers(request.headers);
  headers.delete('transfer-encoding');
  headers.set('content-length', String(body.byteLength));
  return new Request(request.url, { method: request.method, headers, body });
}

/** The whole body, or the part of a longer one that was received when it became too long. Fails as `withWholeBody`. */
export function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>();
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
