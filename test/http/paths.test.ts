/** A path has one spelling: what a proxy would route or guard otherwise is not found here. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe.each(['fetch', 'listener'] as const)('through %s', (front) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ front });
  });
  afterAll(() => latchkey.close());

  const login = { email: 'a@example.test', password: 'x', username: 'a' };
  const post = (path: string) => {
    const body = JSON.stringify(path === '/graphql' ? { query: '{ me { id } }' } : login);
    return latchkey.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };

  test.each([
    ...['/GRAPHQL', '/graphql/', '/GraphQL', '/graphql/x', '/graphql;x=1', '/graphql%2f', '/x/../graphql/x'],
    ...[
      '/API/auth/login/',
      '/api/auth/LOGIN/',
      '/api//auth/login/',
      '/api/auth//login',
      '/api/auth/login;x',
      '/api/login%20',
    ],
    ...['/Auth/login', '/auth/login//', '/auth\\login/x', '/healthz/x', '/HEALTHZ', '/Verify-Email'],
  ])('%s is not found', async (path) => {
    expect((await post(path)).status).toBe(404);
  });

  test.each([
    ['/graphql', 200],
    ['/api/auth/login', 401],
    ['/api/auth/login/', 401],
    ['/api/auth/%6cogin', 401],
    ['/auth/login', 401],
  ])('%s is %i', async (path, status) => {
    expect((await post(path)).status).toBe(status);
  });

  test.each([
    ['/graphql', 'PUT', 405],
    ['/graphql', 'DELETE', 405],
    ['/api/login', 'GET', 405],
    ['/api/login', 'HEAD', 405],
    ['/api/users/', 'PATCH', 405],
    ['/auth/login', 'PUT', 405],
  ])('%s does not take %s', async (path, method, status) => {
    const response = await latchkey.fetch(path, { method, headers: { 'content-type': 'application/json' } });
    expect([response.status, response.headers.has('allow')]).toEqual([status, true]);
  });
});
