import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIdentifier, parsePhone, parseUsername } from '#core/input/identifier.ts';

describe('an identifier', () => {
  test.each([
    ['Ada@Example.com', { kind: 'email', value: 'ada@example.com' }],
    ['Ada.Lovelace', { kind: 'username', value: 'ada.lovelace' }],
    [' +49 (151) 123-45.67 ', { kind: 'phone', value: '+491511234567' }],
    ['0049 151 1234567', { kind: 'phone', value: '+491511234567' }],
    ['+44 (0)20 7946 0958', { kind: 'phone', value: '+442079460958' }],
    ['+44 20 7946 0958', { kind: 'phone', value: '+442079460958' }],
    ['+61 0412 345 678', { kind: 'phone', value: '+61412345678' }],
    ['+39 06 1234 5678', { kind: 'phone', value: '+390612345678' }],
    ['+33 (0)6 12 34 56 78', { kind: 'phone', value: '+33612345678' }],
    ['+1 1 202 555 0100', { kind: 'phone', value: '+12025550100' }],
    ['＋٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨', { kind: 'phone', value: '+442079460958' }],
    // Not a number of any plan, but an earlier version stored such, and they sign in.
    ['+999 123 456 789', { kind: 'phone', value: '+999123456789' }],
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

  test.each([
    '+999123456789',
    '+1234567',
    '+44 44 2079460958',
    '020 7946 0958',
    '+442079460958 ext. 5',
    '+442079460958;ext=5',
    '+442079460958x5',
    '+442079460958#5',
    'tel:+442079460958',
    '+9710025296',
    `+44${' '.repeat(40)}2079460958`,
    '+44\u00002079460958',
  ])('%j is not accepted as a phone number', (input) => expect(parsePhone(input)).toBeNull());

  test('no text is two kinds at once, and each canonical form is its own', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.stringMatching(/^[+0-9a-zA-Z._() -]{0,40}$/),
          fc.stringMatching(/^\+[1-9][0-9 ()]{5,18}$/),
        ),
        (text) => {
          const username = parseUsername(text);
          const phone = parsePhone(text);
          expect(username === null || phone === null).toBe(true);
          if (username !== null) expect(parseUsername(username)).toBe(username);
          if (phone !== null) expect(parsePhone(phone)).toBe(phone);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
