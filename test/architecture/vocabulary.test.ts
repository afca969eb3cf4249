/**
 * One word for one thing in everything that people read: messages, descriptions, comments, test titles and documents.
 * `CONTRIBUTING.md` has the table for writers; this is the part of it that a program can check.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is checked. */
const CHECKED = [
  'src/**/*.ts',
  'schema.graphql',
  'prisma/schema.prisma',
  'test/**/*.ts',
  'client/*.md',
  'client/{src,test}/**/*.{ts,graphql}',
  'examples/*.ts',
  'examples/react/*.{md,ts}',
  'examples/react/src/**/*.{ts,tsx}',
  '*.md',
  'docs/**/*.md',
  '.env.example',
];

const RULES: readonly { avoid: RegExp; use: string }[] = [
  { avoid: /\borganis(?:ation|e)\w*/i, use: 'organization' },
  { avoid: /\b[eE]-mails?\b|\b(?:a|all|no) mails?\b(?! (?:server|client|scanner|queue|worker))/, use: 'email' },
  { avoid: /\bmails (?:are|that|wait|leave|have|which|asked|link)\b/i, use: 'emails' },
  { avoid: /\bnetwork address(?:es)?\b/i, use: 'IP address' },
  { avoid: /\blog(?:ged|ging|s)?[ -](?:in|out)s?\b/i, use: 'sign in, sign out (verbs); sign-in, sign-out (nouns)' },
  { avoid: /(?<!there )\b(?:is|are|was|were) no (?!longer|more|less)\w+/i, use: 'is not a …' },
  { avoid: /\bnone of ours\b/i, use: 'not issued by this service' },
  { avoid: /\bof before\b/i, use: 'previous' },
  { avoid: /\banew\b/i, use: 'again' },
  { avoid: /\bthemself\b/i, use: 'themselves' },
  { avoid: /\bunless (?:told|said)\b/i, use: 'by default' },
  { avoid: /\bwho(?:m|so)?ever\b/i, use: 'someone who, anyone who' },
  { avoid: /\b(?:some|every|any)body\b/i, use: 'someone, everyone, anyone' },
  { avoid: /\bbites\b/i, use: 'takes effect' },
  { avoid: /\bmend(?:s|ed|ing)?\b/i, use: 'fix' },
  { avoid: /\b(?:un)?proven\b/i, use: 'verified' },
  { avoid: /\bthe record (?:says|shows|notes|names|holds|on)\b|\bin the record\b/i, use: 'audit log' },
  { avoid: /[«»]/, use: 'quotation marks or backticks' },
];

const EXCEPTIONS: readonly { path: RegExp; text: RegExp; because: string }[] = [
  {
    path: /-texts\.ts$|\.email\.ts$|core\/mail\/mail\.ts$/,
    text: /e-mail|organisation|[«»]/i,
    because: 'German, Spanish and French texts',
  },
  {
    path: /rest|errors\.ts/,
    text: /before logging in\.|successfully logged in/,
    because: 'documented texts of the REST APIs',
  },
  { path: /^CONTRIBUTING\.md$/, text: /^\| /, because: 'the table itself names the words to avoid' },
  { path: /vocabulary\.test\.ts$/, text: /./, because: 'the rules themselves' },
];

test('texts use one word for one thing', () => {
  const paths = CHECKED.flatMap((glob) => globSync(glob, { cwd: ROOT })).filter(
    (path) => !/(?:generated|node_modules)\//.test(path),
  );
  const found = paths.flatMap((path) => {
    const except = EXCEPTIONS.filter((exception) => exception.path.test(path));
    const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
    return lines.flatMap((line, at) => {
      if (except.some(({ text }) => text.test(line))) return [];
      return RULES.flatMap(({ avoid, use }) => {
        const [word] = avoid.exec(line) ?? [];
        return word === undefined ? [] : [`${path}:${at + 1} says "${word}". Write: ${use}.`];
      });
    });
  });
  expect(found).toEqual([]);
});
