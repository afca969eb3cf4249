/**
 * Every example of the README and of docs/ does what is printed beneath it: the commands are run as they stand, in one
 * shell a document, against the real service.
 *
 * Three things differ from what a reader types: the port of the service; `123456`, which is the code, and
 * `TOKEN_FROM_THE_LINK`, which is the end of the link of the newest email. In an answer `…` stands for anything, four
 * hex digits and `…` for an id, and a time for any time.
 */
import { execFileSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { operatorEnv } from '../support/command.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { type Block, blocksOf } from '../support/markdown.ts';
import { openShell, type Shell } from '../support/shell.ts';

/** Documents that a reader can begin with. */
const ALONE = ['README.md', 'docs/getting-started.md', 'docs/rest-apis.md'];
/** Documents that go on where docs/getting-started.md ends. */
const AS_GRACE = [
  'docs/graphql-api.md',
  'docs/second-factors.md',
  'docs/browsers-and-sessions.md',
  'docs/organizations.md',
  'docs/other-services.md',
];
/** Documents with commands beside the running service, which go on from one to the next. */
const OPERATORS = ['docs/administration.md', 'docs/import.md', 'docs/operations.md'];

const DOCUMENTED = 'http://localhost:4000';
const missing = ['bash', 'curl', 'jq'].filter((tool) => !isInstalled(tool));
if (missing.length > 0) {
  process.stderr.write(`The examples of README.md and docs/ are NOT tested: ${missing.join(' and ')} missing.\n`);
}

// Commands are processes of their own, and they start slowly where many do at once.
describe.skipIf(missing.length > 0)('the examples of', { timeout: 120_000 }, () => {
  let reader: Reader | undefined;
  afterEach(async () => {
    await reader?.close();
    reader = undefined;
  });

  test.each(ALONE)('%s', async (document) => {
    reader = await openReader();
    await reader.follow(blocksOf(document));
  });

  test.each(AS_GRACE)('%s, as Grace of docs/getting-started.md', async (document) => {
    reader = await openReader();
    await reader.follow(gettingStarted());
    await reader.follow(blocksOf(document));
  });

  test(OPERATORS.join(' and '), async () => {
    reader = await openReader();
    await reader.follow(gettingStarted());
    for (const document of OPERATORS) await reader.follow(blocksOf(document));
  });
});

// What an example of docs/import.md writes into the folder it runs in, which is the repository's.
afterAll(() => rmSync('people.csv', { force: true }));

test('no document has an example that is not run', () => {
  const withExamples = globSync(['*.md', 'docs/*.md']).filter((document) =>
    blocksOf(document).some(({ language }) => ['bash', 'graphql'].includes(language)),
  );
  expect(withExamples.sort()).toEqual([...ALONE, ...AS_GRACE, ...OPERATORS].sort());
});

/** Up to where Grace would sign out. */
function gettingStarted(): Block[] {
  const blocks = blocksOf('docs/getting-started.md');
  const end = blocks.findIndex(({ section }) => section === 'Sign out');
  if (end < 0) throw new Error('docs/getting-started.md has no section "Sign out".');
  return blocks.slice(0, end);
}

type Reader = { follow: (blocks: readonly Block[]) => Promise<void>; close: () => Promise<void> };

/** Someone who types what the documents say. */
async function openReader(): Promise<Reader> {
  const services = {
    SERVICE_CLIENTS: 'billing:0123456789abcdef0123456789abcdef',
    SERVICES: 'billing:https://billing.example.com',
  };
  const service = await startOverHttp(services, 'postgresql');
  const shell = await openShell(operatorEnv(service.latchkey));
  const follow: Reader['follow'] = async (blocks) => {
    for (const [at, block] of blocks.entries()) {
      if (block.language === 'bash') await expectAnswer(service, shell, block, blocks[at + 1]);
      if (block.language === 'graphql') await expectNoErrors(service, shell, block);
    }
  };
  const close = async () => {
    await shell.close();
    await service.close();
  };
  return { follow, close };
}

/** The block that follows commands is what they print, if it is one of these; else they print nothing. */
const ANSWERS = ['json', 'text'];

async function expectAnswer(service: OverHttp, shell: Shell, block: Block, next: Block | undefined): Promise<void> {
  if (block.note === 'a minute later') service.latchkey.advance({ minutes: 1 });
  const mail = await newestMail(service);
  const commands = block.text
    .replaceAll(DOCUMENTED, service.url)
    .replaceAll(/\b123456\b/g, mail.code)
    .replaceAll('TOKEN_FROM_THE_LINK', mail.token);
  const printed = (await shell.run(commands, 'seven green teapots\n')).replaceAll(service.url, DOCUMENTED);
  const expected = ANSWERS.includes(next?.language ?? '') ? (next?.text ?? '') : '';
  // Compared as text in the end, for an answer that can be read beside what was printed.
  if (!patternOf(expected).test(printed)) expect(printed, `line ${block.line}: ${block.text}`).toBe(expected);
}

/** What differs each time, as the documents show it, and what may stand there. The first that fits counts. */
const PLACEHOLDERS = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/],
  [/\b[0-9a-f]{4}…/, /[0-9a-f-]+/],
  [/\d{4}-\d\d-\d\d \d\d:\d\dZ/, /\d{4}-\d\d-\d\d \d\d:\d\dZ/],
  [/(?<![\w-])[\w-]{43}(?![\w-])/, /[\w-]{43}/],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/, /\d{4}-\d\d-\d\dT[\d:.]+Z/],
  [/\b\d{10}\b/, /\d{10}/],
  [/…/, /.*/],
] as const;
const PLACEHOLDER = new RegExp(`(${PLACEHOLDERS.map(([shown]) => shown.source).join('|')})`);

/** An answer as it is printed, with placeholders for what differs each time. */
function patternOf(expected: string): RegExp {
  // Of what is split with a group every second part is a placeholder.
  const sources = expected
    .trimEnd()
    .split(PLACEHOLDER)
    .map((part, at) => {
      const fits = at % 2 === 1 && PLACEHOLDERS.find(([shown]) => shown.test(part));
      return fits ? fits[1].source : RegExp.escape(part);
    });
  return new RegExp(`^${sources.join('')}\\s*$`);
}

async function expectNoErrors(service: OverHttp, shell: Shell, { text, line }: Block): Promise<void> {
  const token = await shell.run('printf %s "$TOKEN"');
  const response = await service.latchkey.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: text }),
  });
  expect(await response.json(), `line ${line}`).not.toHaveProperty('errors');
}

/** Code and link token of the newest email, when all have left. */
async function newestMail({ latchkey }: OverHttp): Promise<{ code: string; token: string }> {
  const { prisma } = latchkey.app.parts.database;
  await expect
    .poll(() => prisma.$queryRaw`SELECT id FROM pgboss.job WHERE name = 'mail' AND state <> 'completed'`, {
      timeout: 15_000,
    })
    .toEqual([]);
  const mail = latchkey.smtp.mails.findLast(({ code, link }) => code !== null || link !== null);
  return { code: mail?.code ?? '123456', token: /token=([^&\s]+)/.exec(mail?.link ?? '')?.[1] ?? '' };
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
