/** Health checks: is the process alive, and is it ready for traffic? */
import { Hono } from 'hono';
import type { RestEnv } from './api.ts';

export type HealthChecks = {
  /** Fails if the database cannot be reached. */
  ping: () => Promise<void>;
  /** False as soon as the process has been asked to stop. */
  isAccepting: () => boolean;
};

export function createHealth({ ping, isAccepting }: HealthChecks): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  /** Liveness: the process answers. If it does not, restart it. */
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  /** Readiness: traffic can be sent here. Migrations and keys are in place before the process listens. */
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
