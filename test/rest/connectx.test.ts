import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe('the ConnectX API', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());
  const post = (path: string, body: unknown) =>
    latchkey.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('a login answers, with and without the last slash', async () => {
    const { email } = await latchkey.person();
    for (const path of ['/api/auth/login/', '/api/auth/login']) {
      expect((await post(path, { email, password: PASSWORD })).status).toBe(200);
    }
  });
});
