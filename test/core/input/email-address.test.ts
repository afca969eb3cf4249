import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEmailAddress, shownEmailAddress } from '#core/input/email-address.ts';

describe('an email address', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada+tag@sub.example.co.uk ', 'ada+tag@sub.example.co.uk'],
    ["o'brien_{x}@example.com", "o'brien_{x}@example.com"],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['x@münchen.de', 'x@xn--mnchen-3ya.de'],
    ['x@MU\u0308NCHEN.DE', 'x@xn--mnchen-3ya.de'],
    ['x@faß.de', 'x@xn--fa-hia.de'],
    ['x@пример.рф', 'x@xn--e1afmkfd.xn--p1ai'],
    ['x@例え.jp', 'x@xn--r8jz45g.jp'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s is %s', (input, canonical) => expect(parseEmailAddress(input)).toBe(canonical));

  test.each([
    '',
    '@',
    'a@',
    '@b.example',
    'a@b',
    'a b@example.com',
    'a@example.com, b@example.com',
    'a@example.com;b@example.com',
    'Ada <a@example.com>',
    '"a"@example.com',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a..b@example.com',
    '.a@example.com',
    'a.@example.com',
    'a@-example.com',
    'a@example-.com',
    'a@example..com',
    'a@exa_mple.com',
    'a@example.c',
    'a@b@example.com',
    'a(comment)@example.com',
    'a@example.com\r\nBcc: x@example.com',
    'a\u0000@example.com',
    'ä@example.com',
    'a@ex\u212aample.com',
    'a@ｅｘａｍｐｌｅ.com',
    'a@ex\u3002com',
    'a@-ü.de',
    'a@ü\u200d.de',
    'a@p\u0430ypal.com',
    'a@\u0430\u0440\u0440\u04cf\u0435.com',
    'a@g\u0131thub.com',
    'a@bücher\u0000.de',
    '\u212a@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('%j is none', (input) => expect(parseEmailAddress(input)).toBeNull());

  test.each([
    ['a@example.com', 'a@example.com'],
    ['a@xn--mnchen-3ya.de', 'a@münchen.de'],
    ['a@mail.xn--e1afmkfd.xn--p1ai', 'a@mail.пример.рф'],
    ['a@xn--n1aeb.xn--p1ai', 'a@сор.рф'],
    ['a@xn--h1alffa9f.ru', 'a@россия.ru'],
    // Cyrillic letters that all look Latin, a mixture of both, and an i without its dot.
    ['a@xn--80ak6aa92e.com', 'a@xn--80ak6aa92e.com'],
    ['a@xn--pypal-4ve.com', 'a@xn--pypal-4ve.com'],
    ['a@xn--gthub-n4a.com', 'a@xn--gthub-n4a.com'],
    ['a@xn--zzzz-.com', 'a@xn--zzzz-.com'],
  ])('%s is shown as %s', (address, shown) => expect(shownEmailAddress(address)).toBe(shown));

  test('what is shown can be typed, and is the same address', () => {
    const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const script = fc.stringMatching(/^[äöüßéñçøα-ωа-яא-תあ-んア-ン一-九가-힣a-z0-9.-]{1,12}$/u);
    const domain = fc.oneof(label, script).map((text) => domainToASCII(text));
    fc.assert(
      fc.property(domain, fc.constantFrom('de', 'xn--p1ai', 'com'), (name, last) => {
        const address = parseEmailAddress(`a@${name}.${last}`);
        fc.pre(address !== null);
        expect(parseEmailAddress(shownEmailAddress(address ?? ''))).toBe(address);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever the text: it never throws, and what it gives is plain, one address, and its own canonical form', () => {
    const almost = fc.stringMatching(/^[a-zA-Z0-9.@+_ ,<>"\n\u00e0-\u00ff\u0430-\u0440-]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost, fc.emailAddress()), (text) => {
        const address = parseEmailAddress(text);
        if (address === null) return;
        expect(address).toMatch(/^[!-~]+$/);
        expect(address.split('@')).toHaveLength(2);
        expect(address).not.toMatch(/[\s,;<>()"\\[\]]/);
        expect(address.length).toBeLessThanOrEqual(254);
        expect(parseEmailAddress(address)).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });
});
