import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import type { Brand } from '#config/brand/brand-settings.ts';
import { describeClaim } from '#core/accounts/claimed-account.ts';
import { mailedLink } from '#core/mail/mail-link.ts';
import { createMailbox } from '#outside/mail/mailbox.ts';
import { createPages } from '#pages/pages.ts';
import { startLatchkey } from '../support/latchkey.ts';

const NO_BRAND = { name: null, appUrl: null, supportEmail: null, color: null, logo: null };
const LINK = mailedLink('http://localhost:4000', 'verify-email', 'T0ken_-'.repeat(9), 'en');

const CLAIM = { accountName: 'Ada', username: null, registeredAt: new Date(0), device: null, ipAddress: null };

function mailFor(to: string, name = 'Ada', brand?: Brand) {
  return verifyEmailEmail({
    to,
    name,
    locale: 'en',
    service: 'localhost',
    brand,
    code: '042137',
    link: LINK,
    rejectLink: LINK,
    codeMinutes: 10,
    linkHours: 24,
    account: describeClaim('created', CLAIM, { locale: 'en' }),
  });
}

describe('the development mailbox', () => {
  const mailbox = createMailbox('auth.example.test');
  const pages = createPages({ mailbox, passwordMinLength: 8, hasPasswords: true, brand: NO_BRAND, pageUrls: {} });
  const get = async (path: string) => {
    const response = await pages.request(path);
    return { status: response.status, headers: response.headers, html: await response.text() };
  };

  test('lists emails newest first, and shows each with its code, link, text and HTML', async () => {
    expect((await get('/dev/mailbox')).html).toContain('No email yet');
    mailbox.add(mailFor('old@example.com'), new Date('2030-01-02T03:04:05Z'));
    const { id } = mailbox.add(mailFor('new@example.com'), new Date('2030-01-02T03:05:06Z'));

    const list = await get('/dev/mailbox');
    expect(list.html.indexOf('new@example.com')).toBeLessThan(list.html.indexOf('old@example.com'));
    expect(list.html).toContain(`<a href="mailbox/${id}">042137 is your code</a>`);
    expect(list.html).toContain('2030-01-02 03:05:06 UTC');
    expect(list.headers.get('content-security-policy')).not.toContain('unsafe');

    const mail = await get(`/dev/mailbox/${id}`);
    expect(mail.html).toContain('<p class="code" id="code">042137</p>');
    expect(mail.html).toContain(`<a class="mail-link" href="${LINK.replace('&', '&amp;')}">`);
    // What each link is for.
    expect(mail.html).toContain('<h2>Confirm email address</h2><p><a class="mail-link"');
    for (const width of [600, 320]) {
      const frame = `<iframe sandbox="" width="${width}" title="HTML part, ${width} pixels wide" srcdoc="&lt;!doctype html&gt;`;
      expect(mail.html).toContain(frame);
    }
    expect(mail.html.indexOf('<iframe')).toBeLessThan(mail.html.indexOf('<pre>'));
    for (const { headers } of [list, mail]) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  test('has the emails as JSON, for tests of an app: newest first, all or those to one address', async () => {
    mailbox.add(mailFor('json@example.com'), new Date('2030-01-02T03:05:07Z'));
    mailbox.add(mailFor('other@example.com'), new Date('2030-01-02T03:05:08Z'));
    const read = async (query: string) => {
      const response = await pages.request(`/dev/mailbox.json${query}`);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(response.headers.get('content-type')).toBe('application/json');
      return ((await response.json()) as { mails: unknown[] }).mails;
    };
    const all = await read('');
    expect(all.slice(0, 2)).toMatchObject([{ to: 'other@example.com' }, { to: 'json@example.com' }]);
    const { text, html } = mailFor('json@example.com');
    expect(await read('?to=JSON@example.com')).toEqual([
      {
        id: expect.any(String),
        at: '2030-01-02T03:05:07.000Z',
        mail: 'verify-created-account',
        to: 'json@example.com',
        subject: '042137 is your code',
        code: '042137',
        links: [LINK],
        text,
        html,
      },
    ]);
    expect(await read('?to=nobody@example.com')).toEqual([]);
  });

  test('shows the logo that comes with an email, and has the colors of the operator', async () => {
    const file = { kind: 'file', type: 'image/png', bytes: Buffer.from('png'), version: '1' } as const;
    const brand = { ...NO_BRAND, name: 'Acme', color: '#ffcc00', logo: file };
    const box = createMailbox('localhost');
    const { id } = box.add(mailFor('ada@example.com', 'Ada', brand), new Date());
    const branded = createPages({ mailbox: box, passwordMinLength: 8, hasPasswords: true, brand, pageUrls: {} });
    const response = await branded.request(`/dev/mailbox/${id}`);
    expect(await response.text()).toContain(`src=&quot;data:image/png;base64,${file.bytes.toString('base64')}&quot;`);
    expect(response.headers.get('content-security-policy')).toContain("img-src data: 'self'");
    const list = await branded.request('/dev/mailbox');
    const [, sheet = ''] = /<style>(.*)<\/style>/s.exec(await list.text()) ?? [];
    expect(list.headers.get('content-security-policy')).toContain(createHash('sha256').update(sheet).digest('base64'));
  });

  test('an email cannot inject markup', async () => {
    const hostile = '</pre></iframe><script>alert(1)</script><img src=x onerror=alert(1)>';
    const mail = { ...mailFor('eve@example.com'), to: hostile, subject: hostile, text: hostile, html: `"${hostile}` };
    const { id } = mailbox.add(mail, new Date('2030-01-02T03:06:00Z'));
    for (const path of ['/dev/mailbox', `/dev/mailbox/${id}`])
      expect((await get(path)).html).not.toMatch(/<script|<img/);
  });

  test('an unknown email is a 404, and only GET is allowed', async () => {
    for (const id of ['999', '__proto__', '%00', '%3Cscript%3E'])
      expect((await get(`/dev/mailbox/${id}`)).status).toBe(404);
    for (const path of ['/dev/mailbox', '/dev/mailbox/1', '/dev/mailbox.json']) {
      const { status, headers } = await pages.request(path, { method: 'POST' });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  test.each(['evil.example', 'localhost.evil.example', 'auth.example.test.evil.example', '127.0.0.1.nip.example'])(
    'a page of another domain, made to point here, reads nothing: %s',
    async (host) => {
      const { id } = mailbox.add(mailFor('ada@example.com'), new Date('2030-01-02T03:07:00Z'));
      for (const path of ['/dev/mailbox', `/dev/mailbox/${id}`, '/dev/mailbox/999', '/dev/mailbox.json']) {
        const response = await pages.request(`http://${host}:4000${path}`);
        expect([response.status, await response.text()]).toEqual([403, expect.not.stringContaining('ada@')]);
      }
    },
  );

  test.each([
    'localhost:4000',
    'auth.localhost',
    '127.0.0.1:4000',
    '[::1]:4000',
    '172.17.0.2:4000',
    'auth.example.test',
  ])('is read at this machine, at an IP address, and at the host of PUBLIC_URL: %s', async (host) =>
    expect((await pages.request(`http://${host}/dev/mailbox`)).status).toBe(200),
  );

  test('on the network, the service says so at every start, and still knows its Host', async () => {
    const latchkey = await startLatchkey({ env: { SMTP_URL: '', MAILBOX: 'on' } });
    expect(latchkey.logged()).toMatch(/"level":"warn",.*"setting":"MAILBOX"/);
    expect((await latchkey.fetch('/dev/mailbox')).status).toBe(200);
    expect((await latchkey.app.fetch(new Request('http://evil.example/dev/mailbox'))).status).toBe(403);
    await latchkey.close();
  });

  test('does not exist if emails are sent by SMTP', async () => {
    const without = createPages({
      mailbox: null,
      passwordMinLength: 8,
      hasPasswords: true,
      brand: NO_BRAND,
      pageUrls: {},
    });
    for (const path of ['/dev/mailbox', '/dev/mailbox/1', '/dev/mailbox.json'])
      expect((await without.request(path)).status).toBe(404);
  });
});
