/** For machines around the service: is it alive, is it ready, with which keys does it sign. */
import { Hono } from 'hono';
import type { JWK } from 'jose';
import type { RestEnv } from './api.ts';

export type Operations = {
  /** Fails when the database cannot be asked. */
  ping: () => Promise<void>;
  /** False from the moment the process was told to stop. */
  isAccepting: () => boolean;
  jwks: () => { keys: JWK[] };
};

/** Long enough that verifiers do not hammer, short enough that a new key is known before it signs. */
const JWKS_MAX_AGE_SECONDS = 300;

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
  app.get('/.well-known/jwks.json', (c) =>
    c.json(operations.jwks(), 200, {
      'cache-control': `public, max-age=${JWKS_MAX_AGE_SECONDS}`,
      'access-control-allow-origin': '*',
    }),
  );
  return app;
}
