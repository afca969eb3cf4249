/** What the tests of the documentation read out of a Markdown file: code blocks, headings and links. */
import { readFileSync } from 'node:fs';

/** A fenced block of code. */
export type Block = {
  /** What follows the opening fence; '' for none. */
  language: string;
  text: string;
  /** Line of the opening fence, from 1. */
  line: number;
  /** The HTML comment on the line above the fence, without its signs; '' for none. */
  note: string;
  /** The heading that the block stands under. */
  section: string;
};

export type Link = { target: string; line: number };

type Line = { text: string; number: number; section: string };

const FENCE = /^```(\w*)$/;
const HEADING = /^#{1,6} +(.+)$/;

/** Every fenced block of a file, in order. */
export function blocksOf(path: string): Block[] {
  return read(path).blocks;
}

/** Every link of a file that leads to a document of ours, and every image. */
export function linksOf(path: string): Link[] {
  return read(path).prose.flatMap(({ text, number }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      target,
      line: number,
    })),
  );
}

/** Every piece of code that stands in a sentence, a table or a block of its own. */
export function codeOf(path: string): { text: string; line: number }[] {
  const { blocks, prose } = read(path);
  const inline = prose.flatMap(({ text, number }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ text: code, line: number })),
  );
  return [...inline, ...blocks.filter(({ language }) => ['', 'bash'].includes(language))];
}

/**
 * What a link to a heading of the file ends with, as GitHub makes it: lower case, dashes for spaces, no punctuation.
 */
export function anchorsOf(path: string): Set<string> {
  const titles = read(path).prose.flatMap(({ text }) => HEADING.exec(text)?.[1] ?? []);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function read(path: string): { blocks: Block[]; prose: Line[] } {
  const blocks: Block[] = [];
  const prose: Line[] = [];
  let open: Block | null = null;
  let section = '';
  for (const [at, text] of readFileSync(path, 'utf8').split('\n').entries()) {
    const fence = FENCE.exec(text);
    if (fence === null && open !== null) open.text += `${text}\n`;
    else if (fence !== null && open !== null) {
      blocks.push(open);
      open = null;
    } else if (fence !== null) {
      const note = /^<!-- (.+) -->$/.exec(prose.at(-1)?.text ?? '')?.[1] ?? '';
      open = { language: fence[1] ?? '', text: '', line: at + 1, note, section };
    } else {
      section = HEADING.exec(text)?.[1] ?? section;
      prose.push({ text, number: at + 1, section });
    }
  }
  if (open !== null) throw new Error(`${path}:${open.line}: the block does not end.`);
  return { blocks, prose };
}
