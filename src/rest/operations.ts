/** For machines around the service: is it alive, is it ready, with which keys does it sign. */
import { Hono } from 'hono';
import type { JWK } from 'jose';
import type { RestEnv } from './api.ts';

export type Operations = {
  /** Fails when the database cannot be asked. */
  ping: () => Promise<void>;
  /** False from the moment the process was told to stop. */
  isAccepting: () => boolean;
  jwks: () => Promise<{ keys: JWK[] }>;
  /** How long verifiers may keep them. */
  jwksMaxAgeSeconds: number;
};

export function createOperations(operations: Operations): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  /** Liveness: the process answers. Restart it when it does not. */
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  /** Readiness: send it traffic. Migrations and keys are in place before it listens. */
  app.get('/readyz', async (c) => {
    const isReady =
      operations.isAccepting() &&
      (await operations.ping().then(
        () => true,
        () => false,
      ));
    return c.json({ status: isReady ? 'ok' : 'unavailable' }, isReady ? 200 : 503, { 'cache-control': 'no-store' });
  });
  /** The public keys of access tokens (RFC 7517); any origin may read them. */
  app.get('/.well-known/jwks.json', async (c) =>
    c.json(await operations.jwks(), 200, {
      'cache-control': `public, max-age=${operations.jwksMaxAgeSeconds}`,
      'access-control-allow-origin': '*',
    }),
  );
  return app;
}
