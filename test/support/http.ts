/** The service in process, reachable over real HTTP: on a free port, which is its PUBLIC_URL. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine } from './database.ts';
import { type Latchkey, startLatchkey } from './latchkey.ts';

export type OverHttp = { url: string; latchkey: Latchkey; close: () => Promise<void> };

export async function startOverHttp(env: Record<string, string> = {}, engine: Engine = 'embedded'): Promise<OverHttp> {
  // The port comes first, because the links of the service begin with it.
  const server = createServer((request, response) => latchkey.app.listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const latchkey = await startLatchkey({ engine, env: { PUBLIC_URL: url, ...env } });
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await latchkey.close();
  };
  return { url, latchkey, close };
}
