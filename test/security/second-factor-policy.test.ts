/** Who has to show a second factor, what happens at the four REST APIs, and what a change of SECRET leaves. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '#app.ts';
import {
  CreateOrganizationDocument,
  CurrentOrganizationDocument,
  LoginDocument,
  MeDocument,
  OrganizationByIdDocument,
  StartTotpSetupDocument,
  UpdateOrganizationDocument,
  UsersDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, SECRET, startLatchkey } from '../support/latchkey.ts';
import { tenant } from '../support/organizations.ts';
import { restClient } from '../support/rest.ts';
import { challengeOf, confirm, elsewhere, nextStep, protectedPerson, setUpApp } from '../support/second-factor.ts';
import { claimNames } from '../support/vault.ts';

describe('REQUIRE_SECOND_FACTOR=admins', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { REQUIRE_SECOND_FACTOR: 'admins' } });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;
  const reason = async (bearer: string) =>
    (await latchkey.send(UsersDocument, {}, { bearer })).errors?.[0]?.extensions?.['reason'];

  test('an administrator without one reads their own account and sets one up, and nothing else', async () => {
    const admin = await latchkey.person();
    await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    expect(await reason(admin.accessToken)).toBe('SECOND_FACTOR_REQUIRED');
    const { id } = await tenant(latchkey, [[await latchkey.person(), 'OWNER']]);
    const other = await latchkey.send(OrganizationByIdDocument, { id }, { bearer: admin.accessToken });
    expect(other.errors?.[0]?.extensions?.['reason']).toBe('SECOND_FACTOR_REQUIRED');
    expect((await latchkey.ask(MeDocument, {}, { bearer: admin.accessToken })).me?.id).toBe(admin.id);
    const safe = await setUpApp(latchkey, admin);
    expect(await reason(safe.accessToken)).toBeUndefined();
    // The token from before does not gain from it.
    expect(await reason(admin.accessToken)).toBe('SECOND_FACTOR_REQUIRED');
  });

  test('others are not asked', async () => {
    const ada = await latchkey.person();
    const { id } = await tenant(latchkey, [[ada, 'OWNER']]);
    const answer = await latchkey.ask(
      CurrentOrganizationDocument,
      {},
      { bearer: ada.accessToken, headers: { 'x-organization-id': id } },
    );
    expect(answer.currentOrganization?.organization.id).toBe(id);
  });
});

describe('REQUIRE_SECOND_FACTOR=everyone', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { REQUIRE_SECOND_FACTOR: 'everyone' } });
  });
  afterAll(() => latchkey.close());

  test('without one, nobody acts in an organization or creates one; everyone reads their account and sets one up', async () => {
    const ada = await latchkey.person();
    const { id } = await tenant(latchkey, [[ada, 'OWNER']]);
    const headers = { 'x-organization-id': id };
    const refusals = async (bearer: string) => {
      const name = { name: 'Another' };
      const answers = [
        await latchkey.send(CurrentOrganizationDocument, {}, { bearer, headers }),
        await latchkey.send(OrganizationByIdDocument, { id }, { bearer }),
        await latchkey.send(UpdateOrganizationDocument, { input: { organizationId: id, ...name } }, { bearer }),
        await latchkey.send(CreateOrganizationDocument, { input: name }, { bearer }),
      ];
      return answers.map(({ errors }) => errors?.[0]?.extensions?.['reason']);
    };
    expect(await refusals(ada.accessToken)).toEqual(Array(4).fill('SECOND_FACTOR_REQUIRED'));
    const { prisma } = latchkey.app.parts.database;
    expect(await prisma.organization.count({ where: { name: 'Another' } })).toBe(0);
    expect((await latchkey.ask(MeDocument, {}, { bearer: ada.accessToken })).me?.id).toBe(ada.id);
    const safe = await setUpApp(latchkey, ada);
    expect(await refusals(safe.accessToken)).toEqual(Array(4).fill(undefined));
    expect(await prisma.organization.count({ where: { name: 'Another' } })).toBe(2);
  });

  test('a device that was trusted with one is enough', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const trusting = await confirm(latchkey, { challengeToken, code: ada.app.code(), trustDevice: true });
    if (trusting.__typename !== 'LoginSuccess') throw new Error(trusting.__typename);
    const { deviceToken } = trusting.tokens;
    const input = { identifier: ada.email, password: PASSWORD, deviceToken };
    const { login } = await latchkey.ask(LoginDocument, { input }, elsewhere());
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const bearer = login.tokens.accessToken;
    const created = await latchkey.ask(CreateOrganizationDocument, { input: { name: 'Team' } }, { bearer });
    expect(created.createOrganization.__typename).toBe('CreateOrganizationSuccess');
  });

  test('the vault token names no organization before the factor was shown', async () => {
    const ada = await latchkey.person();
    await tenant(latchkey, [[ada, 'OWNER']]);
    const rest = restClient(latchkey);
    const signIn = async () => (await rest.post('/api/login', { email: ada.email, password: PASSWORD })).body;
    expect(claimNames((await signIn()).vaultToken)).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    const { app } = await setUpApp(latchkey, ada);
    const { challengeToken } = await signIn();
    const { vaultToken } = (await rest.post('/api/login/confirm', { challengeToken, code: app.code() })).body;
    expect(claimNames(vaultToken)).toEqual(expect.arrayContaining(['org_id', 'project_id', 'role']));
  });
});

describe('an organization that requires a second factor', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  test('its owner turns it on once they have one; members without one cannot act in it, and can set one up', async () => {
    const [owner, member] = [await latchkey.person(), await latchkey.person()];
    const { id } = await tenant(latchkey, [
      [owner, 'OWNER'],
      [member, 'MEMBER'],
    ]);
    const input = { organizationId: id, requiresSecondFactor: true };
    const update = async (bearer: string) =>
      (await latchkey.ask(UpdateOrganizationDocument, { input }, { bearer })).updateOrganization;
    expect(await update(owner.accessToken)).toMatchObject({ __typename: 'ValidationError' });
    const safe = await setUpApp(latchkey, owner);
    expect((await update(safe.accessToken)).__typename).toBe('UpdateOrganizationSuccess');
    const headers = { 'x-organization-id': id };
    const current = async (bearer: string) => latchkey.send(CurrentOrganizationDocument, {}, { bearer, headers });
    expect((await current(safe.accessToken)).data?.currentOrganization?.organization.id).toBe(id);
    const refused = await current(member.accessToken);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'SECOND_FACTOR_REQUIRED' });
    const { startTotpSetup } = await latchkey.ask(StartTotpSetupDocument, {}, { bearer: member.accessToken });
    expect(startTotpSetup.__typename).toBe('StartTotpSetupSuccess');
    const own = await restClient(latchkey).get('/auth/me', { bearer: member.accessToken });
    expect(own.status).toBe(200);
  });
});

describe('the REST APIs', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  test('ConnectX refuses with a challenge, and confirms it', async () => {
    const ada = await protectedPerson(latchkey);
    const rest = restClient(latchkey);
    const refused = await rest.post('/api/auth/login/', { email: ada.email, password: PASSWORD });
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      error: 'Please confirm with your second factor.',
      challenge: expect.any(String),
      methods: ['totp', 'recovery_code'],
    });
    const { challenge } = refused.body;
    expect((await rest.post('/api/auth/login/confirm/', { challenge, code: '12345' })).body).toEqual({
      error: 'Invalid OTP',
    });
    const done = await rest.post('/api/auth/login/confirm/', { challenge, code: ada.app.code() });
    expect(done.status).toBe(200);
    expect(Object.keys(done.body)).toEqual(['access', 'refresh', 'user']);
    expect((await rest.post('/api/auth/refresh/', { refresh: done.body.refresh })).status).toBe(200);
    expect((await rest.post('/api/auth/login/confirm/', { challenge, code: '000000' })).status).toBe(401);
  });

  test('the Organization API refuses with extra attributes, and takes a recovery code too', async () => {
    const ada = await protectedPerson(latchkey);
    const rest = restClient(latchkey);
    const refused = await rest.post('/auth/login', { username: ada.email, password: PASSWORD });
    expect(refused.status).toBe(401);
    expect(refused.body).toMatchObject({
      error_code: 'second-factor-required',
      extra_attributes: { challenge_token: expect.any(String), methods: ['totp', 'recovery_code'] },
    });
    const { challenge_token } = refused.body.extra_attributes;
    const done = await rest.post('/auth/login/confirm', { challenge_token, code: ada.recoveryCodes[0] });
    expect(done.status).toBe(200);
    expect(Object.keys(done.body)).toEqual(['access_token', 'jwt_token', 'refresh_token']);
  });

  test('the Vault API refuses with a challenge token, and confirms it', async () => {
    const ada = await protectedPerson(latchkey);
    const rest = restClient(latchkey);
    const refused = await rest.post('/api/login', { email: ada.email, password: PASSWORD });
    expect(refused.status).toBe(403);
    expect(Object.keys(refused.body)).toEqual(['statusCode', 'message', 'error', 'challengeToken']);
    const { challengeToken } = refused.body;
    const done = await rest.post('/api/login/confirm', { challengeToken, code: ada.app.code() });
    expect([done.status, Object.keys(done.body)]).toEqual([200, ['userToken', 'vaultToken']]);
  });

  test('the Token API answers mfa_required, and takes the code at the same path', async () => {
    const ada = await protectedPerson(latchkey);
    const rest = restClient(latchkey);
    const refused = await rest.form('/auth/login', { username: ada.email, password: PASSWORD });
    expect([refused.status, refused.body]).toEqual([403, { error: 'mfa_required', mfa_token: expect.any(String) }]);
    const { mfa_token } = refused.body;
    expect((await rest.form('/auth/login', { mfa_token })).status).toBe(400);
    const done = await rest.form('/auth/login', { mfa_token, otp: ada.app.code() });
    expect([done.status, done.body.token_type]).toEqual([200, 'bearer']);
  });

  test('a sign-in that began at one face is completed at another', async () => {
    const ada = await protectedPerson(latchkey);
    const { body } = await restClient(latchkey).post('/api/login', { email: ada.email, password: PASSWORD });
    const done = await confirm(latchkey, { challengeToken: body.challengeToken, code: ada.app.code() });
    expect(done.__typename).toBe('LoginSuccess');
  });
});

describe('a change of SECRET', () => {
  test('leaves apps and recovery codes working, also once the former secret is forgotten', async () => {
    const latchkey = await startLatchkey({ engine: 'postgresql' });
    const ada = await protectedPerson(latchkey);
    const { config } = latchkey;
    const value = 'another secret that is only good for tests, 48 bytes';
    const parts = { clock: latchkey.app.parts.clock, log: latchkey.app.parts.log };
    const signIn = async (app: Awaited<ReturnType<typeof createApp>>) => {
      const rest = (path: string, json: object) =>
        app.fetch(
          new Request(`http://localhost:4000${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': elsewhere().ip ?? '' },
            body: JSON.stringify(json),
          }),
          { remoteAddress: '127.0.0.1' },
        );
      const confirmed = async (code: string) => {
        const { challengeToken } = await (await rest('/api/login', { email: ada.email, password: PASSWORD })).json();
        return (await rest('/api/login/confirm', { challengeToken, code })).status;
      };
      nextStep(latchkey);
      return [await confirmed(ada.app.code()), await confirmed(ada.recoveryCodes.shift() ?? '')];
    };
    const rotating = await createApp({ ...config, secret: { kind: 'given', value }, previousSecret: SECRET }, parts);
    expect(await signIn(rotating)).toEqual([200, 200]);
    await rotating.close();
    const rotated = await createApp({ ...config, secret: { kind: 'given', value }, previousSecret: null }, parts);
    expect(await signIn(rotated)).toEqual([200, 200]);
    await rotated.close();
    await latchkey.close();
  });
});
