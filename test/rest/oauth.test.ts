import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { BILLING, basic, postForm, SERVICE_CLIENTS, SHOP } from '../support/oauth.ts';

describe('services that hold a client secret', () => {
  let latchkey: Latchkey;
  let token: string;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: SERVICE_CLIENTS });
    token = (await latchkey.person()).accessToken;
  });
  afterAll(() => latchkey.close());

  test('may show it by HTTP Basic, form-encoded or not, or in the body', async () => {
    const encoded = basic(encodeURIComponent('billing'), encodeURIComponent(BILLING));
    for (const authorization of [basic('billing', BILLING), encoded, basic('shop', SHOP).replace('Basic', 'bAsIc')]) {
      const { status, body, headers } = await postForm(latchkey, '/oauth/introspect', { token }, { authorization });
      expect([status, body?.['active'], headers.get('cache-control')]).toEqual([200, true, 'no-store']);
    }
    const form = { token, client_id: 'billing', client_secret: BILLING };
    expect((await postForm(latchkey, '/oauth/introspect', form, {})).body).toMatchObject({ active: true });
  });

  test.each(['/oauth/introspect', '/oauth/revoke'] as const)(
    '%s refuses everyone else, and tells nothing',
    async (path) => {
      const strangers: Record<string, [Record<string, string>, Record<string, string>]> = {
        nobody: [{}, {}],
        'a wrong secret': [{}, { authorization: basic('billing', `${BILLING}x`) }],
        'a shorter secret': [{}, { authorization: basic('billing', BILLING.slice(0, -1)) }],
        'the secret of another': [{}, { authorization: basic('billing', SHOP) }],
        'an unknown name': [{}, { authorization: basic('nobody', BILLING) }],
        'no secret': [{}, { authorization: basic('billing', '') }],
        'no base64': [{}, { authorization: 'Basic %%%' }],
        'no colon': [{}, { authorization: `Basic ${Buffer.from('billing').toString('base64')}` }],
        'bad percents': [{}, { authorization: basic('billing%', '%E0%A4%A') }],
        'a person': [{}, { authorization: `Bearer ${token}` }],
        'a wrong secret in the body': [{ client_id: 'billing', client_secret: 'x' }, {}],
        'a name alone': [{ client_id: 'billing' }, {}],
      };
      for (const [name, [form, headers]] of Object.entries(strangers)) {
        const refused = await postForm(
          latchkey,
          path,
          { token, ...form },
          headers,
          path === '/oauth/revoke' ? '192.0.2.1' : '192.0.2.2',
        );
        expect([name, refused.status, refused.headers.get('www-authenticate')]).toEqual([
          name,
          401,
          'Basic realm="latchkey"',
        ]);
        expect(refused.body).toEqual({ error: 'invalid_client', error_description: expect.any(String) });
      }
      expect((await latchkey.ask(MeDocument, {}, { bearer: token })).me).not.toBeNull();
    },
  );

  test('wrong secrets are counted by network, and do not stand in the way of a right one', async () => {
    const guess = (ip: string) =>
      postForm(latchkey, '/oauth/introspect', { token }, { authorization: basic('billing', 'guess') }, ip);
    const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await guess('198.51.100.7')).status));
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    const refused = await guess('198.51.100.7');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect((await guess('198.51.100.8')).status).toBe(401);
    const right = { authorization: basic('billing', BILLING) };
    expect((await postForm(latchkey, '/oauth/introspect', { token }, right, '198.51.100.7')).status).toBe(200);
    const failed = { name: 'service_client.failed', ipAddress: '198.51.100.7' };
    expect(await latchkey.app.parts.database.prisma.auditEvent.count({ where: failed })).toBe(20);
  });

  test('a request that is not a form with one token is a 400, another method a 405, a large body a 413', async () => {
    const right = { authorization: basic('billing', BILLING) };
    const json = { ...right, 'content-type': 'application/json' };
    const bad = [
      await postForm(latchkey, '/oauth/introspect', {}),
      await postForm(latchkey, '/oauth/introspect', { token: '' }),
      await postForm(latchkey, '/oauth/introspect', `token=${token}&token=${token}`),
      await postForm(latchkey, '/oauth/introspect', { token, client_secret: BILLING, client_id: 'billing' }),
      await postForm(latchkey, '/oauth/introspect', { token }, json),
    ];
    expect(bad.map(({ status, body }) => [status, body?.['error']])).toEqual(bad.map(() => [400, 'invalid_request']));
    const get = await latchkey.fetch(`/oauth/introspect?token=${token}`, { headers: right });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await postForm(latchkey, '/oauth/revoke', { token: 'x'.repeat(20_000) })).status).toBe(413);
  });

  test('neither the log nor the audit log contains secrets or tokens', async () => {
    const record = JSON.stringify(await latchkey.app.parts.database.prisma.auditEvent.findMany());
    for (const secret of [BILLING, SHOP, token]) {
      expect(latchkey.logged()).not.toContain(secret);
      expect(record).not.toContain(secret);
    }
  });
});
