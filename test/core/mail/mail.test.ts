import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressInUseEmail } from '#capabilities/change-email/address-in-use.email.ts';
import { changeEmailEmail } from '#capabilities/change-email/change-email.email.ts';
import { emailChangeNoticeEmail } from '#capabilities/change-email/email-change-notice.email.ts';
import { accountDeletionEmail } from '#capabilities/delete-account/account-deletion.email.ts';
import { ownerChangeEmail } from '#capabilities/members/owner-change.email.ts';
import { sessionElsewhereEmail } from '#capabilities/refresh/session-elsewhere.email.ts';
import { sessionReplayedEmail } from '#capabilities/refresh/session-replayed.email.ts';
import { alreadyRegisteredEmail } from '#capabilities/register/already-registered.email.ts';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { identifiersChangedEmail } from '#capabilities/update-profile/identifiers-changed.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { warnBeforeAddressChange } from '#core/accounts/former-address.ts';
import { maskAddress } from '#core/input/email-address.ts';
import { LOCALES, type Locale } from '#core/locale.ts';
import { displayName } from '#core/mail/display-name.ts';
import type { Addressee, Mail } from '#core/mail/mail.ts';
import { type MailedPage, mailedLink } from '#core/mail/mail-link.ts';
import { MAIL_NAMES, suitsMethods } from '#core/mail/mail-values.ts';
import { SAMPLE_MAILS } from '../../../src/jobs/sample-mails.ts';
import { MENTIONS_PASSWORD } from '../../support/mentions-password.ts';

const PUBLIC_URL = 'https://auth.example.test';
const CODE = '042137';
const AT = new Date('2030-01-02T03:04:05Z');
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 http://evil.example';

const CLAIM = {
  note: null,
  facts: { accountName: 'Ada', username: null, registeredAt: AT, device: null, ipAddress: null },
};

type Maker = (to: Addressee) => Mail;
const verification = (to: Addressee) => ({
  ...to,
  code: CODE,
  link: linkTo('verify-email', to.locale),
  rejectLink: linkTo('reject-registration', to.locale),
  codeMinutes: 10,
  linkHours: 24,
});
const withCode: Record<string, Maker> = {
  'verify-email': (to) => verifyEmailEmail({ ...verification(to), account: { ...CLAIM, origin: 'created', rows: [] } }),
  'verify-email of a registration': (to) =>
    verifyEmailEmail({
      ...verification(to),
      account: { ...CLAIM, origin: 'registered', rows: [['Name', to.locale]] },
    }),
  'change-email': (to) =>
    changeEmailEmail({
      ...to,
      code: CODE,
      link: linkTo('change-email', to.locale),
      codeMinutes: 10,
      linkMinutes: 60,
      warning: warnBeforeAddressChange({ email: 'ada@example.test' }, to.locale),
    }),
  'reset-password': (to) =>
    resetPasswordEmail({
      ...to,
      code: CODE,
      link: linkTo('reset-password', to.locale),
      codeMinutes: 10,
      linkMinutes: 30,
      occasion: 'forgotten',
      former: [],
    }),
  'reset-password for a first password': (to) =>
    resetPasswordEmail({
      ...to,
      code: CODE,
      link: linkTo('reset-password', to.locale),
      codeMinutes: 10,
      linkMinutes: 30,
      occasion: 'first',
      former: [{ address: 'a***@old.example', until: AT, warning: `A warning in ${to.locale}.` }],
    }),
};
withCode['reset-password after an undo'] = (to) =>
  resetPasswordEmail({
    ...to,
    code: CODE,
    link: linkTo('reset-password', to.locale),
    codeMinutes: 10,
    linkMinutes: 30,
    occasion: 'secured',
    former: [],
  });
const ownership = { ownerName: 'Grace', organizationName: 'Acme', at: AT };
const notices: Record<string, Maker> = {
  'owner-change when added': (to) => ownerChangeEmail({ ...to, event: 'added', ...ownership }),
  'owner-change when removed': (to) => ownerChangeEmail({ ...to, event: 'removed', ...ownership, ownerName: null }),
  'password-changed': (to) =>
    passwordChangedEmail({
      ...to,
      at: AT,
      signedOut: 'everywhere',
      former: [{ address: 'a***@old.example', until: AT, warning: `A warning in ${to.locale}!` }],
    }),
  'password-changed by who is signed in': (to) =>
    passwordChangedEmail({ ...to, at: AT, signedOut: 'elsewhere', former: [] }),
  'identifiers-changed': (to) => identifiersChangedEmail({ ...to, changed: 'both', at: AT, heldUntil: AT }),
  'address-in-use': (to) => addressInUseEmail(to),
  'already-registered': (to) => alreadyRegisteredEmail(to),
  'session-elsewhere': (to) =>
    sessionElsewhereEmail({ ...to, at: AT, userAgent: FIREFOX, ipAddress: '192.0.2.7', isRefused: false }),
  'session-elsewhere when refused': (to) =>
    sessionElsewhereEmail({ ...to, at: AT, userAgent: null, ipAddress: '2001:db8::7', isRefused: true }),
  'session-replayed': (to) => sessionReplayedEmail({ ...to, at: AT, userAgent: FIREFOX, ipAddress: '2001:db8::7' }),
};
/** They have a link and no code. */
const withUndo: Record<string, Maker> = {
  'email-change-notice when asked for': (to) => emailChangeNoticeEmail({ ...to, event: 'requested', ...undo(to) }),
  'email-change-notice when changed': (to) => emailChangeNoticeEmail({ ...to, event: 'changed', ...undo(to) }),
  'account-deletion': (to) => accountDeletionEmail({ ...to, link: undo(to).link, deletesAt: AT }),
};
const undo = ({ locale }: Addressee) => ({
  at: AT,
  link: linkTo('undo-email-change', locale),
  linkEndsAt: AT,
});
const everyMail = Object.entries({ ...withCode, ...notices, ...withUndo }).flatMap(([mail, make]) =>
  LOCALES.map((locale) => ({ mail, make, locale })),
);
const everyUndoMail = everyMail.filter(({ mail }) => mail in withUndo);
const everyCodeMail = everyMail.filter(({ mail }) => mail in withCode);

