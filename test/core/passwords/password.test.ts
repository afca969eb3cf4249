import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalisePassword, parseNewPassword } from '#core/passwords/password.ts';

const ADA = ['Ada Quillfeather', 'ada.byron@example.com', 'countess_1815', '+4915112345678'];

function problemsOf(password: string, { minLength = 8, personal = [] as readonly string[] } = {}) {
  const result = parseNewPassword({ password, minLength, personal });
  return result.ok ? [] : result.problems.map((problem) => problem.code);
}

describe('length', () => {
  test('is counted in code points, not in UTF-16 units or bytes', () => {
    expect(problemsOf('🦊🦉🐝🐢🦋🐙🦔')).toEqual(['TOO_SHORT']);
    expect(problemsOf('🦊🦉🐝🐢🦋🐙🦔🐌')).toEqual([]);
    expect(problemsOf('🦊'.repeat(128))).toEqual([]);
    expect(problemsOf('🦊'.repeat(129))).toEqual(['TOO_LONG']);
  });

  test('is counted after normalising', () => {
    const decomposed = 'e\u0301'.repeat(7);
    expect(problemsOf(decomposed)).toEqual(['TOO_SHORT']);
    expect(problemsOf('ﷺ'.repeat(7))).toEqual([]); // one ligature of eighteen letters
    expect(problemsOf('ﷺ'.repeat(8))).toEqual(['TOO_LONG']);
  });

  test('has the configured minimum', () => {
    expect(problemsOf('gnu-otter-lamp', { minLength: 15 })).toEqual(['TOO_SHORT']);
    expect(problemsOf('gnu-otter-lamps', { minLength: 15 })).toEqual([]);
    expect(problemsOf('', { minLength: 8 })).toEqual(['TOO_SHORT']);
  });

  test('is refused, not cut, beyond 128, however long the text is', () => {
    expect(problemsOf('b'.repeat(128))).toEqual([]);
    for (const length of [129, 1025, 100_000]) expect(problemsOf('b'.repeat(length))).toEqual(['TOO_LONG']);
  });
});

describe('characters', () => {
  test.each(['\u0000', '\u0007', '\t', '\n', '\u001b', '\u007f', '\u0085', '\ud800', '\udfff'])(
    '%j is refused, at sign-in too',
    (character) => {
      expect(problemsOf(`correct ${character} horse`)).toEqual(['INVALID_CHARACTERS']);
      expect(normalisePassword(`correct ${character} horse`)).toBeNull();
    },
  );

  test('there are no rules of composition, and spaces count and stay', () => {
    for (const password of [
      'purple otters',
      '  otters  ',
      '70913562',
      '§§$$%%&&',
      'пурпурная выдра',
      '紫色的水獺在河裡游泳',
    ]) {
      expect(parseNewPassword({ password, minLength: 8, personal: [] })).toEqual({ ok: true, password });
    }
  });

  test('one password typed on two keyboards is one password', () => {
    expect(normalisePassword('Zoe\u0308 owns a caf\u00e9')).toBe(normalisePassword('Zo\u00eb owns a cafe\u0301'));
    expect(normalisePassword('ｆｕｌｌｗｉｄｔｈ')).toBe('fullwidth');
    expect(normalisePassword('no\u00a0break')).toBe('no break');
  });
});

describe('common passwords', () => {
  test.each([
    'password',
    '12345678',
    'PassWord',
    'qwertyuiop',
    '987654321',
    '11111111',
    'ｐａｓｓｗｏｒｄ',
    'contraseña',
  ])('%s is refused, whatever its case and form', (password) => {
    expect(problemsOf(password)).toEqual(['TOO_COMMON']);
  });

  test('what only holds a common password, and the comments of the list, are accepted', () => {
    expect(problemsOf('password of the otters')).toEqual([]);
    expect(problemsOf('# MIT licence:')).toEqual([]);
  });
});

