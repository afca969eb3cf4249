import { describe, expect, test } from 'vitest';
import { LOCALES, type Locale } from '#core/locale.ts';
import { mailedLink } from '#core/mail/mail-link.ts';
import type { PageOutcome } from '#pages/link-page.ts';
import { createLinkPages } from '#pages/link-pages.ts';
import { ACCEPT_INVITATION_TEXTS } from '#pages/texts/accept-invitation-texts.ts';
import { CHANGE_EMAIL_TEXTS } from '#pages/texts/change-email-texts.ts';
import { type Acceptance, acceptanceOf } from '#pages/texts/invitation-text.ts';
import { REJECT_REGISTRATION_TEXTS } from '#pages/texts/reject-registration-texts.ts';
import { RESET_PASSWORD_TEXTS } from '#pages/texts/reset-password-texts.ts';
import { RESET_SECOND_FACTORS_TEXTS } from '#pages/texts/reset-second-factors-texts.ts';
import { UNDO_ACCOUNT_DELETION_TEXTS } from '#pages/texts/undo-account-deletion-texts.ts';
import { UNDO_EMAIL_CHANGE_TEXTS } from '#pages/texts/undo-email-change-texts.ts';
import { UNDO_SECURITY_CHANGE_TEXTS } from '#pages/texts/undo-security-change-texts.ts';
import { VERIFY_EMAIL_TEXTS } from '#pages/texts/verify-email-texts.ts';
import { MENTIONS_PASSWORD } from '../support/mentions-password.ts';

const TOKEN = 'T0ken_-'.repeat(9);
const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const PAGES = [
  'verify-email',
  'reject-registration',
  'reset-password',
  'change-email',
  'undo-email-change',
  'undo-account-deletion',
  'undo-security-change',
  'reset-second-factors',
  'accept-invitation',
] as const;
const TEXTS = {
  'verify-email': VERIFY_EMAIL_TEXTS,
  'reject-registration': REJECT_REGISTRATION_TEXTS,
  'reset-password': RESET_PASSWORD_TEXTS,
  'change-email': CHANGE_EMAIL_TEXTS,
  'undo-email-change': UNDO_EMAIL_CHANGE_TEXTS,
  'undo-account-deletion': UNDO_ACCOUNT_DELETION_TEXTS,
  'undo-security-change': UNDO_SECURITY_CHANGE_TEXTS,
  'reset-second-factors': RESET_SECOND_FACTORS_TEXTS,
  'accept-invitation': ACCEPT_INVITATION_TEXTS,
};
const INVITATION = { organizationName: '"><script>alert(1)</script>', inviterName: 'Ada & Co' };
const FACTS = {
  accountName: '<b>Mallory</b>',
  username: null,
  registeredAt: new Date(0),
  device: null,
  ipAddress: null,
};
const REGISTRATION = {
  origin: 'registered' as const,
  note: null,
  rows: [['Name', '<b>Mallory</b>'] as const],
  facts: FACTS,
};
const everyPage = PAGES.flatMap((page) => LOCALES.map((locale) => ({ page, locale })));

