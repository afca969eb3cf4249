/** An app on an origin of its own, with the client in it, and its tabs in a real Chromium. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, JSHandle, Page } from 'playwright-core';
import { type OverHttp, startOverHttp } from '../../../test/support/http.ts';
import type { Auth, AuthOptions, SessionState } from '../../src/index.ts';
import { bundle } from './bundle.ts';
import type { Clients } from './page.ts';

export type App = OverHttp & {
  /** The app on the same site as the service (`localhost`), on another port. */
  origin: string;
  /** The app on another site (`127.0.0.1`). */
  foreignOrigin: string;
};

/** Starts the app, and the service for it. */
export async function startApp(): Promise<App> {
  const code = await bundle('test/support/page.ts');
  const server = createServer(({ url }, response) => {
    const isCode = url === '/app.js';
    response.setHeader('content-type', isCode ? 'text/javascript' : 'text/html');
    response.end(isCode ? code : '<!doctype html><title>app</title><script type="module" src="/app.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [origin, foreignOrigin] = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const service = await startOverHttp({ CORS_ORIGINS: `${origin},${foreignOrigin}` });
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await service.close();
  };
  return { ...service, origin, foreignOrigin, close };
}

/** A tab with its `auth`. */
export type Tab = { page: Page; auth: JSHandle<Auth> };

type Options = { transport?: AuthOptions['transport']; stores?: boolean; origin?: string };

/** Opens a tab of the app, or reloads the one given. */
export async function openTab(
  app: App,
  context: BrowserContext,
  { transport = 'cookie', stores = false, origin = app.origin }: Options = {},
  page?: Page,
): Promise<Tab> {
  const opened = page ?? (await context.newPage());
  await opened.goto(`${origin}/`);
  const auth = await opened.evaluateHandle(
    ([url, transport, stores]) => {
      const { createAuth, webStorage } = globalThis as unknown as Clients;
      return createAuth({ url, transport, ...(stores && { storage: webStorage(localStorage) }) });
    },
    [app.url, transport, stores] as const,
  );
  return { page: opened, auth };
}

/** The state of a tab, once it is not `starting` any more and fits. */
export function settled(
  { auth }: Tab,
  expected: SessionState['status'] | 'any' = 'any',
): Promise<{ status: string; reason: string | null; email: string | null }> {
  return auth.evaluate(
    ({ session }, expected) =>
      new Promise((resolve) => {
        const stop = session.subscribe((state) => {
          if (state.status === 'starting' || (expected !== 'any' && state.status !== expected)) return;
          queueMicrotask(() => stop());
          resolve({
            status: state.status,
            reason: state.status === 'signed-out' ? state.reason : null,
            email: state.status === 'signed-in' ? state.user.email : null,
          });
        });
      }),
    expected,
  );
}
