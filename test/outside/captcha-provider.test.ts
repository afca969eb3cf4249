import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RequestLoginDocument } from '../generated/graphql.ts';
import { type CaptchaProvider, startCaptchaProvider } from '../support/captcha-provider.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { tokensOf, vaultClient } from '../support/vault.ts';

const CAPTCHA_SECRET = 'a secret between the service and the provider';

describe('resending with a captcha', () => {
  let provider: CaptchaProvider;
  let latchkey: Latchkey;
  let vault: ReturnType<typeof vaultClient>;
  let email: string;
  let userToken: string;
  beforeAll(async () => {
    provider = await startCaptchaProvider();
    const captcha = { CAPTCHA_PROVIDER: 'turnstile', CAPTCHA_SECRET, CAPTCHA_VERIFY_URL: provider.url };
    latchkey = await startLatchkey({ env: captcha });
    vault = vaultClient(latchkey);
  });
  beforeEach(async () => {
    provider.asked.length = 0;
    provider.answers({ body: '{"success":true}' });
    email = latchkey.address();
    ({ userToken } = tokensOf(await vault.register(email)));
    latchkey.advance({ minutes: 1 });
  });
  afterAll(async () => {
    await latchkey.close();
    await provider.close();
  });

  const resend = (capcha: string, bearer = userToken) =>
    vault.get(`/api/resend-email-verification?capcha=${encodeURIComponent(capcha)}`, bearer, '203.0.113.9');

  test('who solved it gets the email', async () => {
    tokensOf(await resend('solved & <signed>'));
    await latchkey.mailTo(email, 2);
    expect(provider.asked).toEqual([
      {
        method: 'POST',
        contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
        form: { secret: CAPTCHA_SECRET, response: 'solved & <signed>', remoteip: '203.0.113.9' },
      },
    ]);
  });

  test('who did not is told so, and has lost no email', async () => {
    for (const code of ['invalid-input-response', 'timeout-or-duplicate']) {
      provider.answers({ body: JSON.stringify({ success: false, 'error-codes': [code] }) });
      expect(await resend('wrong')).toMatchObject({
        status: 400,
        body: { statusCode: 400, message: 'The captcha was not solved. Please try again.', error: 'Bad Request' },
      });
    }
    provider.answers({ body: '{"success":true}' });
    tokensOf(await resend('solved'));
  });

  test('a provider is asked only about an answer, and only for someone with a token', async () => {
    expect((await resend('')).status).toBe(400);
    expect((await vault.get('/api/resend-email-verification', userToken)).status).toBe(400);
    expect((await resend('x'.repeat(8193))).status).toBe(400);
    expect((await resend('solved', 'nobody')).status).toBe(401);
    expect(provider.asked).toEqual([]);
  });

  test.each([
    ['refuses our secret', { body: '{"success":false,"error-codes":["invalid-input-secret"]}' }],
    ['has a fault', { status: 500, body: 'oops' }],
    ['answers something else', { body: '[]' }],
    ['answers nothing', { body: 'null' }],
    ['sends us elsewhere', { status: 307, body: '', location: 'http://127.0.0.1:9/' }],
  ])('while the provider %s the door stays closed', async (_what, answer) => {
    provider.answers(answer);
    const refused = await resend('solved');
    expect(refused).toMatchObject({ status: 503, body: { statusCode: 503, error: 'Service Unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(latchkey.logged()).toContain('captcha provider');
    provider.answers({ body: '{"success":true}' });
    tokensOf(await resend('solved'));
  });

  test('no secret of it is in the log', async () => {
    await resend('an answer that nobody should read');
    expect(latchkey.logged()).not.toContain(CAPTCHA_SECRET);
    expect(latchkey.logged()).not.toMatch(/an(?: |%20|\+)answer/);
  });

  test('a provider that does not answer is waited for a few seconds only', async () => {
    provider.answers('hang');
    const startedAt = performance.now();
    expect((await resend('solved')).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    provider.answers({ body: '{"success":true}' });
    tokensOf(await resend('solved'));
  });

  test('requestLogin asks for one before it sends an email', async () => {
    const ask = async (captcha: string | null) => {
      const { requestLogin } = await latchkey.ask(RequestLoginDocument, {
        input: { email: latchkey.address(), captcha },
      });
      return requestLogin;
    };
    expect(await ask(null)).toMatchObject({ fieldErrors: [{ path: ['captcha'], code: 'REQUIRED' }] });
    expect((await ask('solved')).__typename).toBe('RequestLoginSuccess');
    provider.answers({ body: '{"success":false}' });
    expect(await ask('guessed')).toMatchObject({ fieldErrors: [{ path: ['captcha'], code: 'NOT_ALLOWED' }] });
    provider.answers({ status: 500, body: '' });
    expect((await ask('solved')).__typename).toBe('ServiceBusyError');
  });
});

test.each([
  ['recaptcha', 400, 'is believed from 0.5 on: it says how human someone looks'],
  ['hcaptcha', 200, 'means the contrary, and is not looked at'],
])('a score of %s (%i for 0.4) %s', async (name, status) => {
  const provider = await startCaptchaProvider();
  const captcha = { CAPTCHA_PROVIDER: name, CAPTCHA_SECRET, CAPTCHA_VERIFY_URL: provider.url };
  const latchkey = await startLatchkey({ env: captcha });
  const vault = vaultClient(latchkey);
  const resend = async (score: number) => {
    provider.answers({ body: JSON.stringify({ success: true, score }) });
    const { userToken } = tokensOf(await vault.register(latchkey.address()));
    latchkey.advance({ minutes: 1 });
    return (await vault.get('/api/resend-email-verification?capcha=x', userToken)).status;
  };
  expect(await resend(0.4)).toBe(status);
  expect(await resend(0.5)).toBe(200);
  await provider.close();
  await latchkey.close();
});