/** The pages with actions that have the given outcome, and the inputs that the actions received. */
function pagesWith(
  outcome: PageOutcome = { kind: 'done' },
  acceptance: Acceptance = null,
  { hasPasswords = true, isOut = false } = {},
) {
  const given: Record<string, string>[] = [];
  const act = async (_: unknown, input: Record<string, string>) => {
    given.push(input);
    return outcome;
  };
  const pages = createLinkPages({
    verifyEmail: act,
    resetPassword: act,
    confirmEmailChange: act,
    undoEmailChange: act,
    undoAccountDeletion: act,
    undoSecurityChange: act,
    resetSecondFactors: act,
    declineInvitation: act,
    rejectRegistration: act,
    showRegistration: async (_, { token }) => (token === TOKEN ? REGISTRATION : null),
    showEmailChange: async (_, { token }) => (token === TOKEN ? 'The account uses j***@example.test.' : null),
    showPasswordReset: async (_, { token }) => (token === TOKEN ? { email: '"><script>@example.test' } : null),
    showSecurityChange: async (_, { token }) => (token === TOKEN ? { at: '25 November', device: 'Firefox' } : null),
    showInvitation: async (_, { token }) => {
      if (isOut) throw new Error('The database is out of reach.');
      return token === TOKEN ? INVITATION : null;
    },
    acceptance: () => acceptance,
    unexpected: () => ({ kind: 'failed' }),
    passwordMinLength: 12,
    hasPasswords,
  });
  const read = async (response: Response) => ({
    status: response.status,
    headers: response.headers,
    html: await response.text(),
  });
  return {
    given,
    get: async (path: string, headers: Record<string, string> = {}) => read(await pages.request(path, { headers }, {})),
    request: async (path: string, init: RequestInit) => read(await pages.request(path, init, {})),
    post: async (page: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      read(await pages.request(`/${page}`, { method: 'POST', body: new URLSearchParams(form), headers }, {})),
  };
}

/** What a browser without JavaScript would send for the form of a page. */
function formIn(html: string): { action: string; method: string; fields: Record<string, string> } {
  const [, attributes = '', inside = ''] = /<form ([^>]*)>(.*)<\/form>/s.exec(html) ?? [];
  const attribute = (tag: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  const inputs = [...inside.matchAll(/<input [^>]*>/g)].map(([tag]) => [
    attribute(tag, 'name'),
    attribute(tag, 'value'),
  ]);
  return {
    action: attribute(attributes, 'action'),
    method: attribute(attributes, 'method'),
    fields: Object.fromEntries(inputs),
  };
}

describe.each(everyPage)('the page /$page in $locale', ({ page, locale }) => {
  const path = mailedLink('', page, TOKEN, locale);
  const texts = TEXTS[page][locale];

  test('opening the link shows what the button does and changes nothing; submitting the form does it', async () => {
    const { get, post, given } = pagesWith();
    const opened = await get(path);
    expect(opened.status).toBe(200);
    expect(given).toEqual([]);
    for (const text of [texts.title, texts.intro, texts.button]) expect(opened.html).toContain(text);

    const form = formIn(opened.html);
    expect(form).toMatchObject({ action: page, method: 'post', fields: { token: TOKEN, lang: locale } });
    const password = page === 'reset-password' ? { newPassword: ' päss wörd \u{1f511} ' } : {};
    const result = await post(page, { ...form.fields, ...password });
    expect(result.status).toBe(200);
    expect(result.html).toContain(texts.done.title);
    expect(given).toEqual([{ token: TOKEN, ...password }]);
  });

  test('it is a complete and safe document', async () => {
    const { get } = pagesWith();
    const { html, headers } = await get(path);
    expectSafePage(html, headers, locale);
    expect(html).toMatch(/<form method="post"[^>]*>/);
    // Nobody is kept from pasting, or from using a password manager (OWASP ASVS 5.0, 6.2.6 and 6.2.7).
    const passwords = [...html.matchAll(/<input [^>]*name="newPassword"[^>]*>/g)];
    expect(passwords).toHaveLength(page === 'reset-password' ? 1 : 0);
    for (const [field] of passwords) {
      expect(field).toContain('type="password"');
      expect(field).toContain('autocomplete="new-password"');
      expect(field).not.toMatch(/maxlength|onpaste|readonly/);
    }
    // Every visible field has a label, and the elements that describe it exist.
    for (const [, id] of html.matchAll(/<input type="password" id="([^"]+)"/g))
      expect(html).toContain(`<label for="${id}">`);
    for (const [, ids = ''] of html.matchAll(/aria-describedby="([^"]+)"/g)) {
      for (const id of ids.split(' ')) expect(html).toContain(`id="${id}"`);
    }
  });

  test('every outcome is a friendly page in the same language', async () => {
    const form = { token: TOKEN, lang: locale, newPassword: 'pa55 phr4se' };
    const invalid = await pagesWith({ kind: 'invalid' }).post(page, form);
    expect(invalid.status).toBe(410);
    expect(invalid.html).toContain(texts.invalid.text);
    expect(invalid.html).not.toContain(TOKEN);

    const wait = await pagesWith({ kind: 'wait', retryAfterSeconds: 299.2 }).post(page, form);
    expect([wait.status, wait.headers.get('retry-after')]).toEqual([429, '300']);
    expect(wait.html).toMatch(/5[\s\u00a0](minutes|Minuten|minutos)/);
    expect(formIn(wait.html).fields).toMatchObject({ token: TOKEN });

    const busy = await pagesWith({ kind: 'busy', retryAfterSeconds: 0 }).post(page, form);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    expect(formIn(busy.html).fields).toMatchObject({ token: TOKEN });

    const failed = await pagesWith({ kind: 'failed' }).post(page, form);
    expect(failed.status).toBe(500);
    for (const { html, headers } of [invalid, wait, busy, failed]) {
      expectSafePage(html, headers, locale);
      expect(html).not.toContain('pa55 phr4se');
    }
  });
});

test('a page that cannot be prepared says so as a page, when it is opened and when its form is answered', async () => {
  const { get, post } = pagesWith({ kind: 'wait', retryAfterSeconds: 60 }, null, { isOut: true });
  const path = mailedLink('', 'accept-invitation', TOKEN, 'de');
  for (const answer of [await get(path), await post('accept-invitation?lang=de', { token: TOKEN, lang: 'de' })]) {
    expect(answer.status).toBe(500);
    expect(answer.html).toContain('Etwas ist schiefgegangen');
    expectSafePage(answer.html, answer.headers, 'de');
  }
});

test.each(LOCALES)('where passwords do not sign in, no page mentions one, in %s', async (locale) => {
  const read: string[] = [];
  for (const page of PAGES) {
    for (const kind of ['done', 'invalid', 'failed'] as const) {
      const { get, post } = pagesWith({ kind }, null, { hasPasswords: false });
      const form = { token: TOKEN, lang: locale };
      read.push((await get(`/${page}?token=other-${TOKEN}&lang=${locale}`)).html);
      // The service shows no form for a new password there, and accepts none.
      if (page === 'reset-password' && kind !== 'invalid') continue;
      read.push((await post(page, form)).html);
      if (page !== 'reset-password') read.push((await get(mailedLink('', page, TOKEN, locale))).html);
    }
  }
  const words = read.map((html) => html.replace(/<style>.*?<\/style>/s, '').replaceAll('action="reset-password"', ''));
  expect(words.filter((html) => MENTIONS_PASSWORD.test(html))).toEqual([]);
});

test.each(LOCALES)(
  'after a refused password the form lists all problems in %s, without the password',
  async (locale) => {
    const problems = ['TOO_SHORT', 'TOO_LONG', 'INVALID_CHARACTERS', 'TOO_COMMON', 'CONTAINS_PERSONAL_DATA'] as const;
    const { post } = pagesWith({ kind: 'rejected', problems });
    const { status, html, headers } = await post('reset-password', {
      token: TOKEN,
      lang: locale,
      newPassword: 'pa55w0rd!',
    });
    expect(status).toBe(422);
    expectSafePage(html, headers, locale);
    for (const problem of problems) expect(html).toContain(RESET_PASSWORD_TEXTS[locale].problems[problem](12));
    expect(html).toMatch(/id="problem" role="alert"/);
    expect(html).toMatch(/<input type="password"[^>]*aria-invalid="true" aria-describedby="problem requirements"/);
    expect(html).toMatch(/<input type="password"[^>]*minlength="12" autocomplete="new-password"/);
    expect(html).not.toMatch(/maxlength|pa55w0rd/);
    expect(formIn(html).fields).toMatchObject({ token: TOKEN, newPassword: '' });
  },
);

describe.each(LOCALES)('an invitation, in %s', (locale) => {
  const texts = ACCEPT_INVITATION_TEXTS[locale];
  const path = `/accept-invitation?token=${TOKEN}&lang=${locale}`;

  test('is shown escaped; its one button is to accept, in the app, and declining is quiet', async () => {
    const { get, given } = pagesWith(
      { kind: 'done' },
      { url: `https://app.test/#token=${TOKEN}&lang=x`, app: '<Acme>' },
    );
    const { html, headers } = await get(path);
    expect(html).toContain('Ada &amp; Co');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain(texts.inApp('<Acme>').replace('<Acme>', '&lt;Acme&gt;'));
    const accept = `<a class="button" href="https://app.test/#token=${TOKEN}&amp;lang=x">${texts.accept}</a>`;
    expectSafePage(html.replace(accept, ''), headers, locale);
    expect(html.indexOf(accept)).toBeGreaterThan(0);
    expect(html.indexOf(accept)).toBeLessThan(html.indexOf('<form'));
    expect(html.match(/<button [^>]*>/g)).toEqual(['<button type="submit" class="plain">']);
    expect(html).not.toContain(texts.withoutApp);
    const ended = await get(`/accept-invitation?token=${TOKEN}0&lang=${locale}`);
    expect(ended.status).toBe(410);
    expect(ended.html).toContain(texts.invalid.title);
    expectSafePage(ended.html, ended.headers, locale);
    expect(given).toEqual([]);
  });

  test('says plainly that it is accepted elsewhere, if no setting says where', async () => {
    const { html } = await pagesWith().get(path);
    expect(html).toContain(texts.withoutApp);
    expect(html).not.toMatch(/<a class="button"/);
  });
});

test('an invitation is accepted at INVITATION_URL, or else in the app, which gets the token after the #', () => {
  const brand = { name: 'Acme', appUrl: 'https://app.test/', supportEmail: null, color: null, logo: null };
  const page = { 'accept-invitation': 'https://app.test/join?a=b' };
  const at = (settings: { appUrl: string | null; pageUrls: Partial<typeof page> }) =>
    acceptanceOf({ brand: { ...brand, appUrl: settings.appUrl }, pageUrls: settings.pageUrls }, TOKEN, 'fr')?.url;
  expect(at({ appUrl: brand.appUrl, pageUrls: page })).toBe(`https://app.test/join?a=b#token=${TOKEN}&lang=fr`);
  expect(at({ appUrl: brand.appUrl, pageUrls: {} })).toBe(`https://app.test/#invitationToken=${TOKEN}&lang=fr`);
  expect(at({ appUrl: 'https://app.test/#/start', pageUrls: {} })).toBe('https://app.test/#/start');
  expect(at({ appUrl: null, pageUrls: {} })).toBeUndefined();
});

test.each(LOCALES)(
  'the account to confirm is shown, escaped, with a button of its own to reject it, in %s',
  async (locale) => {
    const { get, post, given } = pagesWith();
    const { html, headers } = await get(`/verify-email?token=${TOKEN}&lang=${locale}`);
    expectSafePage(html, headers, locale);
    expect(html).toContain('<dt>Name</dt><dd><bdi>&lt;b&gt;Mallory&lt;/b&gt;</bdi></dd>');
    const { fields } = formIn(html);
    const [, action = ''] = /<button [^>]*formaction="([^"]+)"/.exec(html) ?? [];
    expect(action).toBe('reject-registration');
    const rejected = await post(action, fields);
    expect(rejected.html).toContain(REJECT_REGISTRATION_TEXTS[locale].done.title);
    expect(given).toEqual([{ token: TOKEN }]);
  },
);

