import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIdentifier, parsePhone, parseUsername } from '#core/input/identifier.ts';

describe('an identifier', () => {
  test.each([
    ['Ada@Example.com', { kind: 'email', value: 'ada@example.com' }],
    ['Ada.Lovelace', { kind: 'username', value: 'ada.lovelace' }],
    [' +49 (151) 123-45.67 ', { kind: 'phone', value: '+491511234567' }],
    ['0049 151 1234567', { kind: 'phone', value: '+491511234567' }],
  ])('%s', (input, expected) => expect(parseIdentifier(input)).toEqual(expected));

  test.each([
    '',
    'ab',
    '12345678',
    '+0123456789',
    '+49',
    '-ada',
    'ada-',
    'a\u0000da',
    'adä',
    'a'.repeat(33),
    `+${'1'.repeat(16)}`,
    '%',
    'a%b',
  ])('%j is none', (input) => expect(parseIdentifier(input)).toBeNull());

  test('no text is two kinds at once, and each canonical form is its own', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[+0-9a-zA-Z._() -]{0,40}$/)), (text) => {
        const username = parseUsername(text);
        const phone = parsePhone(text);
        expect(username === null || phone === null).toBe(true);
        if (username !== null) expect(parseUsername(username)).toBe(username);
        if (phone !== null) expect(parsePhone(phone)).toBe(phone);
      }),
      { numRuns: 2000 },
    );
  });
});
