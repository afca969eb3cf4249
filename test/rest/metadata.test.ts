import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../support/oauth.ts';

describe('public keys', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

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
});

describe('metadata', () => {
  const read = async (latchkey: Latchkey, path: string) => {
    const response = await latchkey.fetch(`/.well-known/${path}`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    return (await response.json()) as Record<string, unknown>;
  };

  test('says where the keys are and what is served, under both names; without SERVICE_CLIENTS no more than that', async () => {
    const issuer = 'https://example.test/auth';
    const env = { PUBLIC_URL: `${issuer}/`, JWT_ALG: 'EdDSA' };
    const latchkey = await startLatchkey({ env });
    const oauth = await read(latchkey, 'oauth-authorization-server');
    expect(oauth).toEqual({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: [],
    });
    // RFC 8414 section 3.1: the path of the issuer goes behind.
    expect(await read(latchkey, 'oauth-authorization-server/auth')).toEqual(oauth);
    const openid = await read(latchkey, 'openid-configuration');
    expect(openid).toMatchObject({
      ...oauth,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['EdDSA'],
    });
    expect(await read(latchkey, 'openid-configuration/auth')).toEqual(openid);
    for (const absent of ['authorization_endpoint', 'token_endpoint', 'introspection_endpoint']) {
      expect(openid).not.toHaveProperty(absent);
    }
    expect((await latchkey.fetch('/.well-known/oauth-authorization-server/other')).status).toBe(404);
    expect((await postForm(latchkey, '/oauth/introspect', { token: 'x' })).status).toBe(404);
    expect((await postForm(latchkey, '/oauth/revoke', { token: 'x' })).status).toBe(404);
    await latchkey.close();

    const withClients = await startLatchkey({ env: SERVICE_CLIENTS });
    const { publicUrl } = withClients.config;
    expect(await read(withClients, 'oauth-authorization-server')).toMatchObject({
      introspection_endpoint: `${publicUrl}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint: `${publicUrl}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
    await withClients.close();
  });
});

describe('the URL for changing passwords', () => {
  const PAGE = 'https://app.example.test/settings?tab=password#change';
  test.each([
    [{}, 404, null],
    [{ CHANGE_PASSWORD_URL: PAGE }, 302, PAGE],
    [{ CHANGE_PASSWORD_URL: PAGE, SIGN_IN_METHODS: 'email' }, 404, null],
  ])('with %j answers %s', async (env, status, location) => {
    const latchkey = await startLatchkey({ env });
    for (const method of ['GET', 'HEAD']) {
      const response = await latchkey.fetch('/.well-known/change-password', { method });
      expect([response.status, response.headers.get('location')]).toEqual([status, location]);
    }
    // Password managers ask for this first, to learn whether a status code means anything.
    const missing = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
    expect((await latchkey.fetch(missing)).status).toBe(404);
    await latchkey.close();
  });
});
