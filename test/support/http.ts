/** The service in process, reachable over real HTTP: on a free port, which is its PUBLIC_URL. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpServer, type Patience } from '#http/server.ts';
import type { Engine } from './database.ts';
import { type Latchkey, startLatchkey } from './latchkey.ts';

export type OverHttp = { url: string; port: number; latchkey: Latchkey; close: () => Promise<void> };

/** @param patience shorter than that of the service, for tests that wear it out */
export async function startOverHttp(
  env: Record<string, string> = {},
  engine: Engine = 'embedded',
  patience?: Patience,
): Promise<OverHttp> {
  // The port comes first, because the links of the service begin with it.
  const server = createHttpServer((request, response) => latchkey.app.listener(request, response), {
    keepAliveSeconds: 75,
    headers: [],
    ...(patience === undefined ? {} : { patience }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const latchkey = await startLatchkey({ engine, env: { PUBLIC_URL: url, ...env } });
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await latchkey.close();
  };
  return { url, port, latchkey, close };
}
