import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { ConfigError } from '#config/environment.ts';
import { CLAIM_SOURCES } from '#config/tokens/token-settings.ts';
import { ALL_PERMISSIONS, ROLE_PERMISSIONS } from '#core/organizations/permissions.ts';
import { MeDocument, RefreshDocument, SwitchOrganizationDocument } from '../../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../../support/latchkey.ts';
import { BILLING, basic, postForm, SERVICE_CLIENTS } from '../../support/oauth.ts';
import { by, loner, tenant } from '../../support/organizations.ts';

const API = 'https://api.example.test';
const HASURA = 'https://hasura.io/jwt/claims';
const TOKEN_CLAIMS = JSON.stringify({
  name: '{user.name}',
  email: '{user.email}',
  phone_number: '{user.phone}',
  permissions: '{permissions}',
  plan: 'free',
  [HASURA]: {
    'x-hasura-user-id': '{user.id}',
    'x-hasura-default-role': '{user.role}',
    'x-hasura-allowed-roles': ['{user.role}', 'anonymous', '{organization.role}'],
    'x-hasura-org-id': '{organization.id}',
  },
});

describe('claims that the operator declares', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { TOKEN_AUDIENCE: `${API}, warehouse`, TOKEN_CLAIMS, ...SERVICE_CLIENTS } });
  });
  afterAll(() => latchkey.close());

  test('are filled from what the person has; what they do not have is left out', async () => {
    const ada = await loner(latchkey);
    const claims = decodeJwt(ada.accessToken);
    expect(claims).toMatchObject({ name: 'Ada Example', email: ada.email, plan: 'free', role: 'customer' });
    expect(claims[HASURA]).toEqual({
      'x-hasura-user-id': ada.id,
      'x-hasura-default-role': 'customer',
      'x-hasura-allowed-roles': ['customer', 'anonymous'],
    });
    for (const absent of ['phone_number', 'permissions', 'org_id']) expect(claims).not.toHaveProperty(absent);
    expect((await latchkey.ask(MeDocument, {}, { bearer: ada.accessToken })).me?.id).toBe(ada.id);
  });

  test('of a token for an organization tell what its holder may do there, after a refresh as well', async () => {
    const ada = await loner(latchkey);
    const { id } = await tenant(latchkey, [[ada, 'MEMBER']]);
    const { switchOrganization } = await latchkey.ask(
      SwitchOrganizationDocument,
      { input: { organizationId: id } },
      by(ada),
    );
    const { refresh } = await latchkey.ask(
      RefreshDocument,
      { input: { refreshToken: ada.refreshToken } },
      { headers: { 'x-organization-id': id } },
    );
    if (!('accessToken' in switchOrganization) || !('tokens' in refresh)) throw new Error(refresh.__typename);
    for (const token of [switchOrganization.accessToken, refresh.tokens.accessToken]) {
      const claims = decodeJwt(token);
      expect(claims).toMatchObject({ org_id: id, org_role: 'MEMBER', permissions: ROLE_PERMISSIONS.MEMBER });
      expect(claims[HASURA]).toMatchObject({
        'x-hasura-allowed-roles': ['customer', 'anonymous', 'MEMBER'],
        'x-hasura-org-id': id,
      });
    }
  });

  test('TOKEN_AUDIENCE adds services to the audience, which introspection tells, and opens nothing here', async () => {
    const { publicUrl } = latchkey.config;
    const { accessToken: token, id, sessionId } = await latchkey.person();
    expect(decodeJwt(token).aud).toEqual([publicUrl, API, 'warehouse']);
    const authorization = basic('billing', BILLING);
    const { body } = await postForm(latchkey, '/oauth/introspect', { token }, { authorization });
    expect(body).toMatchObject({ active: true, aud: [publicUrl, API, 'warehouse'], client_id: 'latchkey', sub: id });

    // A token that is for these services and not for us.
    const { accessTokens, keyRing, clock } = latchkey.app.parts;
    expect(keyRing.signer().algorithm).toBe('ES256');
    const { signJwt } = await import('#core/tokens/sign-jwt.ts');
    const now = Math.floor(clock().getTime() / 1000);
    const { kid, key } = keyRing.signer();
    for (const aud of [API, [API, 'warehouse'], [`${publicUrl}/`], []]) {
      const claims = {
        iss: publicUrl,
        aud,
        sub: id,
        iat: now,
        exp: now + 60,
        jti: 'x',
        sid: sessionId,
        role: 'customer',
      };
      const foreign = signJwt({ alg: 'ES256', kid, typ: 'at+jwt' }, claims, key);
      await expect(accessTokens.read(foreign)).rejects.toMatchObject({ reason: 'TOKEN_INVALID' });
      expect(await accessTokens.sessionIdOf(foreign)).toBeNull();
    }
  });

  test('without the settings a token has the claims that it always had', async () => {
    const plain = parseConfig({ TOKEN_CLAIMS: '{}' });
    expect([plain.tokenClaims, plain.tokenAudience]).toEqual([null, ['http://localhost:4000']]);
  });
});

