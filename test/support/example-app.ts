/** The example of `examples/react` as Vite builds it, on an origin of its own, and the service for it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { settingsFor } from '../../examples/service-settings.ts';
import { type OverHttp, startOverHttp } from './http.ts';

export type ExampleApp = OverHttp & { origin: string };

export async function startExampleApp(): Promise<ExampleApp> {
  let files = new Map<string, string | Uint8Array>();
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    // Every path that is not a file is a page of the app.
    const name = files.has(pathname.slice(1)) ? pathname.slice(1) : 'index.html';
    response.setHeader('content-type', TYPES[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream');
    response.end(files.get(name));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const service = await startOverHttp(settingsFor(origin));
  files = await built(service.url);
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await service.close();
  };
  return { ...service, origin, close };
}

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** @param url of the service */
async function built(url: string): Promise<Map<string, string | Uint8Array>> {
  const { output } = (await build({
    root: fileURLToPath(new URL('../../examples/react', import.meta.url)),
    logLevel: 'error',
    define: { 'import.meta.env.VITE_LATCHKEY_URL': JSON.stringify(url), 'process.env.NODE_ENV': '"production"' },
    // Vitest says that this is a test, and Vite would take that for development.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: { write: false },
  })) as Rolldown.RolldownOutput;
  return new Map(output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]));
}
