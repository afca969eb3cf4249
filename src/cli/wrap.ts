/** Text that fits the terminal. */
import type { Terminal } from './terminal.ts';

/** Where the width is unknown, as in a pipe. */
const DEFAULT_WIDTH = 80;
/** Longer lines are harder to read. */
const MAX_WIDTH = 120;
/** What a column of text gets at least, in however narrow a terminal. */
const LEAST_COLUMN = 24;

export function widthOf({ stdout }: Terminal): number {
  return Math.min(stdout.columns ?? DEFAULT_WIDTH, MAX_WIDTH);
}

/** Breaks the text between words. @param indent of every line but the first, which something else precedes */
export function wrapped(text: string, width: number, indent = 0): string {
  const most = Math.max(LEAST_COLUMN, width - indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
