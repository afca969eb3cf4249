/** Texts that some layer cannot represent, cannot store or takes too long for. No answer to them is a fault. */
export const HOSTILE_STRINGS: Record<string, string> = {
  empty: '',
  blank: ' ',
  NUL: '\0',
  'NUL in a word': 'a\0b',
  'NUL in a number': '+4915112\u0000345678',
  'a lone high surrogate': 'a\ud800',
  'a lone low surrogate': '\udfffa',
  'swapped surrogates': '\udc00\ud800',
  'U+FFFE': '\ufffe',
  'U+FFFF': 'a\uffff',
  'U+FFFD': '\ufffd',
  'a control character': 'a\u0007\u001b[31m',
  'a right-to-left override': '\u202eabc',
  'beyond the basic plane': '\u{1f511}\u{10ffff}',
  'wildcards and quotes': `%_\\'";--$1$$`,
  'an object key': '__proto__',
  'many digits': '9'.repeat(400),
  'a date beyond dates': '+275760-09-13T00:00:00.001Z',
  'ten thousand letters': 'a'.repeat(10_000),
  'ten thousand combining marks': `a${'\u0301'.repeat(10_000)}`,
};
/** Too large for any body. */
export const MEGABYTE = 'a'.repeat(1_000_000);