describe('TOKEN_CLAIMS and TOKEN_AUDIENCE', () => {
  const complaint = (env: Record<string, string>) => {
    try {
      parseConfig(env);
      return null;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ variable, problem }) => `${variable}: ${problem}`).join('\n');
    }
  };
  const ofClaims = (claims: unknown) => complaint({ TOKEN_CLAIMS: JSON.stringify(claims) });

  test.each([
    [{ nick: '{user.nickname}' }, '"{user.nickname}" is not one of {user.id}, {user.name}'],
    [{ nick: 'Dear {user.name}' }, '"Dear {user.name}" is not one of'],
    [{ nick: '{constructor}' }, '"{constructor}" is not one of'],
    [{ deep: [{ er: '{password}' }] }, '"{password}" is not one of'],
    [{ sub: '{user.email}' }, 'must not set "sub"'],
    [{ role: 'admin' }, 'must not set "role"'],
    [{ gen: 1 }, 'must not set "gen"'],
    [{ refreshable: true }, 'must not set "refreshable"'],
    [{ org_id: '{organization.id}' }, 'must not set "org_id"'],
    [{ 7: 'x' }, 'must not have the name "7"'],
    [{ deep: { 7: 'x' } }, 'must not have the name "7"'],
    [JSON.parse('{"__proto__":{"admin":true}}'), 'must not have the name "__proto__"'],
    [{ text: 'x'.repeat(2050) }, 'bytes in a token; the limit is 2048'],
    [
      Object.fromEntries('abcdef'.split('').map((name) => [name, '{user.name}'])),
      'can take up to 2550 bytes in a token',
    ],
    ['name', 'must be a JSON object'],
    [['name'], 'must be a JSON object'],
    [null, 'must be a JSON object'],
  ])('%j is refused in one line', (claims, told) => {
    const problem = ofClaims(claims);
    expect(problem).toContain(told);
    expect(problem?.split('\n')).toHaveLength(1);
  });

  test('text that is not JSON, and malformed audiences, are refused in one line each', () => {
    expect(complaint({ TOKEN_CLAIMS: 'name={user.name}' })).toContain('TOKEN_CLAIMS: must be a JSON object');
    expect(complaint({ TOKEN_AUDIENCE: 'https://api.example.test, two words' })).toBe(
      'TOKEN_AUDIENCE: "two words" must be a URL or a name without spaces',
    );
    expect(complaint({ TOKEN_AUDIENCE: `https://${'x'.repeat(600)}.example` })).toContain('at most 512 characters');
    expect(complaint({ TOKEN_AUDIENCE: 'a,b', TOKEN_CLAIMS: '{"a":"{permissions}","b":[1,true,null,""]}' })).toBeNull();
  });

  test.each([
    ['billing', 'is not a name and a URL'],
    ['billing:warehouse', 'is not a name and a URL'],
    ['bill ing:https://billing.example', 'is not a name and a URL'],
    ['billing:ftp://billing.example', 'is not a name and a URL'],
    ['billing:https://user@billing.example', 'is not a name and a URL'],
    ['billing:https://billing.example/#x', 'is not a name and a URL'],
    ['billing:http://localhost:4000/', 'PUBLIC_URL: its tokens would open Latchkey itself'],
    ['billing:https://API.example.test', 'in TOKEN_AUDIENCE: every access token would open it'],
    ['a:https://a.example,a:https://b.example', 'must not name a twice'],
    ['a:https://a.example,b:https://a.example/', 'the URL of two services'],
  ])('SERVICES=%s is refused in one line', (SERVICES, told) => {
    const problem = complaint({ SERVICES, TOKEN_AUDIENCE: 'https://api.example.test/' });
    expect(problem).toContain(`SERVICES: `);
    expect(problem).toContain(told);
    expect(problem?.split('\n')).toHaveLength(1);
  });

  test('no list of permissions is longer than the limit counts on', () => {
    expect(JSON.stringify(ALL_PERMISSIONS).length).toBeLessThan(CLAIM_SOURCES.permissions);
  });
});

describe('the largest claims', () => {
  test('still make a token that is accepted', async () => {
    const fill = { name: '{user.name}', again: '{user.name}', org: '{organization.name}', may: '{permissions}' };
    const latchkey = await startLatchkey({
      env: {
        JWT_ALG: 'RS256',
        TOKEN_AUDIENCE: 'x'.repeat(512),
        TOKEN_CLAIMS: JSON.stringify({ ...fill, pad: 'y'.repeat(130) }),
      },
    });
    const ada = await loner(latchkey);
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: ada.id }, data: { name: '🗝'.repeat(100) } });
    const { id } = await tenant(latchkey, [[ada, 'OWNER']]);
    await prisma.organization.update({ where: { id }, data: { name: '🗝'.repeat(100) } });
    const { switchOrganization } = await latchkey.ask(
      SwitchOrganizationDocument,
      { input: { organizationId: id } },
      by(ada),
    );
    if (!('accessToken' in switchOrganization)) throw new Error(switchOrganization.__typename);
    const bearer = switchOrganization.accessToken;
    expect(bearer.length).toBeGreaterThan(3800);
    expect((await latchkey.ask(MeDocument, {}, { bearer })).me?.id).toBe(ada.id);
    await latchkey.close();
  });
});
