import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogoutDocument, RefreshDocument, SwitchOrganizationDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../support/oauth.ts';
import { by, loner, type Tenant, tenant } from '../support/organizations.ts';

describe('introspect a token', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: SERVICE_CLIENTS });
  });
  afterAll(() => latchkey.close());

  const introspect = async (token: string, hint?: string) => {
    const form = { token, ...(hint === undefined ? {} : { token_type_hint: hint }) };
    const { status, body } = await postForm(latchkey, '/oauth/introspect', form);
    expect(status).toBe(200);
    return body;
  };
  const inactive = { active: false };

  test('a live access token and a live refresh token are told with their subject and times, and nothing personal', async () => {
    const { id, sessionId, accessToken, refreshToken } = await latchkey.person();
    const url = latchkey.config.publicUrl;
    const now = latchkey.app.parts.clock().getTime() / 1000;
    const common = { active: true, iss: url, aud: url, sub: id, sid: sessionId, role: 'customer' };
    const access = await introspect(accessToken);
    expect(access).toEqual({
      ...common,
      client_id: 'latchkey',
      token_type: 'Bearer',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Number(access?.['exp']) - Number(access?.['iat'])).toBe(900);
    const refresh = await introspect(refreshToken, 'refresh_token');
    expect(refresh).toEqual({
      ...common,
      token_type: 'refresh_token',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Math.abs(Number(refresh?.['exp']) - now - 14 * 86_400)).toBeLessThan(60);
    // A hint is only one.
    expect(await introspect(accessToken, 'refresh_token')).toEqual(access);
    expect(await introspect(accessToken, 'nonsense')).toEqual(access);
  });

  test('a token for an organization tells what its holder is there now, and is inactive once they are nothing', async () => {
    const ada = await loner(latchkey);
    const { prisma } = latchkey.app.parts.database;
    const tokenFor = async ({ id }: Tenant) => {
      const input = { organizationId: id };
      const { switchOrganization } = await latchkey.ask(SwitchOrganizationDocument, { input }, by(ada));
      return 'accessToken' in switchOrganization ? switchOrganization.accessToken : '';
    };
    const [left, deleted] = [await tenant(latchkey, [[ada, 'ADMIN']]), await tenant(latchkey, [[ada, 'OWNER']])];
    const [ofLeft, ofDeleted] = [await tokenFor(left), await tokenFor(deleted)];
    expect(await introspect(ofLeft)).toMatchObject({ active: true, org_id: left.id, org_role: 'ADMIN' });
    const { id } = await prisma.membership.update({
      where: { id: left.memberships.get(ada.id) ?? '' },
      data: { role: 'MEMBER' },
    });
    expect(await introspect(ofLeft)).toMatchObject({ active: true, org_role: 'MEMBER' });
    await prisma.membership.delete({ where: { id } });
    expect(await introspect(ofLeft)).toEqual(inactive);
    await prisma.organization.update({ where: { id: deleted.id }, data: { deletesAt: new Date() } });
    expect(await introspect(ofDeleted)).toEqual(inactive);
    expect(await introspect(ada.accessToken)).toMatchObject({ active: true });
  });

  test('a token that is not valid now is inactive, and the answer says nothing else', async () => {
    const foreign = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.dGhlIHNpZ25hdHVyZSBvZiBzb21lYm9keSBlbHNl';
    for (const token of ['x', 'a.b.c', foreign, 'é\u0000', '.'.repeat(5000)]) {
      expect(await introspect(token)).toEqual(inactive);
    }
    const loggedOut = await latchkey.person();
    await latchkey.ask(LogoutDocument, { input: { refreshToken: loggedOut.refreshToken } });
    const disabled = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({
      where: { id: disabled.id },
      data: { disabledAt: new Date() },
    });
    const deleting = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({
      where: { id: deleting.id },
      data: { deletesAt: new Date() },
    });
    const provisional = await latchkey.person();
    await latchkey.app.parts.database.prisma.session.update({
      where: { id: provisional.sessionId },
      data: { isProvisional: true },
    });
    for (const { accessToken, refreshToken } of [loggedOut, disabled, deleting, provisional]) {
      expect([await introspect(accessToken), await introspect(refreshToken)]).toEqual([inactive, inactive]);
    }
  });

  test('an expired access token is inactive, its session is not', async () => {
    const { accessToken, refreshToken } = await latchkey.person();
    latchkey.advance({ minutes: 15 });
    expect(await introspect(accessToken)).toEqual(inactive);
    expect(await introspect(refreshToken)).toMatchObject({ active: true });
  });

  test('a spent refresh token is inactive, and asking about it ends nothing', async () => {
    const { accessToken, refreshToken } = await latchkey.person();
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error('no refresh');
    latchkey.advance({ minutes: 1 });
    expect(await introspect(refreshToken)).toEqual(inactive);
    expect(await introspect(refresh.tokens.refreshToken ?? '')).toMatchObject({ active: true });
    expect(await introspect(accessToken)).toMatchObject({ active: true });
  });

  test('the role is that of now', async () => {
    const { id, accessToken } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { role: 'admin' } });
    expect(await introspect(accessToken)).toMatchObject({ active: true, role: 'admin' });
  });
});
