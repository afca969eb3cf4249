/** The operator's name, color and pages, in everything that their users see. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { RegisterDocument, RequestPasswordResetDocument, StartTotpSetupDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

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
    // None of our indigo is left, in light and in dark mode.
    expect(mail.html).not.toMatch(/#3730a3|#4f46e5|#c7d2fe|#312e81|#eef2ff(?!!)|#1e1b4b/);
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

/** The smallest PNG there is: one transparent pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SVG =
  '<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

describe('the logo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-logo-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const inFile = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const withLogo = async (logo: string) => {
    const latchkey = await startLatchkey({ env: { APP_NAME: 'Acme', BRAND_LOGO: logo } });
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    const mail = await latchkey.mailTo(email);
    const page = await latchkey.fetch('/verify-email');
    const html = await page.text();
    const [, source = ''] =
      /<p class="brand"><img class="logo" src="([^"]+)" alt="Acme" height="40"><\/p>/.exec(html) ?? [];
    const policy = page.headers.get('content-security-policy') ?? '';
    const served = await Promise.all(['/brand-logo', '/favicon.ico'].map((path) => latchkey.fetch(path)));
    await latchkey.close();
    return { mail, source, policy, served, html };
  };

  test('a file is in pages, served by us, and comes with emails', async () => {
    const { mail, source, policy, served } = await withLogo(inFile('logo.png', PIXEL));
    expect(source).toMatch(/^brand-logo\?v=[0-9a-f]{16}$/);
    expect(policy).toContain("img-src data: 'self';");
    for (const image of served) {
      expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(Buffer.from(await image.arrayBuffer())).toEqual(PIXEL);
    }
    expect(mail.html).toContain('<img class="logo" src="cid:logo" alt="Acme" height="40"');
    const [attached] = mail.attachments;
    expect(mail.attachments).toHaveLength(1);
    expect(attached).toMatchObject({ mimeType: 'image/png', disposition: 'inline', contentId: '<logo>' });
    expect(Buffer.from(attached?.content as ArrayBuffer)).toEqual(PIXEL);
  });

  test('an SVG is in pages, where it can do nothing; emails have the name, as most mail clients show no SVG', async () => {
    const { mail, source, served } = await withLogo(inFile('logo.svg', SVG));
    expect(source).toMatch(/^brand-logo/);
    expect(served[0]?.headers.get('content-type')).toBe('image/svg+xml');
    expect(served[0]?.headers.get('content-security-policy')).toMatch(/default-src 'none';.*sandbox/);
    expect(mail.attachments).toEqual([]);
    expect(mail.html).not.toContain('<img');
    expect(mail.html).toContain('>Acme</td>');
  });

  test('an address is where both find it, and the policy allows its origin alone', async () => {
    const { mail, source, policy, served } = await withLogo('https://cdn.acme.test/logo.png?a=1&b=2');
    expect(source).toBe('https://cdn.acme.test/logo.png?a=1&amp;b=2');
    expect(policy).toContain('img-src data: https://cdn.acme.test;');
    expect(mail.html).toContain('src="https://cdn.acme.test/logo.png?a=1&amp;b=2" alt="Acme"');
    expect(mail.attachments).toEqual([]);
    expect(served.map(({ status }) => status)).toEqual([404, 204]);
  });

  test.each([
    ['a file that is not there', () => join(folder, 'none.png'), /^cannot be read \(ENOENT\): /],
    ['text', () => inFile('logo.txt', 'Acme'), /^is not an image: /],
    ['a page', () => inFile('logo.html', '<html><svg></svg></html>'), /^is not an image: /],
    ['an empty file', () => inFile('empty.png', ''), /^is not an image: /],
    ['more than 200 kB', () => inFile('large.png', Buffer.concat([PIXEL, Buffer.alloc(200_000)])), /^has 201 kB; /],
    ['http', () => 'http://cdn.acme.test/logo.png', /^must be a file, or an address such as https:/],
    ['data', () => 'data:image/png;base64,AAAA', /^must be a file, or an address such as https:/],
    ['an address with a password', () => 'https://a:b@cdn.acme.test/logo.png', /^must be a file, or an address/],
  ])('BRAND_LOGO does not take %s', (_, logo, problem) => {
    const parse = () => parseConfig({ BRAND_LOGO: logo() }, () => '', readFileSync);
    expect(parse).toThrow(/^Invalid settings:\n {2}BRAND_LOGO: [^\n]+$/);
    expect(parse).toThrow(new RegExp(`BRAND_LOGO: ${problem.source.slice(1)}`));
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
