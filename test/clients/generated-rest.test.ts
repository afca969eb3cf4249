/**
 * The default clients that generators write from `/openapi.json` sign in. The requests are those of the generated code,
 * word for word; the generators would add 95 MB to the packages of development.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { A_JWT } from '../support/rest.ts';

describe('generated clients', () => {
  let latchkey: Latchkey;
  let server: Server;
  let baseUrl: string;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    server = createServer(latchkey.app.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await latchkey.close();
  });

  const CLIENTS: Record<string, (body: object) => RequestInit> = {
    // orval 8.38.0, client `fetch`: because the body may be JSON or a form, it names neither.
    orval: (body) => ({ method: 'POST', body: JSON.stringify(body) }),
    // @hey-api/openapi-ts 0.99.0, client `fetch`: the first of the two.
    'hey-api': (body) => ({
      method: 'POST',
      redirect: 'follow',
      headers: new Headers({ 'Content-Type': 'application/json' }),
      body: JSON.stringify(body),
    }),
    // Bytes: fetch then names no type at all.
    'a client that names no type': (body) => ({ method: 'POST', body: new TextEncoder().encode(JSON.stringify(body)) }),
  };

  test.each(Object.keys(CLIENTS))('%s signs in, over HTTP and in process', async (name) => {
    const { email } = await latchkey.person();
    const request = CLIENTS[name] ?? expect.fail(name);
    const overHttp = await fetch(`${baseUrl}/auth/login`, request({ username: email, password: PASSWORD }));
    expect(await overHttp.json()).toMatchObject({ access_token: expect.stringMatching(A_JWT) });
    for (const [path, body, key] of [
      ['/auth/login', { username: email, password: PASSWORD }, 'access_token'],
      ['/api/auth/login/', { email, password: PASSWORD }, 'access'],
      ['/api/login', { email, password: PASSWORD }, 'userToken'],
    ] as const) {
      const answer = await latchkey.fetch(path, request(body));
      expect(await answer.json()).toMatchObject({ [key]: expect.stringMatching(A_JWT) });
    }
  });

  test('a form still selects the Token API', async () => {
    const { email } = await latchkey.person();
    const body = new URLSearchParams({ username: email, password: PASSWORD });
    const answer = await fetch(`${baseUrl}/auth/login`, { method: 'POST', body });
    expect(await answer.json()).toEqual({ access_token: expect.stringMatching(A_JWT), token_type: 'bearer' });
  });
});