test.each(PAGES)(
  '/%s: missing, malformed and hostile tokens get the same friendly page and reach no use case',
  async (page) => {
    const { get, post, given } = pagesWith();
    const answers = [];
    for (const token of ['', 'short', HOSTILE, 'x'.repeat(2000), `${TOKEN}%00`, `${TOKEN}\r\nX-Evil: 1`]) {
      answers.push(
        await get(`/${page}?token=${encodeURIComponent(token)}&lang=en`),
        await post(page, { token, lang: 'en' }),
      );
    }
    answers.push(await get(`/${page}`), await post(page, {}));
    for (const { status, html, headers } of answers) {
      expect(status).toBe(400);
      expect(html).toBe(answers[0]?.html);
      expect(html).toContain(TEXTS[page].en.invalid.title);
      expectSafePage(html, headers, 'en');
    }
    expect(given).toEqual([]);
  },
);

test.each(PAGES)(
  '/%s: the language comes from the link, then from the browser, and is English otherwise',
  async (page) => {
    const { get, post } = pagesWith();
    const langOf = (html: string) => /<html lang="([^"]*)"/.exec(html)?.[1];
    const german = { 'accept-language': 'fr;q=0.1, de-CH, en;q=0.5' };
    const base = `/${page}?token=${TOKEN}`;
    expect(langOf((await get(base)).html)).toBe('en');
    expect(langOf((await get(base, german)).html)).toBe('de');
    expect(langOf((await get(`${base}&lang=es-MX`, german)).html)).toBe('es');
    const hostile = await get(`${base}&lang=${encodeURIComponent(HOSTILE)}`, german);
    expect(langOf(hostile.html)).toBe('de');
    expectSafePage(hostile.html, hostile.headers, 'de');
    const posted = await post(page, { token: TOKEN, lang: HOSTILE }, { 'accept-language': HOSTILE });
    expectSafePage(posted.html, posted.headers, 'en');
  },
);

