import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { claimNames, tokensOf, vaultClient } from '../support/vault.ts';

describe('the tokens of the Vault API', () => {
  let latchkey: Latchkey;
  let vault: ReturnType<typeof vaultClient>;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    vault = vaultClient(latchkey);
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const keys = async () =>
    createLocalJWKSet((await (await latchkey.fetch('/.well-known/jwks.json')).json()) as JSONWebKeySet);
  const teamOf = (email: string) =>
    prisma().membership.findFirstOrThrow({
      where: { user: { email } },
      include: { organization: { include: { projects: true } } },
    });
  const login = async (email: string) => tokensOf(await vault.post('/api/login', { email, password: PASSWORD }));

  test('the vault token is for the team: any service can verify it with the public keys', async () => {
    const { email, userToken, vaultToken } = await vault.person();
    const checks = { audience: 'vault', issuer: 'https://auth.example.test', typ: 'vault+jwt', algorithms: ['ES256'] };
    const { payload } = await jwtVerify(vaultToken, await keys(), checks);
    const { userId, organizationId, organization } = await teamOf(email);
    const user = decodeJwt(userToken);
    expect(payload).toMatchObject({
      sub: userId,
      sid: user['sid'],
      exp: user.exp,
      org_id: organizationId,
      project_id: organization.projects[0]?.id,
      role: 'OWNER',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  test('the user token is an access token', async () => {
    const { userToken } = await vault.person();
    const checks = { audience: 'https://auth.example.test', issuer: 'https://auth.example.test', typ: 'at+jwt' };
    const { payload } = await jwtVerify(userToken, await keys(), checks);
    expect(payload).toMatchObject({ refreshable: true, email_verified: true });
  });

  test('before there is a team the vault token names none, and nobody', async () => {
    const { userToken, vaultToken } = tokensOf(await vault.register(latchkey.address()));
    expect(claimNames(vaultToken)).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid']);
    expect(claimNames(userToken)).toEqual(['exp', 'iat', 'jti', 'sid']);
    // No other service can take it for anything: it is signed with a secret of ours.
    expect(decodeProtectedHeader(userToken)).toEqual({ alg: 'HS256', typ: 'provisional+jwt' });
  });

  test('a team that is suspended or left is named no longer, another one is', async () => {
    const owner = await vault.person();
    const guest = await vault.person();
    const own = await teamOf(guest.email);
    const other = await teamOf(owner.email);
    const now = new Date();
    await prisma().membership.create({
      data: {
        userId: own.userId,
        organizationId: other.organizationId,
        role: 'MEMBER',
        createdAt: now,
        updatedAt: now,
      },
    });
    const named = async () => decodeJwt((await login(guest.email)).vaultToken);
    expect(await named()).toMatchObject({ org_id: own.organizationId, role: 'OWNER' });
    await prisma().organization.update({ where: { id: own.organizationId }, data: { suspendedAt: now } });
    expect(await named()).toMatchObject({ org_id: other.organizationId, role: 'MEMBER' });
    await prisma().membership.deleteMany({ where: { userId: own.userId } });
    const { vaultToken } = await login(guest.email);
    expect(claimNames(vaultToken)).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
  });
});
