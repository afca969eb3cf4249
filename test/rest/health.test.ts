import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOverHttp } from '../support/http.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe('health checks', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  test('is alive and ready, and no longer ready once it is asked to stop', async () => {
    expect((await latchkey.fetch('/healthz')).status).toBe(200);
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
    latchkey.app.stopAccepting();
    expect((await latchkey.fetch('/healthz')).status).toBe(200);
    expect((await latchkey.fetch('/readyz')).status).toBe(503);
    await latchkey.restart();
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
  });

  test('an unknown path is a 404 in JSON', async () => {
    const response = await latchkey.fetch('/nowhere');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not found.' });
  });
});

/** What comes back for these bytes, until the service closes. */
async function sendRaw(url: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(request);
  return (await socket.toArray()).join('');
}

describe('a health check of HTTP/1.0, which names no host', () => {
  test('is answered like any other; one of HTTP/1.1 has to name it', async () => {
    const { url, close } = await startOverHttp();
    for (const path of ['/healthz', '/readyz', '/docs', '/graphql?query={__typename}']) {
      const header = 'x-graphql-yoga-csrf: 1\r\n';
      expect(await sendRaw(url, `GET ${path} HTTP/1.0\r\n${header}\r\n`)).toMatch(/^HTTP\/1.1 200 /);
      expect(await sendRaw(url, `GET ${path} HTTP/1.1\r\n${header}\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    }
    await close();
  });
});
