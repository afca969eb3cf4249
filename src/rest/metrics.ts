/** /metrics in the text format of Prometheus. It reveals nothing about a person, but how much a service is used. */
import { Hono } from 'hono';
import type { RestEnv } from './api.ts';

/** The text format, version 0.0.4. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type MetricsSource = {
  text: () => Promise<string>;
  /** @param authorization the header as it was sent */
  isAllowed: (authorization: string | null) => boolean;
};

export function createMetricsPage({ text, isAllowed }: MetricsSource): Hono<RestEnv> {
  const page = new Hono<RestEnv>();
  page.get('/metrics', async (c) => {
    c.header('cache-control', 'no-store');
    if (!isAllowed(c.req.header('authorization') ?? null)) {
      return c.json({ error: 'The token of METRICS_TOKEN is required.' }, 401, { 'www-authenticate': 'Bearer' });
    }
    return c.body(await text(), 200, { 'content-type': CONTENT_TYPE });
  });
  return page;
}
