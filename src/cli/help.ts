/** The help texts, generated from the commands. */
import type { Command } from './command.ts';

const PROGRAM = 'npm run -s latchkey --';

/** A list of commands, each with its summary. */
export function helpOfCommands(commands: readonly Command[]): string {
  const names = commands.map((command) => [command.name, ...(command.words ?? [])].join(' '));
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const lines = commands.map(({ summary }, at) => `  ${(names[at] ?? '').padEnd(width)}${summary}`);
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    '',
    ...lines,
    '',
    'Run `COMMAND --help` for details. Settings come from the environment and .env, as they do for the service.',
    'Exit codes: 0 success, 1 failure or a check that did not pass, 2 incorrect usage.',
  ].join('\n');
}

/** Everything about one command. */
export function helpOfCommand({ name, summary, words = [], options = {}, details }: Command): string {
  const rows = Object.entries(options).map(
    ([option, { value, help }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  const call = `${PROGRAM} ${name}`;
  return [
    `Usage: ${[call, ...words].join(' ')}${rows.length > 0 ? ' [OPTIONS]' : ''}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(rows.length > 0 ? ['', ...rows.map(([left, help]) => `  ${left.padEnd(width)}${help}`)] : []),
    ...(details === undefined ? [] : ['', details.trim().replaceAll('COMMAND', call)]),
  ].join('\n');
}
