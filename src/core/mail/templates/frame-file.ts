/** The file in which an operator translates the words that all emails share: one `key: words` on each line. */
import type { Frame } from '../frame.ts';
import type { TemplateProblem } from './template.ts';

/** What the file is called, before the language. */
export const FRAME_NAME = 'frame';

/** The keys of the file, and the one value that the words of some of them must have. */
const KEYS = {
  hello: 'name',
  'hello-without-name': null,
  colon: null,
  'copy-link': null,
  footer: null,
  help: 'address',
} as const satisfies Record<string, string | null>;
type Key = keyof typeof KEYS;

/** A colon is the same in most languages. */
const COLON = ':';

/** The words, and everything that is wrong with the file. */
export function parseFrame(text: string): { frame: Frame; problems: TemplateProblem[] } {
  const problems: TemplateProblem[] = [];
  const found = new Map<Key, string>([['colon', COLON]]);
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const [, key = '', words = ''] = /^[ \t]*([a-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const problem = isKey(key) ? problemOf(key, words) : `must be one of ${Object.keys(KEYS).join(', ')} and its words`;
    if (problem !== null) problems.push({ line: at + 1, problem });
    if (isKey(key)) found.set(key, words);
  }
  const missing = Object.keys(KEYS).filter((key) => isKey(key) && !found.has(key));
  if (missing.length > 0) problems.push({ line: 1, problem: `must have ${missing.join(', ')}` });
  return { frame: frameOf((key) => found.get(key) ?? ''), problems };
}

function frameOf(words: (key: Key) => string): Frame {
  return {
    hello: (name) => words('hello').replace('{name}', () => name),
    noName: words('hello-without-name'),
    colon: words('colon'),
    copyLink: words('copy-link'),
    footer: words('footer'),
    help: (address) => words('help').replace('{address}', () => address),
  };
}

/** The content of such a file. */
export function printFrame(frame: Frame): string {
  const words: Record<Key, string> = {
    hello: frame.hello('{name}'),
    'hello-without-name': frame.noName,
    colon: frame.colon,
    'copy-link': frame.copyLink,
    footer: frame.footer,
    help: frame.help('{address}'),
  };
  return `${Object.entries(words)
    .map(([key, text]) => `${key}: ${text}`)
    .join('\n')}\n`;
}

function isKey(text: string): text is Key {
  return Object.hasOwn(KEYS, text);
}

function problemOf(key: Key, words: string): string | null {
  const value = KEYS[key];
  const found = [...words.matchAll(/\{(\w*)\}?/g)].map(([, name]) => name);
  if (words === '') return `${key} has no words`;
  if (value === null) return found.length === 0 ? null : `${key} has no values`;
  return found.join() === value ? null : `${key} must have {${value}} once, and no other value`;
}