test.each(LOCALES)('where passwords do not sign in, no email that is sent mentions one, in %s', (locale) => {
  const to = { to: 'ada@example.test', name: 'Ada', locale, service: 'auth.example.test', hasPasswords: false };
  const sent = MAIL_NAMES.filter((name) => suitsMethods(name, ['email']));
  const mails = sent.map((name) => SAMPLE_MAILS[name](to, { publicUrl: PUBLIC_URL, pageUrls: {} }));
  const mentioning = mails.filter(({ subject, text }) => MENTIONS_PASSWORD.test(subject + text));
  // Legacy passwords sign in all the same (LEGACY_PASSWORDS).
  expect(mentioning.map(({ name }) => name)).toEqual(['legacy-password-added']);
});

test('an email is not sent where its way to sign in is closed', () => {
  const unsent = (methods: readonly ('password' | 'email')[]) =>
    MAIL_NAMES.filter((name) => !suitsMethods(name, methods));
  expect(unsent(['password', 'email'])).toEqual([]);
  expect(unsent(['password'])).toEqual(['sign-in-with-email']);
  expect(unsent(['email'])).toEqual([
    'reset-password',
    'choose-password',
    'choose-password-after-undo',
    'password-reset',
    'password-changed',
    'password-changed-here',
    'many-failures',
    'password-suspended',
    'reset-second-factors',
  ]);
});

