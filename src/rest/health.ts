/** For what watches the service: is it alive, and is it ready for traffic. */
import { Hono } from 'hono';
import type { RestEnv } from './api.ts';

export type HealthChecks = {
  /** Fails when the database cannot be asked. */
  ping: () => Promise<void>;
  /** False from the moment the process was told to stop. */
  isAccepting: () => boolean;
};

export function createHealth({ ping, isAccepting }: HealthChecks): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  /** Liveness: the process answers. Restart it when it does not. */
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  /** Readiness: send it traffic. Migrations and keys are in place before it listens. */
  app.get('/readyz', async (c) => {
    const isReady =
      isAccepting() &&
      (await ping().then(
        () => true,
        () => false,
      ));
    return c.json({ status: isReady ? 'ok' : 'unavailable' }, isReady ? 200 : 503, { 'cache-control': 'no-store' });
  });
  return app;
}
