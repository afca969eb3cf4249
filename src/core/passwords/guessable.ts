/**
 * Recognizes passwords that attackers try first: common ones, sequences, and those made of what is known about the
 * person or the service, in any case, with letters replaced by look-alikes (`P@ssw0rd`), and with digits and
 * punctuation around them (NIST SP 800-63B-4, section 3.1.1.2).
 */
import { readFileSync } from 'node:fs';

/** Without its known words, a password must be worth at least this many characters. */
const ENOUGH = 8;
/** A password of sequences and repetitions alone needs more of them than attackers would try. */
const ENOUGH_RUNS = 5;
/** Shorter words are ignored, because they are part of too many other words. */
const SHORTEST_WORD = 4;
/** This many digits of a phone number are enough to recognize it. */
const SHORTEST_PHONE = 6;
/** A sequence of at least this length is worth two characters: its start and its direction. */
const LONG_RUN = 4;

const SAME = (text: string) => text;
/** Characters with which people disguise letters; a 1 may stand for two of them. */
const LEET = { '@': 'a', 4: 'a', 8: 'b', 3: 'e', 6: 'g', 9: 'g', '!': 'i', 1: 'i', '|': 'l', 0: 'o', 5: 's', $: 's' };
const READINGS = [SAME, reading({ ...LEET, 7: 't', '+': 't', 2: 'z' }), reading({ ...LEET, 1: 'l', '!': 'l', 7: 't' })];
/** Digits typed with the shift key of a US keyboard. */
const UNSHIFTED = reading({
  '!': '1',
  '@': '2',
  '#': '3',
  $: '4',
  '%': '5',
  '^': '6',
  '&': '7',
  '*': '8',
  '(': '9',
  ')': '0',
});
/** Neighboring characters: the alphabet, the digits, and the rows and columns of common keyboards. */
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz 0123456789012345678901234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm',
  'azertyuiop qsdfghjklm wxcvbn 1qaz 2wsx 3edc 4rfv 5tgb 6yhn',
]
  .flatMap((rows) => rows.split(' '))
  .flatMap((row) => [row, [...row].reverse().join('')]);

/**
 * Whether the normalized password is one that attackers try first.
 * @param own the operator's list, in lowercase, in addition to the service's own
 */
export function isCommon(password: string, own: ReadonlySet<string> = new Set()): boolean {
  const lower = password.toLowerCase();
  // A shorter text is rejected for its length anyway.
  const mayBeRuns = [...lower].length >= ENOUGH;
  const texts = [lower, unitOf(lower), UNSHIFTED(lower)];
  return texts.some((text) => (mayBeRuns && worth(text) < ENOUGH_RUNS) || isListed(text, own));
}

/** Whether too little of the password is left without the words of these texts. Phone numbers must be in E.164. */
export function isMadeOf(password: string, texts: readonly string[]): boolean {
  const characters = [...withoutMarks(password)];
  const words = texts.flatMap(wordsOf).sort((one, other) => other.length - one.length);
  return READINGS.some((read) => {
    const rest = uncovered(characters, words, read);
    return rest.length < characters.length && (worth(rest) < ENOUGH || isListed(rest));
  });
}

/** The characters that do not belong to a word; punctuation within a word is part of it. */
function uncovered(characters: readonly string[], words: readonly string[], read: (text: string) => string): string {
  const places = characters.flatMap((character, at) => (/[\p{L}\p{N}]/u.test(read(character)) ? [at] : []));
  let text = places.map((at) => read(characters[at] ?? '').charAt(0)).join('');
  const isCovered = new Set<number>();
  for (const word of words.map(read)) {
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
      for (let it = at; it < at + word.length; it++) isCovered.add(places[it] ?? -1);
      text = `${text.slice(0, at)}${'\0'.repeat(word.length)}${text.slice(at + word.length)}`;
    }
  }
  return characters.filter((_, at) => !isCovered.has(at)).join('');
}

/** The text, its words, and the local part of an email address, with and without digits; the ends of phone numbers. */
function wordsOf(text: string): string[] {
  if (/^\+\d+$/.test(text)) {
    const digits = text.slice(1);
    return Array.from({ length: Math.max(0, digits.length - SHORTEST_PHONE + 1) }, (_, at) => digits.slice(at));
  }
  const localPart = text.replace(/@.*$/s, '');
  return [text, localPart, ...localPart.split(/[^\p{L}\p{M}\p{N}]+/u)]
    .map((word) => withoutMarks(word).replace(/[^\p{L}\p{N}]/gu, ''))
    .flatMap((word) => [word, word.replace(/\p{N}/gu, '')])
    .filter((word) => [...word].length >= SHORTEST_WORD);
}

/**
 * Whether it is on a list, or consists of one or two words from a list, with little around and between them. Attackers
 * combine the words of a list with each other; with three words or more, there are too many combinations.
 */
function isListed(text: string, own: ReadonlySet<string> = new Set()): boolean {
  list ??= readList();
  const { passwords, words } = list;
  const ends = text.replace(/[^\p{L}]+$/u, '');
  const cores = [text, ends, ends.replace(/^[^\p{L}]+/u, '')];
  return cores.some((core) => {
    const has = (word: string) => passwords.has(word) || words.has(word) || own.has(word);
    const isKnown = READINGS.some((read) => has(read(core)) || isPair(read(core), has));
    return isKnown && worth(text.replace(core, '')) < ENOUGH;
  });
}

/** Whether it is two words, also with a character between them that is not a letter. */
function isPair(text: string, has: (word: string) => boolean): boolean {
  for (let at = SHORTEST_WORD; at <= text.length - SHORTEST_WORD; at++) {
    if (!has(text.slice(0, at))) continue;
    const rest = text.slice(at);
    if (has(rest) || has(rest.replace(/^[^\p{L}]/u, ''))) return true;
  }
  return false;
}

/** The length in characters, where a long sequence counts as two. */
function worth(text: string): number {
  const characters = [...text];
  let sum = 0;
  for (let at = 0; at < characters.length; ) {
    let end = at + 1;
    while (end < characters.length && isRun(characters.slice(at, end + 1).join(''))) end++;
    sum += end - at >= LONG_RUN ? 2 : end - at;
    at = end;
  }
  return sum;
}

function isRun(text: string): boolean {
  const [first = ''] = text;
  return text === first.repeat([...text].length) || SEQUENCES.some((sequence) => sequence.includes(text));
}

/** The repeated part of a text that consists only of repetitions. */
function unitOf(text: string): string {
  const period = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, period);
}

type List = { passwords: ReadonlySet<string>; words: ReadonlySet<string> };
let list: List | undefined;

/** Both lists, and the words in its entries: `dragon` from `dragon12`. */
function readList(): List {
  const lines = ['./common-passwords.txt', './long-common-passwords.txt'].flatMap((file) =>
    readFileSync(new URL(file, import.meta.url), 'utf8').split('\n'),
  );
  const passwords = lines.filter((line) => line !== '' && line !== '#' && !line.startsWith('# '));
  const words = passwords
    .map((line) => line.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ''))
    .filter((word) => word.length >= SHORTEST_WORD && /^\p{L}+$/u.test(word));
  return { passwords: new Set(passwords), words: new Set(words) };
}

function reading(replacements: Record<string, string>): (text: string) => string {
  return (text) => [...text].map((character) => replacements[character] ?? character).join('');
}

function withoutMarks(text: string): string {
  return text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
}
