import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifier } from '../../client/src/verifier.ts';
import {
  IssueServiceTokenDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  SwitchOrganizationDocument,
  UpdateProfileDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import type { Latchkey, Person } from '../support/latchkey.ts';
import { BILLING, basic, postForm, SERVICE_CLIENTS, SHOP } from '../support/oauth.ts';
import { by, loner, refusalOf, tenant } from '../support/organizations.ts';
import { restClient } from '../support/rest.ts';

const BILLING_URL = 'https://billing.example.test';
const SHOP_URL = 'https://shop.example.test/api';
const ENV = {
  ...SERVICE_CLIENTS,
  SERVICES: `billing:${BILLING_URL}, shop:${SHOP_URL}, mute:https://mute.example.test`,
};

describe.each(ENGINES)('a token for one service, on %s', (engine) => {
  let service: OverHttp;
  let latchkey: Latchkey;
  beforeAll(async () => {
    const env = { ...ENV, TOKEN_AUDIENCE: 'https://api.example.test', TOKEN_CLAIMS: '{"name":"{user.name}"}' };
    service = await startOverHttp(env, engine);
    latchkey = service.latchkey;
  });
  afterAll(() => service.close());

  const issue = async (person: Pick<Person, 'accessToken'>, name: string, headers: Record<string, string> = {}) => {
    const sending = { bearer: person.accessToken, headers };
    const { issueServiceToken } = await latchkey.ask(IssueServiceTokenDocument, { input: { service: name } }, sending);
    if (issueServiceToken.__typename !== 'IssueServiceTokenSuccess') throw new Error(JSON.stringify(issueServiceToken));
    return issueServiceToken;
  };
  const asService = (name: string, secret: string) => ({ authorization: basic(name, secret) });
  const introspect = async (token: string, client: 'billing' | 'shop') =>
    (await postForm(latchkey, '/oauth/introspect', { token }, asService(client, client === 'shop' ? SHOP : BILLING)))
      .body;
  const sessionOf = (id: string) => latchkey.app.parts.database.prisma.session.findUniqueOrThrow({ where: { id } });

  test('is for that service, lives for five minutes, and says who the person is', async () => {
    const ada = await loner(latchkey);
    const { accessToken, expiresIn, audience } = await issue(ada, 'billing');
    expect([audience, expiresIn]).toEqual([BILLING_URL, 300]);
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = decodeJwt(accessToken);
    const { iat = 0 } = claims;
    expect(claims).toMatchObject({ iss: service.url, aud: BILLING_URL, sub: ada.id, sid: ada.sessionId });
    expect(claims).toMatchObject({ name: 'Ada Example', acr: 'aal1', client_id: 'latchkey', exp: iat + 300 });
    for (const absent of ['gen', 'refreshable', 'org_id']) expect(claims).not.toHaveProperty(absent);
    // When the person signed in, and not when the token was made.
    expect(claims['auth_time']).toBe(decodeJwt(ada.accessToken)['auth_time']);
  });

  test('opens no other service, and nothing here', async () => {
    const ada = await latchkey.person();
    const { accessToken } = await issue(ada, 'billing');
    const verifierOf = (audience?: string) =>
      createVerifier({ issuer: service.url, ...(audience !== undefined && { audience }) });
    expect((await verifierOf(BILLING_URL).verify(accessToken)).userId).toBe(ada.id);
    for (const other of [SHOP_URL, undefined, 'https://api.example.test', `${BILLING_URL}/`]) {
      await expect(verifierOf(other).verify(accessToken), String(other)).rejects.toThrow('invalid');
    }
    // Neither does an ordinary token open the service.
    await expect(verifierOf(BILLING_URL).verify(ada.accessToken)).rejects.toThrow('invalid');

    const sending = { bearer: accessToken };
    const invalid = { code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' };
    const answers = await Promise.all([
      latchkey.send(MeDocument, {}, sending),
      latchkey.send(UpdateProfileDocument, { input: { name: 'Mallory' } }, sending),
      latchkey.send(IssueServiceTokenDocument, { input: { service: 'shop' } }, sending),
      latchkey.send(IssueServiceTokenDocument, { input: { service: 'billing' } }, sending),
      latchkey.send(SwitchOrganizationDocument, { input: { organizationId: ada.id } }, sending),
    ]);
    for (const { errors } of answers) expect(errors?.[0]?.extensions).toMatchObject(invalid);
    const api = restClient(latchkey);
    for (const path of ['/auth/me', '/api/refresh']) {
      expect([path, (await api.get(path, sending)).status]).toEqual([path, 401]);
    }
    // Not even the way out: a service must not sign people out.
    await latchkey.send(LogoutDocument, { input: {} }, sending);
    expect(await latchkey.app.parts.accessTokens.sessionIdOf(accessToken)).toBeNull();
    expect((await sessionOf(ada.sessionId)).endedAt).toBeNull();
  });

  test('is active for the client of the same name only, until the session ends', async () => {
    const ada = await loner(latchkey);
    const { accessToken } = await issue(ada, 'billing');
    expect(await introspect(accessToken, 'billing')).toMatchObject({
      active: true,
      token_type: 'Bearer',
      aud: BILLING_URL,
      client_id: 'latchkey',
      sub: ada.id,
      role: 'customer',
    });
    expect(await introspect(accessToken, 'shop')).toEqual({ active: false });
    expect(await introspect((await issue(ada, 'shop')).accessToken, 'billing')).toEqual({ active: false });
    // Of a service without a client of its name.
    expect(await introspect((await issue(ada, 'mute')).accessToken, 'billing')).toEqual({ active: false });
    expect(await introspect(ada.accessToken, 'shop')).toMatchObject({ active: true });
    await latchkey.ask(LogoutDocument, { input: { refreshToken: ada.refreshToken } });
    expect(await introspect(accessToken, 'billing')).toEqual({ active: false });
  });

  test('its use says nothing about which refresh tokens have arrived: a lost answer can be asked for again', async () => {
    const ada = await latchkey.person();
    const { accessToken } = await issue(ada, 'billing');
    const input = { refreshToken: ada.refreshToken };
    const refreshed = async () => (await latchkey.ask(RefreshDocument, { input })).refresh.__typename;
    // The answer is lost, and billing goes on with the token that it has.
    expect(await refreshed()).toBe('RefreshSuccess');
    expect(await introspect(accessToken, 'billing')).toMatchObject({ active: true });
    latchkey.advance({ seconds: 12 });
    expect(await refreshed()).toBe('RefreshSuccess');
  });

  test('cannot be used to end the session: its own service is told so, and others learn nothing', async () => {
    const ada = await latchkey.person();
    const { accessToken: token } = await issue(ada, 'billing');
    const refused = await postForm(latchkey, '/oauth/revoke', { token }, asService('billing', BILLING));
    expect([refused.status, refused.body]).toMatchObject([400, { error: 'unsupported_token_type' }]);
    expect((await postForm(latchkey, '/oauth/revoke', { token }, asService('shop', SHOP))).status).toBe(200);
    expect((await sessionOf(ada.sessionId)).endedAt).toBeNull();
    expect(await introspect(token, 'billing')).toMatchObject({ active: true });
    // Once it has expired, there is nothing to revoke (RFC 7009 section 2.2).
    latchkey.advance({ minutes: 6 });
    expect((await postForm(latchkey, '/oauth/revoke', { token }, asService('billing', BILLING))).status).toBe(200);
    expect((await sessionOf(ada.sessionId)).endedAt).toBeNull();
  });

  test.each(['/oauth/introspect', '/oauth/revoke'] as const)('%s checks its signature once', async (path) => {
    const ada = await latchkey.person();
    const { accessToken } = await issue(ada, 'billing');
    const [head, claims] = accessToken.split('.');
    const forged = `${head}.${claims}.${Buffer.alloc(64, 1).toString('base64url')}`;
    const unused = await latchkey.person();
    const verify = vi.spyOn(crypto.subtle, 'verify');
    for (const [token, client, secret] of [
      [accessToken, 'billing', BILLING],
      [accessToken, 'shop', SHOP],
      [unused.accessToken, 'billing', BILLING],
      [forged, 'billing', BILLING],
    ] as const) {
      verify.mockClear();
      await postForm(latchkey, path, { token }, asService(client, secret));
      expect(verify).toHaveBeenCalledTimes(1);
    }
    verify.mockRestore();
  });

  test('with the organization header is for that organization, while its holder may act there', async () => {
    const ada = await loner(latchkey);
    const team = await tenant(latchkey, [[ada, 'ADMIN']]);
    const other = await tenant(latchkey, []);
    const { accessToken } = await issue(ada, 'billing', { 'x-organization-id': team.id });
    expect(decodeJwt(accessToken)).toMatchObject({ org_id: team.id, org_role: 'ADMIN', aud: BILLING_URL });
    expect(await introspect(accessToken, 'billing')).toMatchObject({ org_id: team.id, org_role: 'ADMIN' });
    const variables = { input: { service: 'billing' } };
    expect(refusalOf(await latchkey.send(IssueServiceTokenDocument, variables, by(ada, other.id)))).toBe('FORBIDDEN');
    await latchkey.app.parts.database.prisma.membership.deleteMany({ where: { userId: ada.id } });
    expect(await introspect(accessToken, 'billing')).toEqual({ active: false });
  });

  test('ends no later than the token it was asked with', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 12 });
    const { accessToken, expiresIn } = await issue(ada, 'billing');
    expect(expiresIn).toBeLessThanOrEqual(180);
    expect(decodeJwt(accessToken).exp).toBe(decodeJwt(ada.accessToken).exp);
    latchkey.advance({ minutes: 4 });
    expect(await introspect(accessToken, 'billing')).toEqual({ active: false });
  });

  test('is recorded with the name of the service; an unknown one is refused and not recorded', async () => {
    const ada = await latchkey.person();
    await Promise.all([issue(ada, 'billing'), issue(ada, 'shop')]);
    const { auditEvent } = latchkey.app.parts.database.prisma;
    const recorded = () => auditEvent.findMany({ where: { subjectId: ada.id, name: 'issue_service_token.completed' } });
    expect((await recorded()).map(({ userAgent }) => userAgent).sort()).toEqual(['service billing', 'service shop']);
    for (const name of ['', 'Billing', BILLING_URL, 'constructor', `x${'y'.repeat(9999)}`]) {
      const { issueServiceToken } = await latchkey.ask(
        IssueServiceTokenDocument,
        { input: { service: name } },
        { bearer: ada.accessToken },
      );
      expect(issueServiceToken).toMatchObject({
        __typename: 'ValidationError',
        fieldErrors: [{ path: ['service'], code: 'NOT_ALLOWED' }],
      });
    }
    expect(await recorded()).toHaveLength(2);
    const { errors } = await latchkey.send(IssueServiceTokenDocument, { input: { service: 'billing' } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
  });
});
