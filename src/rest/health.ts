/** Health checks: is the process alive, and is it ready for traffic? */
import { Hono } from 'hono';
import type { RestEnv } from './api.ts';

export type HealthChecks = {
  /** Fails if the database cannot be reached. */
  ping: () => Promise<{ isReadOnly: boolean }>;
  /** False as soon as the process has been asked to stop. */
  isAccepting: () => boolean;
};

export function createHealth({ ping, isAccepting }: HealthChecks): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  const databaseProblem = () =>
    ping().then(
      ({ isReadOnly }) => (isReadOnly ? 'database-read-only' : null),
      () => 'database-unreachable',
    );
  /** Liveness: the process answers. If it does not, restart it. */
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  /**
   * Readiness: traffic can be sent here, and the database can be written to. Migrations and keys are in place before
   * the process listens.
   */
  app.get('/readyz', async (c) => {
    const reason = isAccepting() ? await databaseProblem() : 'stopping';
    const body = reason === null ? { status: 'ok' } : { status: 'unavailable', reason };
    return c.json(body, reason === null ? 200 : 503, { 'cache-control': 'no-store' });
  });
  return app;
}