describe('personal data', () => {
  test.each([
    ['adaquillfeather', 'the name'],
    ['Ada Quillfeather', 'the name'],
    ['quillfeather', 'a word of the name'],
    ['Quillfeather18!', 'a word of the name with digits and signs about it'],
    ['Quïll-FEATHER', 'other case, accents and signs'],
    ['ada.byron@example.com', 'the address'],
    ['ada.byron', 'the local part'],
    ['byron2024', 'a word of the local part with digits'],
    ['countess_1815', 'the username'],
    ['countess99', 'the username with other digits'],
    ['+4915112345678', 'the phone number'],
  ])('%s is refused: %s', (password) => {
    expect(problemsOf(password, { personal: ADA })).toEqual(['CONTAINS_PERSONAL_DATA']);
  });

  test.each([
    ['ada-and-the-otters', 'it only holds the name'],
    ['byron 81-52-37 90', 'what is about the name is long enough by itself'],
    ['example.com', 'a domain is not personal'],
    ['ada12345', 'a word of three letters says too little'],
    ['29837465', 'no letters at all'],
  ])('%s is accepted: %s', (password) => {
    expect(problemsOf(password, { personal: ADA })).toEqual([]);
  });

  test('empty and short texts refuse nothing', () => {
    expect(problemsOf('purple otters', { personal: ['', ' ', '@', 'p', '+'] })).toEqual([]);
  });
});

test('all problems are reported at once', () => {
  expect(problemsOf('quillfeather', { minLength: 15, personal: ADA })).toEqual(['TOO_SHORT', 'CONTAINS_PERSONAL_DATA']);
  expect(problemsOf('password', { minLength: 15 })).toEqual(['TOO_SHORT', 'TOO_COMMON']);
});

describe('for any text', () => {
  // Every kind of trouble: lone surrogates, controls, combining marks, ligatures, astral characters, long runs.
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
    fc
      .tuple(fc.constantFrom('e\u0301', 'ﷺ', '\u1f82', '각', '🦊', 'a'), fc.nat(1100))
      .map(([unit, n]) => unit.repeat(n)),
  );

  test('nothing is thrown, and what is accepted is normal, well formed, 8 to 128 code points and at most 1 024 bytes', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText, { maxLength: 3 }), (password, personal) => {
        const result = parseNewPassword({ password, minLength: 8, personal });
        if (!result.ok) {
          expect(result.problems.length).toBeGreaterThan(0);
          return;
        }
        expect(result.password).toBe(password.normalize('NFKC'));
        expect(result.password.isWellFormed()).toBe(true);
        expect([...result.password].length).toBeGreaterThanOrEqual(8);
        expect([...result.password].length).toBeLessThanOrEqual(128);
        expect(Buffer.byteLength(result.password)).toBeLessThanOrEqual(1024);
      }),
    );
  });

  test('what was set can be signed in with, in any of its Unicode forms', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'), (password, form) => {
        const result = parseNewPassword({ password, minLength: 8, personal: [] });
        if (!result.ok) return;
        expect(normalisePassword(password)).toBe(result.password);
        expect(normalisePassword(password.normalize(form))).toBe(result.password);
        expect(normalisePassword(result.password)).toBe(result.password);
      }),
    );
  });

  test('the early refusal of long texts refuses none that would be short enough', () => {
    fc.assert(
      fc.property(anyText, (password) => {
        const isLong = [...password.normalize('NFKC')].length > 128;
        expect(problemsOf(password).includes('TOO_LONG')).toBe(
          isLong && password.isWellFormed() && !/\p{Cc}/u.test(password),
        );
      }),
    );
  });

  test('no message holds anything of the password', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 3, maxLength: 7, unit: fc.constantFrom('§', 'ß', 'ж', '7', 'Q') }),
        (password) => {
          const result = parseNewPassword({ password, minLength: 8, personal: [password] });
          expect(JSON.stringify(result)).not.toContain(password);
        },
      ),
    );
  });
});