describe.each(everyMail)('the email $mail in $locale', ({ make, locale }) => {
  const mail = make({ to: 'ada@example.test', name: 'Zoë O’Neil & Söhne', locale, service: 'auth.example.test' });

  test('text and HTML part say the same', () => {
    const pieces = mail.text.split(/\n\n|:\n(?=http)|-- \n/).map(collapse);
    let rest = readableText(mail.html);
    for (const piece of pieces.filter((text) => text !== '')) {
      expect(rest).toContain(piece);
      rest = rest.replace(piece, '');
    }
    // Only the name on top and the hint how to use the link without its button are not in the text part.
    expect(rest.trim().replace(/^Latchkey\s*/, '')).toMatch(mail.html.includes('<a ') ? /^\p{Lu}[^.\d]+:$/u : /^$/);
  });

  test('it greets by name, names its language and has no link or name in its subject, and a code only where it confirms an address', () => {
    expect(mail.text).toContain('Zoë O’Neil & Söhne');
    expect(mail.html).toContain('Zoë O’Neil &amp; Söhne');
    expect(mail.html).toContain(`<html lang="${locale}"`);
    expect(mail.subject).not.toMatch(/:\/\/|Zoë|undefined/);
    expect(/\d/.test(mail.subject)).toBe(
      /^(verify|change)-email/.test(mail.name) || mail.name === 'verify-created-account',
    );
    expect(mail.text).not.toMatch(/undefined|null|\[object/);
  });

  test('a name is neither markup nor a link in it', () => {
    const hostile = make({
      to: 'ada@example.test',
      name: '<a href="https://evil.example">x</a><img src=x onerror=alert(1)>\r\nBcc: eve@evil.example www.evil.example',
      locale,
      service: 'auth.example.test',
    });
    expect(hostile.html).not.toMatch(/<img|onerror=|<script/i);
    expect(hrefs(hostile.html)).toEqual(hrefs(mail.html));
    expect(linkable(hostile.text.split('\n')[0] ?? '')).toEqual([]);
    expect(hostile.text.split('\n')[1]).toBe('');
  });
});

describe.each(everyCodeMail)('the email $mail in $locale', ({ mail: page, make, locale }) => {
  test('holds the code and its links, and nothing else can be followed', () => {
    const mail = make({ to: 'ada@example.test', name: 'Ada', locale, service: 'auth.example.test' });
    const links = [linkTo(page.split(' ')[0] as MailedPage, locale)];
    if (page === 'verify-email of a registration') links.push(linkTo('reject-registration', locale));
    expect(mail.text.match(/^ {4}\d{6}$/gm)).toEqual([`    ${CODE}`]);
    expect(mail.text.match(/https?:\/\/\S+/g)).toEqual(links);
    expect(mail.html).toContain(`>${CODE}</p>`);
    expect(hrefs(mail.html)).toEqual(links.flatMap((link) => [link, link]));
  });
});

test.each(everyUndoMail)('the email $mail in $locale has no code, and one link', ({ make, locale }) => {
  const { text, html } = make({ to: 'ada@example.test', name: 'Ada', locale, service: 'auth.example.test' });
  const link = linkTo('undo-email-change', locale);
  expect(text).not.toMatch(/^ {4}\d{6}$/m);
  expect(text.match(/^https?:\/\/\S+$/gm)).toEqual([link]);
  expect(hrefs(html)).toEqual([link, link]);
});

test('every language has texts of its own', () => {
  for (const make of Object.values({ ...withCode, ...notices, ...withUndo })) {
    const mails = LOCALES.map((locale) =>
      make({ to: 'ada@example.test', name: 'Ada', locale, service: 'auth.example.test' }),
    );
    expect(new Set(mails.map((mail) => mail.subject)).size).toBe(LOCALES.length);
    const sentences = mails.flatMap((mail) => mail.text.split('\n\n')).filter((text) => /\p{L}/u.test(text));
    expect(new Set(sentences).size).toBe(sentences.length);
  }
});

test('the email about a replayed token says device and time in words of ours', () => {
  const mail = notices['session-replayed']?.({
    to: 'ada@example.test',
    name: 'Ada',
    locale: 'en',
    service: 'auth.example.test',
  });
  expect(mail?.text).toContain('Firefox, Linux, IP address 2001:db8::7');
  expect(mail?.text).toContain('January 2, 2030 at 3:04');
  expect(mail?.text).not.toContain('evil');
  const strange = {
    to: 'a@example.test',
    name: '',
    locale: 'en',
    service: 'auth.example.test',
    at: AT,
    userAgent: 'evil.example',
    ipAddress: 'evil.example',
  } as const;
  expect(sessionReplayedEmail(strange).text).toContain('unknown device, IP address unknown');
});

describe('a name in an email', () => {
  test.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ["Seán O'Brien-Müller, Jr.", "Seán O'Brien-Müller, Jr."],
    ['J.R.R. Tolkien', 'J. R. R. Tolkien'],
    ['山田 太郎', '山田 太郎'],
    ['Visit http://evil.example now', 'Visit http evil. example now'],
    ['evil。example', 'evil. example'],
    ['evil․example', 'evil. example'],
    ['eve@evil.example', 'eve evil. example'],
    ['Call +1 (900) 555-0123', 'Call'],
    ['Ada\r\nBcc: x\u0000\u202e\u2028y', 'Ada Bcc x y'],
    ['   ', ''],
  ])('%j is shown as %j', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  test('whatever it is, it stays on one line, is short, and no part of it is a link', () => {
    const parts = [
      '.',
      '://',
      '@',
      'www.',
      'evil',
      'example',
      'com',
      ' ',
      '\n',
      '\u200b',
      '。',
      '．',
      '℀',
      '1',
      '/',
      'mailto:',
    ];
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.constantFrom(...parts)).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(names, (name) => {
        const shown = displayName(name);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect([...shown].length).toBeLessThanOrEqual(61);
        expect(linkable(shown)).toEqual([]);
      }),
    );
  });
});

test('a mailed link starts with PUBLIC_URL and carries token and language', () => {
  expect(mailedLink('https://example.test/auth', 'reset-password', 'a-b_c', 'de')).toBe(
    'https://example.test/auth/reset-password?token=a-b_c&lang=de',
  );
});

test('an address in a log is masked', () => {
  expect(maskAddress('jane@example.com')).toBe('j***@example.com');
  expect(maskAddress('nonsense')).toBe('***');
});

function linkTo(page: MailedPage, locale: Locale): string {
  return mailedLink(PUBLIC_URL, page, 'T0ken_'.repeat(10), locale);
}

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** What a person reads of an HTML part. */
function readableText(html: string): string {
  const text = html.replace(/<head>.*<\/head>/s, '').replace(/<[^>]*>/g, ' ');
  const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
  return collapse(text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? ''));
}

function hrefs(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map((match) => (match[1] ?? '').replaceAll('&amp;', '&'));
}

/** What mail clients make a link of although nobody said it is one: addresses, host names, telephone numbers. */
function linkable(text: string): string[] {
  return (
    text.match(/\w+:\/\/|[^\s]@[^\s]|[\p{L}\p{N}][.\u3002\uff0e\uff61][\p{L}\p{N}]|mailto:|(?:\p{Nd}[ ().-]*){7}/giu) ??
    []
  );
}
