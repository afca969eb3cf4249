import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeDocument, RefreshDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { A_JWT, type RestClient, restClient } from '../support/rest.ts';

/** The organization of the document, open for registration. */
const TENANT = '123e4567-e89b-12d3-a456-426614174001';
const USER_KEYS = ['id', 'name', 'email', 'role', 'is_verified', 'tenant', 'created_at', 'updated_at'];
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the ConnectX API', () => {
  let latchkey: Latchkey;
  let api: RestClient;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    api = restClient(latchkey);
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const { organization } = latchkey.app.parts.database.prisma;
    await organization.create({ data: { id: TENANT, name: 'Acme', slug: 'acme', openRegistration: true, ...times } });
    await organization.create({ data: { id: TENANT.replace(/1$/, '2'), name: 'Closed', slug: 'closed', ...times } });
  });
  afterAll(() => latchkey.close());

  const signIn = async () => {
    const { email } = await latchkey.person();
    return (await api.post('/api/auth/login/', { email, password: PASSWORD })).body;
  };

  test('every documented example answers as documented', async () => {
    const registered = await api.post('/api/users/', {
      name: 'John Doe',
      email: 'john@example.com',
      password: 'secure_password',
      role: 'customer',
      tenant: TENANT,
    });
    expect(registered.status).toBe(201);
    expect(registered.body).toEqual({
      id: expect.stringMatching(UUID),
      name: 'John Doe',
      email: 'john@example.com',
      role: 'customer',
      is_verified: false,
      tenant: TENANT,
      created_at: expect.stringMatching(UTC),
      updated_at: expect.stringMatching(UTC),
    });
    expect(Object.keys(registered.body)).toEqual(USER_KEYS);

    const again = await api.post('/api/users/', {
      name: 'John Doe',
      email: 'john@example.com',
      password: 'secure_password',
    });
    expect([again.status, again.body]).toEqual([400, { error: 'Email already exists' }]);

    const early = await api.post('/api/auth/login/', { email: 'john@example.com', password: 'secure_password' });
    expect([early.status, early.body]).toEqual([
      403,
      { error: 'Please verify your email address before logging in.', email: 'john@example.com' },
    ]);

    latchkey.advance({ minutes: 2 });
    const resent = await api.post('/api/auth/resend-verification/', { email: 'john@example.com' });
    expect([resent.status, resent.body]).toEqual([200, { message: 'Verification email sent successfully' }]);

    const { code } = await latchkey.mailTo('john@example.com', 2);
    const wrong = { email: 'john@example.com', otp: code === '123456' ? '654321' : '123456' };
    const refused = await api.post('/api/auth/verify-email/', wrong);
    expect([refused.status, refused.body]).toEqual([400, { error: 'Invalid OTP' }]);

    const verified = await api.post('/api/auth/verify-email/', { email: 'john@example.com', otp: code });
    expect([verified.status, verified.body]).toEqual([200, { message: 'Email verified successfully' }]);

    const wrongPassword = await api.post('/api/auth/login/', { email: 'john@example.com', password: 'your_password' });
    expect([wrongPassword.status, wrongPassword.body]).toEqual([401, { error: 'Invalid credentials' }]);

    const { status, body } = await api.post('/api/auth/login/', {
      email: 'john@example.com',
      password: 'secure_password',
    });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['access', 'refresh', 'user']);
    expect(body).toEqual({
      access: expect.stringMatching(A_JWT),
      refresh: expect.stringMatching(A_JWT),
      user: { ...registered.body, is_verified: true, updated_at: expect.stringMatching(UTC) },
    });
    expect(Object.keys(body.user)).toEqual(USER_KEYS);

    const refreshed = await api.post('/api/auth/refresh/', { refresh: body.refresh });
    expect([refreshed.status, refreshed.body]).toEqual([200, { access: expect.stringMatching(A_JWT) }]);
  });

  test('every route answers with and without a trailing slash, without a redirect', async () => {
    for (const path of ['users', 'auth/verify-email', 'auth/resend-verification', 'auth/login', 'auth/refresh']) {
      const answers = [await api.post(`/api/${path}`, {}), await api.post(`/api/${path}/`, {})];
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
      expect(answers[0]?.body).toEqual(answers[1]?.body);
    }
  });

  test('a refresh token keeps working after its access tokens have expired', async () => {
    const { refresh } = await signIn();
    const tokens = new Set<string>();
    for (let round = 0; round < 4; round++) {
      latchkey.advance({ minutes: 20 });
      const { status, body } = await api.post('/api/auth/refresh/', { refresh });
      expect(status).toBe(200);
      tokens.add(body.access);
      expect((await latchkey.ask(MeDocument, {}, { bearer: body.access })).me).not.toBeNull();
    }
    expect(tokens.size).toBe(4);
  });

  test('a refresh token from a rotating session is refused, and its session continues', async () => {
    const { refreshToken } = await latchkey.person();
    const { status, body } = await api.post('/api/auth/refresh/', { refresh: refreshToken });
    expect([status, body]).toEqual([401, { error: 'This session has ended. Please sign in again.' }]);
    expect((await latchkey.ask(RefreshDocument, { input: { refreshToken } })).refresh.__typename).toBe(
      'RefreshSuccess',
    );
  });

  test('a refresh token that is none, or an access token in its place, answers 401', async () => {
    const { access } = await signIn();
    for (const refresh of ['', 'x', 'a.b.c', access]) {
      expect((await api.post('/api/auth/refresh/', { refresh })).status).toBe(401);
    }
  });

  test('a registration without role and tenant gets the default role and no tenant', async () => {
    for (const absent of [{}, { role: null, tenant: null }]) {
      const { status, body } = await api.post('/api/users/', {
        name: 'Jane',
        email: latchkey.address(),
        password: PASSWORD,
        ...absent,
      });
      expect([status, body]).toMatchObject([201, { role: 'customer', tenant: null }]);
    }
  });

  test('a role or organization that cannot be chosen is a 400 that names it, and no account is created', async () => {
    const refused: [object, string][] = [
      [{ role: 'admin' }, 'This role cannot be chosen at registration.'],
      [{ role: 'emperor' }, 'This role cannot be chosen at registration.'],
      [{ tenant: TENANT.replace(/1$/, '2') }, 'This organization is not open for registration.'],
      [{ tenant: TENANT.replace(/1$/, '3') }, 'This organization is not open for registration.'],
      [{ tenant: 'acme' }, 'The organization id must be a UUID.'],
    ];
    const { user } = latchkey.app.parts.database.prisma;
    for (const [choice, error] of refused) {
      const email = latchkey.address();
      const { status, body } = await api.post('/api/users/', { name: 'Eve', email, password: PASSWORD, ...choice });
      expect([status, body]).toEqual([400, { error }]);
      expect(await user.count({ where: { email } })).toBe(0);
    }
  });

  test('only the right password reveals that an account is disabled', async () => {
    const { id, email } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: new Date() } });
    const wrong = await api.post('/api/auth/login/', { email, password: 'wrong' });
    expect([wrong.status, wrong.body]).toEqual([401, { error: 'Invalid credentials' }]);
    const right = await api.post('/api/auth/login/', { email, password: PASSWORD });
    expect([right.status, right.body]).toEqual([403, { error: 'This account has been disabled.' }]);
  });

  test('a resend has the same answer for every address; one that comes too soon says when to try again', async () => {
    const { email } = await latchkey.person();
    for (const address of [email, latchkey.address()]) {
      latchkey.advance({ minutes: 2 });
      const { status, body } = await api.post('/api/auth/resend-verification/', { email: address });
      expect([status, body]).toEqual([200, { message: 'Verification email sent successfully' }]);
      const soon = await api.post('/api/auth/resend-verification/', { email: address });
      expect(soon.status).toBe(429);
      expect(Object.keys(soon.body)).toEqual(['error']);
      expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
});

describe('the ConnectX API that conceals accounts', () => {
  test('a registration of a taken address answers as one of a new address', async () => {
    const latchkey = await startLatchkey({ env: { ACCOUNT_DISCOVERY: 'conceal-everywhere' } });
    const api = restClient(latchkey);
    const { email } = await latchkey.person();
    const register = (address: string) =>
      api.post('/api/users/', { name: 'Jane', email: address, password: 'seven green teapots' });
    const [taken, fresh] = [await register(email), await register(latchkey.address())];
    expect(taken.status).toBe(201);
    expect(Object.keys(taken.body)).toEqual(Object.keys(fresh.body));
    const { id: _, email: __, ...shown } = taken.body;
    expect(fresh.body).toMatchObject({ ...shown, created_at: expect.any(String), updated_at: expect.any(String) });
    await latchkey.close();
  });
});
