import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pastedToken, typedCode } from '#core/proofs/pasted-proof.ts';

/** What people and programs put around and between: spaces, dashes, quotes, marks that nobody sees. */
const NOISE = [' ', '\u00a0', '\u2007', '\n', '-', '\u2013', '\u2014', '\u2212', '.', '\u200b', '\u200d', '\u200e']
  .concat(['\u202a', '\u2068', '\u2069', '\ufeff', '\u00ad', '"', '\u201c', '\u0000', '\ufe0f', '\u20e3'])
  .map((text) => fc.constant(text));
const noise = fc.array(fc.oneof(...NOISE), { maxLength: 3 }).map((texts) => texts.join(''));
/** The zeros of ASCII, Arabic, Persian, Devanagari, Thai, full-width and mathematical bold digits. */
const zero = fc.constantFrom(0x30, 0x660, 0x6f0, 0x966, 0xe50, 0xff10, 0x1d7ce);

describe('a typed code', () => {
  test.each([
    ['123456', '123456'],
    ['123\u2013456', '123456'],
    ['\u2068123\u00a0456\u2069', '123456'],
    ['１２３４５６', '123456'],
    ['١٢٣٤٥٦', '123456'],
    ['۱۲۳۴۵۶', '123456'],
    ['𝟙𝟚𝟛𝟜𝟝𝟞', '123456'],
    ['1\ufe0f\u20e32\ufe0f\u20e3', '12'],
    ['code 123456', 'code123456'],
    ['', ''],
    ['\ud800', ''],
  ])('%j is %j', (text, code) => expect(typedCode(text)).toBe(code));

  test('is its digits, in whatever script and with whatever between them', () => {
    const digits = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), zero, noise), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(noise, digits, (start, typed) => {
        const text = start + typed.map(([digit, from, after]) => String.fromCodePoint(from + digit) + after).join('');
        expect(typedCode(text)).toBe(typed.map(([digit]) => digit).join(''));
      }),
    );
  });

  test('letters and signs are not dropped: nothing with them becomes a code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-zA-Z+=$€äß]$/u), (text, letter) => {
        expect(typedCode(text + letter)).not.toMatch(/^\d*$/);
      }),
    );
  });
});

describe('a pasted token', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9_-]{64}$/);

  test('is found whatever stands around it, and invisible marks and line breaks in it', () => {
    const before = fc.constantFrom('', ' ', '<', '"', '\u201c', '(', '\u200e', '\u00ab');
    const after = fc.constantFrom('', '.', ' ', '\r\n', '>', '"', '&lang=en', '.\u201d', '\u200b', '&amp;lang=de', '/');
    fc.assert(
      fc.property(token, before, after, fc.nat(64), (whole, left, right, at) => {
        for (const inside of ['', '\u200b', '\r\n ']) {
          const text = `${left}${whole.slice(0, at)}${inside}${whole.slice(at)}${right}`;
          expect(pastedToken(text)).toBe(whole);
        }
      }),
    );
  });

  test.each([
    ['a long text of signs takes no time', '!'.repeat(100_000)],
    ['two tokens are not one', 'abc;def'],
    ['nor is a token with something in it', 'abc%00def'],
  ])('%s', (_, text) => expect(pastedToken(text)).toBe(text));
});
