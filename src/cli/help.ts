/** The help texts, generated from the commands, for the width of the terminal. */
import type { Command } from './command.ts';
import { wrapped } from './wrap.ts';

const PROGRAM = 'npm run -s latchkey --';

/** A list of commands, each with its summary. */
export function helpOfCommands(commands: readonly Command[], width: number): string {
  const rows = commands.map(({ name, words = [], summary }) => [[name, ...words].join(' '), summary] as const);
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    listOf(rows, width),
    wrapped(
      'Run `COMMAND --help` for details. Settings come from the environment and .env, as for the service.',
      width,
    ),
    wrapped('Exit codes: 0 success, 1 failure or a check that did not pass, 2 incorrect usage.', width),
  ].join('\n\n');
}

/** Everything about one command. */
export function helpOfCommand({ name, summary, words = [], options = {}, details }: Command, width: number): string {
  const rows = Object.entries(options).map(
    ([option, { value, help }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const call = `${PROGRAM} ${name}`;
  return [
    `Usage: ${[call, ...words].join(' ')}${rows.length > 0 ? ' [OPTIONS]' : ''}`,
    wrapped(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, width),
    ...(rows.length > 0 ? [listOf(rows, width)] : []),
    ...(details === undefined ? [] : [detailsOf(details.trimEnd().replaceAll('COMMAND', call), width)]),
  ].join('\n\n');
}

/** Two columns, of which the second is wrapped. */
function listOf(rows: readonly (readonly [left: string, right: string])[], width: number): string {
  const left = Math.max(...rows.map(([text]) => text.length)) + 4;
  return rows.map(([text, right]) => `  ${text}`.padEnd(left) + wrapped(right, width, left)).join('\n');
}

/** Paragraphs are wrapped. Indented lines stay, as examples must, except for the second column of a list. */
function detailsOf(text: string, width: number): string {
  const paragraphs = text.replace(/^\n/, '').split('\n\n');
  return paragraphs
    .map((paragraph) => {
      if (!paragraph.startsWith('  ')) return wrapped(paragraph.replaceAll('\n', ' '), width);
      const lines = paragraph.split('\n').map((line) => /^( {2}\S+ {2,})(\S.*)$/.exec(line) ?? [line]);
      return lines
        .map(([line, left, right = '']) => (left === undefined ? line : left + wrapped(right, width, left.length)))
        .join('\n');
    })
    .join('\n\n');
}
