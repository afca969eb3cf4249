import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeDocument, RegisterDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { tenant } from '../support/organizations.ts';
import { A_JWT, claimsOf, type RestClient, restClient } from '../support/rest.ts';

const TRACE_ID = /^[0-9a-f]{16}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const THREE = {
  access_token: expect.stringMatching(A_JWT),
  jwt_token: expect.stringMatching(A_JWT),
  refresh_token: expect.stringMatching(A_JWT),
};
const failed = (error_code: string, message: string) => ({
  error_code,
  message,
  trace_id: expect.stringMatching(TRACE_ID),
});

describe('the Organization API', () => {
  let latchkey: Latchkey;
  let api: RestClient;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    api = restClient(latchkey);
  });
  afterAll(() => latchkey.close());

  const login = (username: string, password = PASSWORD) => api.post('/auth/login', { password, username });
  const unverified = async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    await latchkey.mailTo(email);
    return email;
  };

  test('every documented example answers as documented', async () => {
    const { email } = await latchkey.person();
    const { status, body } = await login(email);
    expect([status, body]).toEqual([200, THREE]);
    expect(Object.keys(body)).toEqual(['access_token', 'jwt_token', 'refresh_token']);
    expect(body.jwt_token).toBe(body.access_token);

    const waiting = await login(await unverified());
    expect([waiting.status, waiting.body]).toEqual([
      401,
      {
        error_code: 'account-not-validated',
        extra_attributes: { resend_code: expect.stringMatching(UUID) },
        trace_id: expect.stringMatching(TRACE_ID),
        message: 'Account not validated',
      },
    ]);
    const wrong = await login('string', 'string');
    expect([wrong.status, wrong.body]).toEqual([401, failed('bad-credentials', 'Invalid username and/or password')]);
    const missing = await api.post('/auth/login', {});
    expect(missing.status).toBe(400);

    const refreshed = await api.post('/auth/refresh-token', { refresh_token: body.refresh_token });
    expect([refreshed.status, refreshed.body]).toEqual([200, THREE]);
    expect(refreshed.body.refresh_token).not.toBe(body.refresh_token);
  });

  test('signs in by username, email address and mobile phone', async () => {
    const username = `grace.${process.pid}`;
    const { id, email } = await latchkey.person({ username, phone: '+49 151 5550177' });
    for (const name of [email, username, '+491515550177', '0049 151 5550177']) {
      const { body } = await login(name);
      const me = await api.get('/auth/me', { bearer: body.access_token });
      expect([me.status, me.body]).toEqual([
        200,
        {
          id,
          name: 'Ada Example',
          username,
          email,
          mobile_phone: '+491515550177',
          role: 'customer',
          organization_id: expect.stringMatching(UUID),
        },
      ]);
    }
  });

  test('an access token is valid for an hour, here and in GraphQL', async () => {
    const { email } = await latchkey.person();
    const { access_token: bearer } = (await login(email)).body;
    const { exp, iat } = claimsOf(bearer);
    expect(Number(exp) - Number(iat)).toBe(3600);
    latchkey.advance({ minutes: 59 });
    expect((await latchkey.ask(MeDocument, {}, { bearer })).me).toMatchObject({ email });
  });

  test('an expired Bearer answers 401 token-expired on every protected route, and a refresh helps', async () => {
    const { email } = await latchkey.person();
    const { access_token: bearer, refresh_token } = (await login(email)).body;
    latchkey.advance({ minutes: 61 });
    const expired = await api.get('/auth/me', { bearer });
    expect([expired.status, expired.body]).toEqual([401, failed('token-expired', 'JWT token expired')]);
    expect(expired.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    const { body } = await api.post('/auth/refresh-token', { refresh_token }, { bearer });
    expect((await api.get('/auth/me', { bearer: body.access_token })).status).toBe(200);
    // It is in nobody's way where nobody is asked for it: clients attach it everywhere.
    expect((await api.post('/auth/login', { username: email, password: PASSWORD }, { bearer })).status).toBe(200);
  });

  describe('the organization header', () => {
    const HEADER = 'x-organization-id';
    const someone = async () => {
      const ada = await latchkey.person();
      const [one, other] = [await tenant(latchkey, [[ada, 'MEMBER']]), await tenant(latchkey, [[ada, 'ADMIN']])];
      const foreign = await tenant(latchkey, []);
      return { ada, one, other, foreign };
    };

    test('is honoured on protected routes', async () => {
      const { ada, one, other, foreign } = await someone();
      const suspended = await tenant(latchkey, [[ada, 'OWNER']]);
      await latchkey.app.parts.database.prisma.organization.update({
        where: { id: suspended.id },
        data: { suspendedAt: new Date() },
      });
      const me = (organization?: string) =>
        api.get('/auth/me', {
          bearer: ada.accessToken,
          ...(organization === undefined ? {} : { headers: { [HEADER]: organization } }),
        });
      for (const { id } of [one, other]) {
        expect(await me(id)).toMatchObject({ status: 200, body: { id: ada.id, organization_id: id } });
      }
      expect(await me()).toMatchObject({ status: 200, body: { organization_id: null } });
      for (const id of [foreign.id, suspended.id, '123e4567-e89b-42d3-a456-426614174001']) {
        const { status, body } = await me(id);
        expect([status, body]).toEqual([403, failed('forbidden', 'You are not allowed to do this.')]);
      }
      const malformed = await me('acme');
      expect([malformed.status, malformed.body.error_code]).toEqual([400, 'bad-request']);
      const nobody = await api.get('/auth/me', { headers: { [HEADER]: one.id } });
      expect([nobody.status, nobody.body.error_code]).toEqual([401, 'bad-credentials']);
    });

    test('is ignored when signing in and refreshing, because clients send it with every request', async () => {
      const { ada, foreign } = await someone();
      for (const organization of ['acme', foreign.id]) {
        const headers = { [HEADER]: organization };
        const { body } = await api.post('/auth/login', { username: ada.email, password: PASSWORD }, { headers });
        const refreshed = await api.post('/auth/refresh-token', { refresh_token: body.refresh_token }, { headers });
        expect([refreshed.status, refreshed.body]).toEqual([200, THREE]);
        expect(claimsOf(refreshed.body.access_token)).not.toHaveProperty('org_id');
        const { refresh } = (await api.post('/api/auth/login/', { email: ada.email, password: PASSWORD })).body;
        expect((await api.post('/api/auth/refresh/', { refresh }, { headers })).status).toBe(200);
      }
    });
  });

  test('a missing, foreign or ended Bearer answers 401', async () => {
    const { id, email } = await latchkey.person();
    const { access_token: bearer } = (await login(email)).body;
    const code = async (token?: string) => {
      const { status, body } = await api.get('/auth/me', token === undefined ? {} : { bearer: token });
      return [status, body.error_code];
    };
    expect(await code()).toEqual([401, 'bad-credentials']);
    expect(await code('x.y.z')).toEqual([401, 'bad-credentials']);
    await latchkey.app.parts.database.prisma.session.updateMany({
      where: { userId: id },
      data: { endedAt: new Date(), endReason: 'logout' },
    });
    expect(await code(bearer)).toEqual([401, 'token-expired']);
  });

  test('a refresh token that is used up, replayed or none answers 401 token-expired', async () => {
    const { email } = await latchkey.person();
    const { refresh_token } = (await login(email)).body;
    const next = (await api.post('/auth/refresh-token', { refresh_token })).body;
    expect((await api.get('/auth/me', { bearer: next.access_token })).status).toBe(200);
    latchkey.advance({ minutes: 1 });
    for (const token of [refresh_token, next.refresh_token, next.access_token, 'x', '']) {
      const { status, body } = await api.post('/auth/refresh-token', { refresh_token: token });
      expect([status, body]).toEqual([401, failed('token-expired', 'JWT token expired')]);
    }
  });

  test('an account that is disabled answers inactive-account, after the right password only', async () => {
    const { id, email } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: new Date() } });
    expect((await login(email, 'wrong')).body.error_code).toBe('bad-credentials');
    const { status, body } = await login(email);
    expect([status, body]).toEqual([401, failed('inactive-account', 'Account has been disabled/deleted')]);
  });

  test('a resend code sends the email again, but not once the address is verified', async () => {
    const email = await unverified();
    const { resend_code } = (await login(email)).body.extra_attributes;
    expect((await login(email)).body.extra_attributes.resend_code).toBe(resend_code);
    latchkey.advance({ minutes: 2 });
    const resent = await api.post('/auth/resend-validation', { resend_code });
    expect([resent.status, resent.body]).toEqual([200, { message: 'Validation email sent' }]);
    const { code } = await latchkey.mailTo(email, 2);
    const soon = await api.post('/auth/resend-validation', { resend_code });
    expect([soon.status, soon.body.error_code]).toEqual([429, 'too-many-attempts']);
    expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(0);
    await api.post('/api/auth/verify-email/', { email, otp: code });
    latchkey.advance({ minutes: 2 });
    expect((await api.post('/auth/resend-validation', { resend_code })).status).toBe(200);
  });

  test('a resend code names nobody, and one of another making finds nobody', async () => {
    const email = await unverified();
    const { user } = latchkey.app.parts.database.prisma;
    const { id } = await user.findUniqueOrThrow({ where: { email } });
    expect((await login(email)).body.extra_attributes.resend_code).not.toBe(id);
    for (const resend_code of [id, 'd2e93fb1-5541-4a90-8215-ca1ebcdcab8b', 'x', '']) {
      const { status, body } = await api.post('/auth/resend-validation', { resend_code });
      expect([status, body.error_code]).toEqual([400, 'invalid-code']);
    }
  });

  test('the trace id comes from traceparent or is generated, and is in the log line of the request', async () => {
    const traced = async (traceparent?: string) => {
      const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent };
      const answer = await api.post('/auth/login', { username: 'nobody', password: 'x' }, { headers });
      const id = answer.headers.get('x-request-id');
      const line = latchkey
        .logged()
        .split('\n')
        .find((each) => each.includes(`"requestId":"${id}"`) && each.includes('"msg":"request"'));
      expect(JSON.parse(line ?? '{}').traceId).toBe(answer.body.trace_id);
      return answer.body.trace_id;
    };
    expect(await traced('00-4bf92f3577b34da62835818043d277b0-00f067aa0ba902b7-01')).toBe('2835818043d277b0');
    const malformed = [
      '00-4bf92f3577b34da62835818043d277b0-00f067aa0ba902b7',
      'ff-4bf92f3577b34da62835818043d277b0-00f067aa0ba902b7-01',
      '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
      '00-4bf92f3577b34da62835818043d277b0-0000000000000000-01',
      '00-4BF92F3577B34DA62835818043D277B0-00f067aa0ba902b7-01',
      '{"error_code":"x"}',
    ];
    const made = new Set([await traced()]);
    for (const traceparent of malformed) made.add(await traced(traceparent));
    expect(made.size).toBe(malformed.length + 1);
    for (const id of made) expect(id).toMatch(TRACE_ID);
    expect(made.has('2835818043d277b0')).toBe(false);
  });
});
