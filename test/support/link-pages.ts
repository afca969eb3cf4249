/** The pages that links in emails open, read from the code, so that a page that someone adds is tested as well. */
import { readFileSync } from 'node:fs';

const code = readFileSync(new URL('../../src/pages/link-pages.ts', import.meta.url), 'utf8');

/** Their paths, without the slash. */
export const LINK_PAGES: readonly string[] = [
  ...[...code.matchAll(/^ {4}name: '([\w-]+)'/gm)].map(([, name = '']) => name),
  'sign-in-with-email',
];
