import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../support/oauth.ts';
import { claimsOf, restClient } from '../support/rest.ts';
import { claimNames, tokensOf, vaultClient } from '../support/vault.ts';

const NEW_PASSWORD = 'another horse, another staple';

describe.each(ENGINES)('the Vault API on %s', (engine) => {
  let latchkey: Latchkey;
  let vault: ReturnType<typeof vaultClient>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { ...SERVICE_CLIENTS, CORS_ORIGINS: 'https://app.example.test' } });
    vault = vaultClient(latchkey);
  });
  afterAll(() => latchkey.close());

  const refresh = (bearer?: string) => vault.get('/api/refresh', bearer);
  const me = async (bearer: string) => (await latchkey.send(MeDocument, {}, { bearer })).data?.me?.email ?? null;
  const database = () => latchkey.app.parts.database.prisma;

  describe('every documented example answers as documented', () => {
    test('from registration to the tokens of a verified person', async () => {
      const email = latchkey.address();
      const registered = tokensOf(await vault.register(email));
      latchkey.advance({ minutes: 1 });
      const resent = tokensOf(await vault.get('/api/resend-email-verification?capcha=anything', registered.userToken));
      const refreshed = tokensOf(await refresh(resent.userToken));
      expect(new Set([registered.userToken, resent.userToken, refreshed.userToken]).size).toBe(3);
      const verified = tokensOf(await vault.get(`/api/verify-email/${await vault.mailedToken(email, 2)}`));
      expect(await me(verified.userToken)).toBe(email);
    });

    test('login, and refreshing with the user token', async () => {
      const { email } = await vault.person();
      const signedIn = tokensOf(await vault.post('/api/login', { email, password: PASSWORD }));
      const refreshed = tokensOf(await refresh(signedIn.userToken));
      expect(refreshed.userToken).not.toBe(signedIn.userToken);
      expect(await me(refreshed.userToken)).toBe(email);
    });

    test.each([
      ['as they are documented', 'forgot-passsword', 'reset-passsword'],
      ['as they are spelt', 'forgot-password', 'reset-password'],
    ])('forgot and reset, %s, with a stale token, a wrong one or none', async (_spelling, forgot, reset) => {
      const { email, registered } = await vault.person();
      const ok = { status: 200, body: { status: 'ok' } };
      expect(await vault.post(`/api/${forgot}`, { email }, registered.userToken)).toMatchObject(ok);
      const token = await vault.mailedToken(email, 2);
      expect(await vault.post(`/api/${reset}`, { token, newPassword: NEW_PASSWORD }, 'x.y.z')).toMatchObject(ok);
      expect((await vault.post('/api/login', { email, password: PASSWORD })).status).toBe(401);
      tokensOf(await vault.post('/api/login', { email, password: NEW_PASSWORD }));
      expect(await vault.post(`/api/${forgot}`, { email: latchkey.address() })).toMatchObject(ok);
    });

    test('exist-email', async () => {
      const { email } = await vault.person();
      expect(await vault.get(`/api/exist-email/${email}`)).toMatchObject({ status: 200, body: true });
      expect(await vault.get(`/api/exist-email/${latchkey.address()}/`)).toMatchObject({ status: 200, body: false });
    });
  });

  test('no cache may store an answer', async () => {
    const { userToken, email } = await vault.person();
    for (const path of ['/api/refresh', `/api/exist-email/${email}`, '/api/verify-email/x']) {
      expect((await vault.get(path, userToken)).headers.get('cache-control')).toContain('no-store');
    }
  });

  test('verification replaces the tokens of the registration', async () => {
    const { registered } = await vault.person();
    expect(await refresh(registered.userToken)).toMatchObject({
      status: 401,
      body: { statusCode: 401, error: 'Unauthorized' },
    });
    expect((await vault.get('/api/resend-email-verification?capcha=', registered.userToken)).status).toBe(401);
  });

  test('verification anywhere else ends them too', async () => {
    const email = latchkey.address();
    const { userToken } = tokensOf(await vault.register(email));
    const { code } = await latchkey.mailTo(email);
    await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
    expect((await refresh(userToken)).status).toBe(401);
  });

  test('the token from a registration gives access to nothing else', async () => {
    const email = latchkey.address();
    const { userToken, vaultToken } = tokensOf(await vault.register(email));
    for (const bearer of [userToken, vaultToken]) {
      expect((await latchkey.send(MeDocument, {}, { bearer })).errors?.[0]?.extensions?.['code']).toBe(
        'UNAUTHENTICATED',
      );
      expect((await latchkey.send(LogoutEverywhereDocument, {}, { bearer })).errors).toHaveLength(1);
      const { refresh: refreshed } = await latchkey.ask(RefreshDocument, { input: { refreshToken: bearer } });
      expect(refreshed.__typename).toBe('SessionEndedError');
      expect((await vault.post('/api/auth/refresh/', { refresh: bearer })).status).toBe(401);
      expect((await vault.post('/auth/refresh-token', { refresh_token: bearer })).status).not.toBe(200);
      expect((await latchkey.fetch('/auth/me', { headers: { authorization: `Bearer ${bearer}` } })).status).not.toBe(
        200,
      );
      await latchkey.ask(LogoutDocument, { input: { refreshToken: bearer } });
      await latchkey.ask(LogoutDocument, { input: {} }, { bearer });
    }
    tokensOf(await refresh(userToken));
    expect((await vault.post('/api/login', { email, password: PASSWORD })).status).toBe(403);
  });

  test('a vault token is not accepted as a user token', async () => {
    const { vaultToken } = await vault.person();
    expect(await me(vaultToken)).toBe(null);
    expect((await refresh(vaultToken)).status).toBe(401);
    expect((await vault.get('/api/resend-email-verification?capcha=', vaultToken)).status).toBe(401);
  });

  test('an access token that was meant for its few minutes cannot be exchanged', async () => {
    const { accessToken, refreshToken } = await latchkey.person();
    expect((await refresh(accessToken)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await vault.get('/api/resend-email-verification?capcha=', accessToken)).status).toBe(401);
    expect((await refresh()).status).toBe(401);
    expect((await refresh()).headers.get('www-authenticate')).toBe('Bearer');
  });

  test('a user token is valid for an hour, and refreshing keeps the session alive', async () => {
    let { userToken } = await vault.person();
    const first = userToken;
    for (let half = 0; half < 4; half++) {
      latchkey.advance({ minutes: 30 });
      userToken = tokensOf(await refresh(userToken)).userToken;
    }
    expect(await refresh(first)).toMatchObject({ status: 401, body: { message: 'The access token has expired.' } });
    expect(await me(userToken)).not.toBe(null);
    latchkey.advance({ minutes: 61 });
    expect((await refresh(userToken)).status).toBe(401);
  });

  test('the token from a registration is valid for an hour too', async () => {
    const { userToken } = tokensOf(await vault.register(latchkey.address()));
    latchkey.advance({ minutes: 59 });
    const later = tokensOf(await refresh(userToken));
    latchkey.advance({ minutes: 2 });
    expect((await refresh(userToken)).status).toBe(401);
    tokensOf(await refresh(later.userToken));
  });

  test('refreshing extends the session, signing out ends it', async () => {
    const { userToken } = await vault.person();
    const sessions = () => database().session.findMany({ orderBy: { createdAt: 'desc' }, take: 1 });
    const [before] = await sessions();
    latchkey.advance({ minutes: 30 });
    const refreshed = tokensOf(await refresh(userToken));
    const [after] = await sessions();
    expect(after?.id).toBe(before?.id);
    expect((after?.expiresAt.getTime() ?? 0) - (before?.expiresAt.getTime() ?? 0)).toBeGreaterThan(29 * 60_000);
    await latchkey.ask(LogoutDocument, { input: {} }, { bearer: refreshed.userToken });
    expect((await refresh(refreshed.userToken)).status).toBe(401);
  });

  test('a link verifies once, also by twenty at once: one session, one team, one project', async () => {
    const email = latchkey.address();
    await vault.register(email);
    const token = await vault.mailedToken(email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => vault.get(`/api/verify-email/${token}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    const { id: userId } = await database().user.findUniqueOrThrow({ where: { email } });
    expect(await database().session.count({ where: { userId, endedAt: null } })).toBe(1);
    const memberships = await database().membership.findMany({
      where: { userId },
      include: { organization: { include: { projects: true } } },
    });
    expect(memberships).toMatchObject([{ role: 'OWNER', organization: { projects: [{ isDefault: true }] } }]);
  });

  test('two ways to verify at once make one team', async () => {
    const email = latchkey.address();
    await vault.register(email);
    const { code } = await latchkey.mailTo(email);
    const token = await vault.mailedToken(email);
    await Promise.all([
      vault.get(`/api/verify-email/${token}`),
      latchkey.ask(VerifyEmailDocument, { input: { email, code } }),
    ]);
    const { id: userId } = await database().user.findUniqueOrThrow({ where: { email } });
    expect(await database().membership.count({ where: { userId } })).toBe(1);
  });

  describe('for services', () => {
    const introspect = async (token: string) => (await postForm(latchkey, '/oauth/introspect', { token })).body;
    const revoke = async (token: string) => (await postForm(latchkey, '/oauth/revoke', { token })).status;

    test('both tokens are told with what each is for, and neither once the membership is gone', async () => {
      const { userToken, vaultToken } = await vault.person();
      const { sub, sid, org_id, iat, exp } = claimsOf(vaultToken);
      const url = latchkey.config.publicUrl;
      const common = { active: true, token_type: 'Bearer', iss: url, sub, sid, role: 'customer', iat, exp };
      expect(await introspect(vaultToken)).toEqual({ ...common, aud: 'vault', org_id, org_role: 'OWNER' });
      expect(await introspect(userToken)).toEqual({ ...common, client_id: 'latchkey', aud: url });
      await database().membership.deleteMany({ where: { userId: String(sub) } });
      expect(await introspect(vaultToken)).toEqual({ active: false });
      expect(await introspect(userToken)).toMatchObject({ active: true });
    });

    test('the tokens of a registration are never active, and can be revoked', async () => {
      for (const kind of ['userToken', 'vaultToken'] as const) {
        const tokens = tokensOf(await vault.register(latchkey.address()));
        for (const token of Object.values(tokens)) expect(await introspect(token)).toEqual({ active: false });
        expect((await refresh(tokens.userToken)).status).toBe(200);
        expect(await revoke(tokens[kind])).toBe(200);
        expect((await refresh(tokens.userToken)).status).toBe(401);
      }
    });

    test('by either token the session ends, also by one that has expired', async () => {
      for (const kind of ['userToken', 'vaultToken'] as const) {
        const first = await vault.person();
        latchkey.advance({ minutes: 50 });
        const { userToken } = tokensOf(await refresh(first.userToken));
        latchkey.advance({ minutes: 20 });
        expect(await introspect(first[kind])).toEqual({ active: false });
        expect(await me(userToken)).toBe(first.email);
        expect(await revoke(first[kind])).toBe(200);
        expect(await me(userToken)).toBe(null);
      }
    });
  });

  test('asking with HEAD uses no link up', async () => {
    const email = latchkey.address();
    await vault.register(email);
    const path = `/api/verify-email/${await vault.mailedToken(email)}`;
    const response = await latchkey.fetch(path, { method: 'HEAD' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
    tokensOf(await vault.get(path));
  });

  const fetched = (site: string, mode: string, origin?: string) => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    ...(origin === undefined ? {} : { origin }),
  });
  test.each([
    ['a link on another site', fetched('cross-site', 'navigate')],
    ['a link that was typed or pasted', fetched('none', 'navigate')],
    ['a link on a page of our own', fetched('same-origin', 'navigate')],
    ['a picture', fetched('cross-site', 'no-cors')],
    ['a script of an unknown origin', fetched('cross-site', 'cors', 'https://evil.example.test')],
    ['a script in an old browser', { origin: 'https://evil.example.test' }],
    ['a script of an origin that is null', fetched('cross-site', 'cors', 'null')],
  ])('a browser uses no link up by %s; a known script does', async (_, headers) => {
    const email = latchkey.address();
    await vault.register(email);
    const path = `/api/verify-email/${await vault.mailedToken(email)}`;
    const { get } = restClient(latchkey);
    const refused = await get(path, { headers });
    expect([refused.status, refused.body]).toEqual([
      403,
      { statusCode: 403, error: 'Forbidden', message: expect.stringContaining('open the link in the email') },
    ]);
    const ours = [fetched('same-origin', 'cors'), fetched('cross-site', 'cors', 'https://app.example.test')];
    const answers = await Promise.all(ours.map((own) => get(path, { headers: own })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  test('emails link to the page with a button, never to the address that verifies', async () => {
    const email = latchkey.address();
    await vault.register(email);
    const mail = await latchkey.mailTo(email);
    expect(mail.link).toMatch(/^https:\/\/auth\.example\.test\/verify-email\?token=/);
    expect(mail.raw).not.toContain('/api/');
  });

  test('neither token nor address is in the log', async () => {
    const email = latchkey.address();
    const { userToken } = tokensOf(await vault.register(email));
    const token = await vault.mailedToken(email);
    await vault.get(`/api/exist-email/${email}`);
    await vault.get(`/api/exist-e%6dail/${encodeURIComponent(email)}/`);
    await vault.get(`/api/verify-emai%6c/${token}x`);
    await vault.get(`/api/verify-email/${token}/verify-email/x`);
    const verified = tokensOf(await vault.get(`/api/verify-email/${token}`));
    for (const secret of [email, encodeURIComponent(email), token, userToken, ...Object.values(verified)]) {
      expect(latchkey.logged()).not.toContain(secret);
    }
    expect(latchkey.logged()).toContain('"path":"/api/verify-email/…"');
  });

  test('a verified person who asks for the email again gets tokens and no email', async () => {
    const { email, userToken } = await vault.person();
    latchkey.advance({ minutes: 2 });
    const resent = tokensOf(await vault.get('/api/resend-email-verification?capcha=', userToken));
    expect(await me(resent.userToken)).toBe(email);
    await vault.post('/api/forgot-passsword', { email });
    expect((await latchkey.mailTo(email, 2)).link).toContain('/reset-password?');
  });

  test('emails are as many as everywhere else', async () => {
    const email = latchkey.address();
    const { userToken } = tokensOf(await vault.register(email));
    const early = await vault.get('/api/resend-email-verification?capcha=', userToken);
    expect(early).toMatchObject({ status: 429, body: { statusCode: 429, error: 'Too Many Requests' } });
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('wrong passwords here count there', async () => {
    const { email } = await vault.person();
    const ip = '203.0.113.7';
    const wrong = { email, password: 'wrong horse' };
    for (let guess = 0; guess < 3; guess++) {
      expect((await vault.post('/api/login', wrong, undefined, ip)).status).toBe(401);
    }
    const input = { identifier: email, password: wrong.password };
    for (let guess = 0; guess < 2; guess++) await latchkey.ask(LoginDocument, { input }, { ip });
    expect((await vault.post('/api/login', wrong, undefined, ip)).status).toBe(429);
    expect((await latchkey.ask(LoginDocument, { input }, { ip })).login.__typename).toBe('TooManyAttemptsError');
  });

  test('an address that is taken is refused, whether verified or not', async () => {
    const { email } = await vault.person();
    const pending = latchkey.address();
    await vault.register(pending);
    for (const taken of [email, pending]) {
      expect(await vault.register(taken)).toMatchObject({
        status: 409,
        body: { statusCode: 409, message: 'This email address already has an account.', error: 'Conflict' },
      });
    }
  });

  test('a disabled account is verified by the link, and not signed in', async () => {
    const email = latchkey.address();
    await vault.register(email);
    await database().user.update({ where: { email }, data: { disabledAt: new Date() } });
    const answer = await vault.get(`/api/verify-email/${await vault.mailedToken(email)}`);
    expect(answer).toMatchObject({ status: 403, body: { message: 'This account has been disabled.' } });
    expect(await database().session.count({ where: { user: { email }, endedAt: null } })).toBe(0);
  });

  test('sessions of registrations are counted nowhere', async () => {
    const { email, userToken } = await vault.person();
    const { id } = await database().user.findUniqueOrThrow({ where: { email } });
    const ofARegistration = { userId: id, isProvisional: true, method: 'registration' };
    const now = new Date();
    const expiresAt = new Date(now.getTime() + 1e9);
    const times = { createdAt: now, lastUsedAt: now, authenticatedAt: now, expiresAt, absoluteExpiresAt: expiresAt };
    await database().session.create({ data: { ...ofARegistration, ...times } });
    const { logoutEverywhere } = await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: userToken });
    expect(logoutEverywhere).toMatchObject({ endedSessions: 1 });
  });
});

describe.each(ENGINES)('the Vault API with ACCOUNT_DISCOVERY=conceal-everywhere on %s', (engine) => {
  let latchkey: Latchkey;
  let vault: ReturnType<typeof vaultClient>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { ACCOUNT_DISCOVERY: 'conceal-everywhere' } });
    vault = vaultClient(latchkey);
  });
  afterAll(() => latchkey.close());

  const disabled = async () => {
    const { email } = await vault.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { email }, data: { disabledAt: new Date() } });
    return { email };
  };

  /** Everything someone can learn who registers an address and holds on to the tokens. */
  const seenBy = async (email: string) => {
    const seen: unknown[] = [];
    const first = tokensOf(await vault.register(email));
    for (const token of Object.values(first)) seen.push(decodeProtectedHeader(token).typ, claimNames(token));
    const resend = (bearer: string) => vault.get('/api/resend-email-verification?capcha=', bearer);
    seen.push((await resend(first.userToken)).body);
    latchkey.advance({ minutes: 2 });
    seen.push((await resend(first.userToken)).status, (await vault.get('/api/refresh', first.userToken)).status);
    seen.push((await vault.get(`/api/exist-email/${email}`)).body);
    seen.push((await vault.post('/api/login', { email, password: 'wrong horse' })).body);
    const second = tokensOf(await vault.register(email, NEW_PASSWORD));
    seen.push((await vault.get('/api/refresh', first.userToken)).status);
    // The proof of the first has expired by then, and the account made way.
    latchkey.advance({ minutes: 59 });
    seen.push((await vault.get('/api/refresh', second.userToken)).status);
    latchkey.advance({ days: 2 });
    seen.push((await vault.register(email)).status, (await vault.get('/api/refresh', second.userToken)).status);
    return seen;
  };

  test('registering a taken address looks exactly like registering a new one, also afterwards', async () => {
    const { email } = await vault.person();
    const unknown = await seenBy(latchkey.address());
    expect(await seenBy(email)).toEqual(unknown);
    expect(await seenBy((await disabled()).email)).toEqual(unknown);
    expect(unknown).toContain(200);
  });

  test('of many simultaneous registrations, the tokens of one stay valid', async () => {
    const live = async (email: string) => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => vault.register(email)));
      const tokens = answers.map((answer) => tokensOf(answer).userToken);
      const refreshed = await Promise.all(tokens.map((token) => vault.get('/api/refresh', token)));
      return refreshed.filter(({ status }) => status === 200).length;
    };
    const { email } = await vault.person();
    expect([await live(email), await live(latchkey.address())]).toEqual([1, 1]);
  });

  test('the owner is notified and loses nothing', async () => {
    const { email, userToken } = await vault.person();
    latchkey.advance({ minutes: 1 });
    await vault.register(email, NEW_PASSWORD);
    expect((await latchkey.mailTo(email, 2)).link).toBe(null);
    tokensOf(await vault.get('/api/refresh', userToken));
    tokensOf(await vault.post('/api/login', { email, password: PASSWORD }));
  });

  test('no address exists', async () => {
    const { email } = await vault.person();
    expect(await vault.get(`/api/exist-email/${email}`)).toMatchObject({ status: 200, body: false });
  });
});
