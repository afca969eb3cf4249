/** What a command reads and writes: the streams and environment of the process, or those of a test. */
import type { Readable, Writable } from 'node:stream';

export type Terminal = {
  env: Record<string, string | undefined>;
  stdin: Readable & { isTTY?: boolean };
  /** The result and nothing else; with --json, one JSON document. */
  stdout: Writable & { columns?: number };
  /** Progress, prompts, warnings and errors. */
  stderr: Writable & { isTTY?: boolean };
};

/** Writes lines of text to standard output. */
export function say(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text.trimEnd()}\n`);
}

/** Writes one JSON document to standard output. Times are ISO 8601 in UTC. */
export function sayJson(terminal: Terminal, value: unknown): void {
  terminal.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a line to standard error. */
export function note(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text.trimEnd()}\n`);
}

/** A table with aligned columns; null is shown as a dash. Control characters in cells are replaced. */
export function tableOf(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const cells = [columns, ...rows.map((row) => row.map((cell) => plain(cell ?? '-')))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name: value` lines, the values aligned. */
export function detailsOf(entries: Record<string, string | null>): string {
  const width = Math.max(...Object.keys(entries).map((name) => name.length)) + 2;
  return Object.entries(entries)
    .map(([name, value]) => `${`${name}:`.padEnd(width)}${plain(value ?? '-')}`)
    .join('\n');
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