test.each(PAGES)('/%s: other methods, other content types and large bodies are refused', async (page) => {
  const { request, given } = pagesWith();
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers } = await request(`/${page}?token=${TOKEN}`, { method });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  }
  const head = await request(`/${page}?token=${TOKEN}`, { method: 'HEAD' });
  expect([head.status, head.html]).toEqual([200, '']);

  const json = { 'content-type': 'application/json' };
  expect(
    (await request(`/${page}`, { method: 'POST', body: JSON.stringify({ token: TOKEN }), headers: json })).status,
  ).toBe(415);
  const parts = new FormData();
  parts.set('token', TOKEN);
  expect((await request(`/${page}`, { method: 'POST', body: parts })).status).toBe(415);
  expect((await request(`/${page}`, { method: 'POST' })).status).toBe(415);
  const big = new URLSearchParams({ token: TOKEN, newPassword: 'x'.repeat(17_000) });
  const refused = await request(`/${page}`, { method: 'POST', body: big });
  expect(refused.status).toBe(413);
  expectSafePage(refused.html, refused.headers, 'en');
  expect(given).toEqual([]);
});

function expectSafePage(html: string, headers: Headers, locale: Locale): void {
  expect(headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(headers.get('content-language')).toBe(locale);
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-robots-tag')).toBe('noindex');
  const policy = headers.get('content-security-policy') ?? '';
  for (const directive of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy.split('; ')).toContain(directive);
  }
  expect(policy).toMatch(/style-src 'sha256-[A-Za-z0-9+/]{43}='/);
  expect(policy).not.toMatch(/unsafe|script-src|\*/);
  expect(html).toMatch(new RegExp(`^<!doctype html>\\n<html lang="${locale}" dir="ltr">`));
  expect(html.match(/<h1/g)).toHaveLength(1);
  expect(html.match(/<main/g)).toHaveLength(1);
  expect(html).toMatch(/<title>[^<]+ – Latchkey<\/title>/);
  expect(html).not.toMatch(/<script|<img|onerror|javascript:| style=|https?:\/\/|undefined|\[object/i);
}
