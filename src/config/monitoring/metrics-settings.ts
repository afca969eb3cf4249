/** Where /metrics is served, and to whom. Off unless a setting says so. */
import type { Environment } from '../environment.ts';

export type MetricsConfig = {
  /** A port of its own; null if /metrics is on the port of the service, which requires a token. */
  port: number | null;
  /** The bearer token; null if anyone who reaches the port may read. */
  token: string | null;
};

const TOKEN = /^[\x21-\x7e]{32,512}$/;

export function metricsOf(env: Environment, servicePort: number): MetricsConfig | null {
  const port = env.text('METRICS_PORT') === undefined ? null : env.integer('METRICS_PORT', 0, 0, 65_535);
  const token = env.text('METRICS_TOKEN') ?? null;
  if (port !== null && port !== 0 && port === servicePort) {
    env.problem('METRICS_PORT', 'must not be PORT: leave it out, and set METRICS_TOKEN');
  }
  if (token !== null && !TOKEN.test(token)) {
    env.problem(
      'METRICS_TOKEN',
      'must have 32 to 512 characters and no spaces, for example from `openssl rand -hex 32`',
    );
  }
  return port === null && token === null ? null : { port, token };
}
