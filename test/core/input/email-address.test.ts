import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEmailAddress } from '#core/input/email-address.ts';

describe('an email address', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada+tag@sub.example.co.uk ', 'ada+tag@sub.example.co.uk'],
    ["o'brien_{x}@example.com", "o'brien_{x}@example.com"],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
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
    'a@bücher.example',
    '\u212a@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('%j is none', (input) => expect(parseEmailAddress(input)).toBeNull());

  test('whatever the text: it never throws, and what it gives is plain, one address, and its own canonical form', () => {
    const almost = fc.stringMatching(/^[a-zA-Z0-9.@+_ ,<>"\n\u00e0-\u00ff-]{0,40}$/);
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
