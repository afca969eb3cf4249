import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizePassword, parseNewPassword } from '#core/passwords/password.ts';

const ADA = ['Ada Quillfeather', 'ada.byron@example.com', 'countess_1815', '+4915112345678'];

function problemsOf(
  password: string,
  { minLength = 8, personal = [] as readonly string[], service = [] as readonly string[] } = {},
) {
  const result = parseNewPassword({ password, minLength, personal, service });
  return result.ok ? [] : result.problems.map((problem) => problem.code);
}

describe('length', () => {
  test('is counted in code points, not in UTF-16 units or bytes', () => {
    expect(problemsOf('🦊🦉🐝🐢🦋🐙🦔')).toEqual(['TOO_SHORT']);
    expect(problemsOf('🦊🦉🐝🐢🦋🐙🦔🐌')).toEqual([]);
    expect(problemsOf('🦊🦉🐝🐢🦋🐙🦔🐌'.repeat(16))).toEqual([]);
    expect(problemsOf('🦊'.repeat(129))).toEqual(['TOO_LONG']);
  });

  test('is counted after it is normalized', () => {
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
    expect(problemsOf('otter-28'.repeat(16))).toEqual([]);
    for (const length of [129, 1025, 100_000]) expect(problemsOf('b'.repeat(length))).toEqual(['TOO_LONG']);
  });
});

describe('characters', () => {
  test.each(['\u0000', '\u0007', '\t', '\n', '\u001b', '\u007f', '\u0085', '\ud800', '\udfff'])(
    '%j is refused, at sign-in too',
    (character) => {
      expect(problemsOf(`correct ${character} horse`)).toEqual(['INVALID_CHARACTERS']);
      expect(normalizePassword(`correct ${character} horse`)).toBeNull();
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
      expect(parseNewPassword({ password, minLength: 8, personal: [], service: [] })).toEqual({ ok: true, password });
    }
  });

  test('one password typed on two keyboards is one password', () => {
    expect(normalizePassword('Zoe\u0308 owns a caf\u00e9')).toBe(normalizePassword('Zo\u00eb owns a cafe\u0301'));
    expect(normalizePassword('ｆｕｌｌｗｉｄｔｈ')).toBe('fullwidth');
    expect(normalizePassword('no\u00a0break')).toBe('no break');
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
    'Password1!',
    'P@ssw0rd123',
    '!Passw0rd!',
    'zaq1@WSX',
    '123456789012345',
    'abcdefghijklmno1',
    'qwertzuiop1',
    'passwordpassword',
    'abcabcabcabc',
    'aaaaaaaaaaaaaaa1',
    'dragon2024!',
    'Football#7',
    'dragonfootball1',
    'Sunshine-Princess',
    'Passw0rdDragon2024!',
    'monkey sunshine',
  ])('%s is refused, whatever its case and form', (password) => {
    expect(problemsOf(password)).toEqual(['TOO_COMMON']);
  });

  test('thousands of common passwords are long enough for any PASSWORD_MIN_LENGTH, and refused', () => {
    const lines = readFileSync('src/core/passwords/long-common-passwords.txt', 'utf8').split('\n');
    const listed = lines.filter((line) => line !== '' && !line.startsWith('# ') && line !== '#');
    expect(listed.length).toBeGreaterThan(9000);
    expect(listed.every((line) => [...line].length >= 15 && line === line.normalize('NFKC').toLowerCase())).toBe(true);
    expect(listed).toEqual([...new Set(listed)].sort());
    for (const password of listed.filter((_, at) => at % 50 === 0)) {
      for (const form of [password, password.toUpperCase()]) {
        expect([form, problemsOf(form, { minLength: 15 })]).toEqual([form, ['TOO_COMMON']]);
      }
    }
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
    ['015112345678', 'the phone number as it is dialed'],
    ['0151 1234 5678!', 'the phone number with spaces'],
    ['byron12345678', 'a word with a sequence of digits'],
    ['Qu1llf34th3r!', 'letters replaced by what looks like them'],
    ['byronbyron99', 'a word twice'],
    ['byron015112345678', 'a word and the phone number'],
    ['quillfeatherpassword', 'a word and a common password'],
  ])('%s is refused: %s', (password) => {
    expect(problemsOf(password, { personal: ADA })).toContain('CONTAINS_PERSONAL_DATA');
  });

  test.each([
    ['ada-and-the-otters', 'it only holds the name'],
    ['byron 81-52-37 90', 'what is about the name is long enough by itself'],
    ['example.com', 'a domain is not personal'],
    ['ada94285', 'a word of three letters says too little'],
    ['29837465', 'no letters at all'],
  ])('%s is accepted: %s', (password) => {
    expect(problemsOf(password, { personal: ADA })).toEqual([]);
  });

  test('empty and short texts refuse nothing', () => {
    expect(problemsOf('purple otters', { personal: ['', ' ', '@', 'p', '+'] })).toEqual([]);
  });
});

test('the names of the service are tried first, too', () => {
  const service = ['Latchkey', 'Acme Sign-In', 'auth', 'acmecorp'];
  for (const password of ['latchkey', 'L@tchkey2024', 'acmecorp!1', 'AcmeSignIn99']) {
    expect([password, problemsOf(password, { service })]).toEqual([password, ['TOO_COMMON']]);
  }
  expect(problemsOf('the otters of acmecorp', { service })).toEqual([]);
});

describe('passwords that nobody guesses', () => {
  const letter = fc.constantFrom(...'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_!$%&');
  const random = fc.array(letter, { minLength: 20, maxLength: 64 }).map((letters) => letters.join(''));
  const common = readFileSync('src/core/passwords/common-passwords.txt', 'utf8').split('\n').slice(40);
  const words = common.filter((line) => /^[a-z]{8,}$/.test(line));
  const phrase = fc
    .uniqueArray(fc.constantFrom(...words), { minLength: 4, maxLength: 7 })
    .map((list) => list.join(' '));

  test('are accepted: long random texts, and several words, common ones too', () => {
    const unbiased = { numRuns: 1000, unbiased: true, noShrink: true };
    fc.assert(
      fc.property(fc.oneof(random, phrase), (password) => {
        expect(
          problemsOf(password, { minLength: 15, personal: ADA, service: ['Latchkey', 'auth', 'example'] }),
        ).toEqual([]);
      }),
      // fast-check likes to repeat one letter, which is what the rule is about.
      unbiased,
    );
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
        const result = parseNewPassword({ password, minLength: 8, personal, service: [] });
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
        const result = parseNewPassword({ password, minLength: 8, personal: [], service: [] });
        if (!result.ok) return;
        expect(normalizePassword(password)).toBe(result.password);
        expect(normalizePassword(password.normalize(form))).toBe(result.password);
        expect(normalizePassword(result.password)).toBe(result.password);
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
          const result = parseNewPassword({ password, minLength: 8, personal: [password], service: [] });
          expect(JSON.stringify(result)).not.toContain(password);
        },
      ),
    );
  });
});
