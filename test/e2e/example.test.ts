/** `npm run example`: the service and Vite side by side. What the app does, test/browser/example.test.ts tells. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataDirectory, type ServiceProcess, startService } from '../support/process.ts';

let data: Awaited<ReturnType<typeof dataDirectory>>;
let example: ServiceProcess;
let origin: string;
beforeAll(async () => {
  const [port, appPort] = await Promise.all([freePort(), freePort()]);
  origin = `http://localhost:${appPort}`;
  data = await dataDirectory('migrated');
  const env = { PORT: port, EXAMPLE_PORT: appPort, DATA_DIR: data.path };
  example = await startService(env, 'examples/start.ts');
});
afterAll(async () => {
  await example?.stop('SIGKILL');
  await data?.drop();
});

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

test('says where the app is; the app knows the service, and the service lets it in', async () => {
  // Written after what the service writes.
  await expect.poll(example.stdout, { timeout: 20_000 }).toContain(`  Example    ${origin}\n`);
  // Every address of the app is its page, also those of links in emails.
  expect(await (await fetch(`${origin}/verify-email`)).text()).toContain('<div id="app">');
  expect(await (await fetch(`${origin}/src/auth.ts`)).text()).toContain(example.url);
  const { headers } = await example.fetch('/graphql', {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ me { id } }' }),
  });
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-allow-credentials')).toBe('true');
});

test('a signal ends both, the service in order', async () => {
  const { code, stdout } = await example.stop('SIGTERM');
  expect(code).toBe(0);
  expect(stdout).toContain('"msg":"stopped"');
  await expect(fetch(origin)).rejects.toThrow('fetch failed');
});
