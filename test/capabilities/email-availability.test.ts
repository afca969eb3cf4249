import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { vaultClient } from '../support/vault.ts';

describe.each(['conceal', 'conceal-everywhere'])('checkEmailAvailability with ACCOUNT_DISCOVERY=%s', (discovery) => {
  let latchkey: Latchkey;
  let vault: ReturnType<typeof vaultClient>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { ACCOUNT_DISCOVERY: discovery } });
    vault = vaultClient(latchkey);
  });
  afterAll(() => latchkey.close());
  const exists = (email: string, ip?: string) => vault.get(`/api/exist-email/${email}`, undefined, ip);
  const told = discovery === 'conceal';

  test('it tells what a registration would', async () => {
    const { email } = await vault.person();
    expect(await exists(email)).toMatchObject({ status: 200, body: told });
    expect(await exists(email.toUpperCase())).toMatchObject({ status: 200, body: told });
    expect(await exists(latchkey.address())).toMatchObject({ status: 200, body: false });
  });

  test('an address may hold whatever an address may, encoded as a path asks for it', async () => {
    const email = `o'b+x%41y/z?a&b=#${process.pid}@example.test`;
    await vault.register(email);
    expect((await exists(encodeURIComponent(email))).body).toBe(told);
    expect((await exists(encodeURIComponent(email.replace('%41', 'A')))).body).toBe(false);
  });

  test('an account nobody verified is one until it is removed after thirty days', async () => {
    const email = latchkey.address();
    await vault.register(email);
    expect((await exists(email)).body).toBe(told);
    latchkey.advance({ days: 29 });
    await cleanUp(latchkey.app.parts);
    expect((await exists(email)).body).toBe(told);
    latchkey.advance({ days: 2 });
    await cleanUp(latchkey.app.parts);
    expect((await exists(email)).body).toBe(false);
  });

  test.each(['x', '%00@example.test', 'a%40b@example.test', '%zz', `${'a'.repeat(300)}@example.test`, '_@_', '%25'])(
    '%s is not an address',
    async (email) => {
      expect(await exists(email)).toMatchObject({ status: 400, body: { statusCode: 400, error: 'Bad Request' } });
    },
  );

  test('nobody tries a whole list: 30 in 5 minutes from one network, known and unknown alike', async () => {
    const { email } = await vault.person();
    const ip = '2001:db8:1:2::1';
    for (let asked = 0; asked < 30; asked++) {
      expect((await exists(asked % 2 === 0 ? email : latchkey.address(), ip)).status).toBe(200);
    }
    const refused = await exists(email, '2001:db8:1:2::2');
    expect(refused).toMatchObject({ status: 429, body: { statusCode: 429, error: 'Too Many Requests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await exists(email, '2001:db8:1:3::1')).status).toBe(200);
  });

  test('nobody tries a whole list by registering it: where that tells, it counts as asking', async () => {
    const { email } = await vault.person();
    const ip = '2001:db8:1:4::1';
    const register = (address: string) =>
      vault.post(
        '/api/users/',
        { name: 'Ada Example', email: address, password: 'seven green teapots' },
        undefined,
        ip,
      );
    const free = await Promise.all(Array.from({ length: 35 }, () => register(latchkey.address())));
    expect(new Set(free.map(({ status }) => status))).toEqual(new Set([201]));
    for (let asked = 0; asked < 30; asked++) expect((await register(email)).status).toBe(told ? 400 : 201);
    // Then it is refused whatever the address is, so that the refusal tells nothing.
    const answers = [await register(email), await register(latchkey.address()), await exists(email, ip)];
    expect(answers.map(({ status }) => status)).toEqual(told ? [429, 429, 429] : [201, 201, 200]);
    if (!told) return;
    expect(Object.keys(answers[0]?.body)).toEqual(['error']);
    expect(Number(answers[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    latchkey.advance({ seconds: 2 });
    expect((await register(latchkey.address())).status).toBe(201);
  });
});
