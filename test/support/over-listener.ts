/** Sends web requests to a node:http listener over a real socket, adding no header that the request does not have. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestListener, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createHttpServer } from '#http/server.ts';

export type OverListener = { fetch: (request: Request) => Promise<Response>; close: () => void };

/** Statuses whose answers have no body (RFC 9110). */
const WITHOUT_BODY = [204, 205, 304];

export async function overListener(listener: RequestListener): Promise<OverListener> {
  const server = createHttpServer(listener, { keepAliveSeconds: 75, headers: [] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });

  async function fetch(request: Request): Promise<Response> {
    const { host, pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const sent = sendRequest({
      port,
      agent,
      host: '127.0.0.1',
      method: request.method,
      path: pathname + search,
      headers: { host, ...Object.fromEntries(request.headers), ...(request.body && { 'content-length': body.length }) },
    });
    sent.end(body);
    const [answer]: [IncomingMessage] = (await once(sent, 'response')) as [IncomingMessage];
    const headers = new Headers();
    for (let at = 0; at < answer.rawHeaders.length; at += 2) {
      headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '');
    }
    const content = await buffer(answer);
    const status = answer.statusCode ?? 0;
    return new Response(WITHOUT_BODY.includes(status) ? null : content, { status, headers });
  }

  return {
    fetch,
    close: () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
