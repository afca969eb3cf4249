import { connect } from 'node:net';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOverHttp } from '../support/http.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe('operations', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  test('is alive and ready, and not ready once it is told to stop', async () => {
    expect((await latchkey.fetch('/healthz')).status).toBe(200);
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
    latchkey.app.stopAccepting();
    expect((await latchkey.fetch('/healthz')).status).toBe(200);
    expect((await latchkey.fetch('/readyz')).status).toBe(503);
    await latchkey.restart();
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
  });

  test('publishes the public keys, and only those, for any verifier', async () => {
    const response = await latchkey.fetch('/.well-known/jwks.json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const jwks = (await response.json()) as { keys: Record<string, string>[] };
    expect(jwks.keys).toHaveLength(1);
    expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const { accessToken, id } = await latchkey.person();
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(jwks as never), {
      issuer: latchkey.config.publicUrl,
      audience: latchkey.config.publicUrl,
      typ: 'at+jwt',
      currentDate: latchkey.app.parts.clock(),
    });
    expect(payload.sub).toBe(id);
  });

  test('the private half of a key is nowhere in the clear', async () => {
    const [row] = await latchkey.app.parts.database.prisma.signingKey.findMany();
    expect(row?.privateJwe).toMatch(/^eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0\.\./);
    expect(JSON.stringify(row)).not.toContain('"d"');
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
