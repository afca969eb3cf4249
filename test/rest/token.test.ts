import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NormalizedPassword } from '#outside/passwords/password-hasher.ts';
import { MeDocument, RegisterDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { A_JWT, type RestClient, restClient } from '../support/rest.ts';

describe('the Token API', () => {
  let latchkey: Latchkey;
  let api: RestClient;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    api = restClient(latchkey);
  });
  afterAll(() => latchkey.close());

  test('every documented example answers as documented', async () => {
    const { email } = await latchkey.person({ email: 'user@example.com' });
    // From before two common words were refused.
    const passwordHash = await latchkey.app.parts.passwordHasher.hash('secretpassword' as NormalizedPassword);
    await latchkey.app.parts.database.prisma.user.update({ where: { email }, data: { passwordHash } });
    const { status, body } = await api.form('/auth/login', 'username=user@example.com&password=secretpassword');
    expect([status, body]).toEqual([200, { access_token: expect.stringMatching(A_JWT), token_type: 'bearer' }]);
    expect(Object.keys(body)).toEqual(['access_token', 'token_type']);
    expect((await latchkey.ask(MeDocument, {}, { bearer: body.access_token })).me).toMatchObject({
      email: 'user@example.com',
    });
    const wrong = await api.form('/auth/login', 'username=user@example.com&password=wrong');
    expect([wrong.status, wrong.body]).toEqual([401, { error: 'Invalid credentials' }]);
  });

  test('the Organization API at the same address answers JSON: the content type decides', async () => {
    const { email } = await latchkey.person();
    const asked = { username: email, password: PASSWORD };
    expect(Object.keys((await api.post('/auth/login', asked)).body)).toHaveLength(3);
    expect(Object.keys((await api.form('/auth/login', asked)).body)).toHaveLength(2);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(Object.keys((await api.post('/auth/login/', asked, { headers })).body)).toHaveLength(3);
  });

  test('signs in by username, email address and phone number', async () => {
    const username = `joan.${process.pid}`;
    const { email } = await latchkey.person({ username, phone: '+49 151 5550188' });
    for (const name of [email, username, '+491515550188']) {
      expect((await api.form('/auth/login', { username: name, password: PASSWORD })).status).toBe(200);
    }
  });

  test('only the right password reveals that an account cannot be used', async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    const wrong = await api.form('/auth/login', { username: email, password: 'wrong' });
    expect([wrong.status, wrong.body]).toEqual([401, { error: 'Invalid credentials' }]);
    const right = await api.form('/auth/login', { username: email, password: PASSWORD });
    expect([right.status, right.body]).toEqual([401, { error: 'Please verify your email address before logging in.' }]);
  });

  test('a field that is missing, given twice or as a list answers 400', async () => {
    for (const form of [
      '',
      'username=a',
      'password=b',
      'username=a&username=b&password=c',
      'username[]=a&password=c',
      'username[x]=a&password=c',
      'username=a%00&password=c',
    ]) {
      const { status, body } = await api.form('/auth/login', form);
      expect([form, status, Object.keys(body)]).toEqual([form, 400, ['error']]);
    }
  });
});

describe('POST /auth/login, which two APIs share', () => {
  test('with one of them switched off the other still works, and refuses bodies of the other', async () => {
    for (const [on, works, refused, key] of [
      ['organization', 'post', 'form', 'error_code'],
      ['token', 'form', 'post', 'error'],
    ] as const) {
      const latchkey = await startLatchkey({ env: { REST_APIS: on } });
      const api = restClient(latchkey);
      const { email } = await latchkey.person();
      const asked = { username: email, password: PASSWORD };
      expect((await api[works]('/auth/login', asked)).status).toBe(200);
      const { status, body } = await api[refused]('/auth/login', asked);
      expect(status).toBe(400);
      expect(body).toHaveProperty(key);
      await latchkey.close();
    }
  });
});
