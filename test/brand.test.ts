/** The operator's name, color and pages, in everything that their users see. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { RegisterDocument, RequestPasswordResetDocument, StartTotpSetupDocument } from './generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from './support/latchkey.ts';

const BRAND = {
  APP_NAME: 'Acme & Söhne',
  APP_URL: 'https://app.acme.test/',
  SUPPORT_EMAIL: 'help@acme.test',
  BRAND_COLOR: '#FFCC00',
  RESET_PASSWORD_URL: 'https://app.acme.test/reset?from=mail',
};

describe('the brand', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: BRAND });
  });
  afterAll(() => latchkey.close());

  const registered = async (locale = 'en') => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD, locale } });
    return latchkey.mailTo(email);
  };

  test('is in the subject, heading, button and foot of emails', async () => {
    const mail = await registered();
    expect(mail.subject).toBe(`Acme & Söhne: ${mail.code} is your code`);
    expect(mail.text).toContain('Questions? Write to help@acme.test.\nAcme & Söhne · https://app.acme.test/');
    expect(mail.html).toContain('>Acme &amp; Söhne</td>');
    expect(mail.html).toContain('background-color:#ffcc00;color:#000000');
    expect(mail.html).not.toMatch(/#3730a3|#4f46e5/);
  });

  test('is what emails call the service, and the name of their sender', async () => {
    const mail = await registered();
    expect(mail.text).toContain('was used to create an account at Acme & Söhne.');
    expect(`${mail.subject}${mail.text}`).not.toMatch(/Latchkey|auth\.example\.test(?!\/)/);
    const sender = (env: Record<string, string>) =>
      parseConfig({ PUBLIC_URL: 'https://auth.acme.test', SMTP_URL: 'smtp://127.0.0.1', ...env }).mail;
    expect(sender(BRAND)).toMatchObject({ from: 'Acme & Söhne <no-reply@auth.acme.test>' });
    expect(sender({ ...BRAND, MAIL_FROM: 'hi@acme.test' })).toMatchObject({ from: 'Acme & Söhne <hi@acme.test>' });
    expect(sender({ ...BRAND, MAIL_FROM: 'Bo <hi@acme.test>' })).toMatchObject({ from: 'Bo <hi@acme.test>' });
    expect(sender({})).toMatchObject({ from: 'Latchkey <no-reply@auth.acme.test>' });
  });

  test('is in the pages, which lead to the app when they are done', async () => {
    const { link = '' } = await registered('de');
    const { pathname, search, searchParams } = new URL(link ?? '');
    const opened = await latchkey.fetch(`${pathname}${search}`);
    const html = await opened.text();
    expect(html).toContain('<p class="brand">Acme &amp; Söhne</p>');
    expect(html).toContain('href="mailto:help@acme.test"');
    expect(html).not.toContain('Latchkey');
    const [, sheet = ''] = /<style>(.*)<\/style>/s.exec(html) ?? [];
    const hash = createHash('sha256').update(sheet).digest('base64');
    expect(opened.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
    const body = new URLSearchParams({ token: searchParams.get('token') ?? '', lang: 'de' });
    const done = await (await latchkey.fetch('/verify-email', { method: 'POST', body })).text();
    expect(done).toContain('<a class="button" href="https://app.acme.test/">Weiter zu Acme &amp; Söhne</a>');
  });

  test('is what an authenticator app shows next to its codes', async () => {
    const { email, accessToken: bearer } = await latchkey.person();
    const { startTotpSetup } = await latchkey.ask(StartTotpSetupDocument, {}, { bearer });
    if (startTotpSetup.__typename !== 'StartTotpSetupSuccess') throw new Error(startTotpSetup.__typename);
    const { pathname, searchParams } = new URL(startTotpSetup.otpauthUri);
    expect([decodeURIComponent(pathname), searchParams.get('issuer')]).toEqual([
      `/Acme & Söhne:${email}`,
      'Acme & Söhne',
    ]);
  });

  test('a link leads to the page of the front end, with the token where no server sees it', async () => {
    const { email } = await latchkey.person();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    const { text } = await latchkey.mailTo(email, 2);
    expect(text).toMatch(/^https:\/\/app\.acme\.test\/reset\?from=mail#token=[\w-]{64}&lang=en$/m);
  });
});

test.each([
  ['APP_NAME', 'a\u202eb'],
  ['APP_NAME', 'Acme <script>'],
  ['APP_NAME', 'x'.repeat(41)],
  ['APP_URL', 'http://app.acme.test'],
  ['APP_URL', 'javascript:alert(1)'],
  ['SUPPORT_EMAIL', 'help'],
  ['BRAND_COLOR', 'red;}body{display:none'],
  ['BRAND_COLOR', '#fc0'],
  ['VERIFY_EMAIL_URL', 'https://app.acme.test/#/verify'],
  ['UNDO_EMAIL_CHANGE_URL', 'http://app.acme.test/undo'],
  ['RESET_PASSWORD_URL', 'https://me@app.acme.test/reset'],
])('%s does not take %s', (name, value) => {
  const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.acme.test', SMTP_URL: 'smtp://127.0.0.1' };
  const secret = { DATABASE_URL: 'postgresql://a@127.0.0.1/a', SECRET: 'w7Rk2pXq9LmZ4vTn8bHy3cJd6fGs1aQe5uWi0oEr' };
  expect(() => parseConfig({ ...production, ...secret, [name]: value })).toThrow(
    new RegExp(`^Invalid settings:\\n  ${name}: [^\\n]+$`),
  );
});
