/**
 * Finds the command that was typed, reads its options, runs it, and returns the exit code: 0 success, 1 failure (or a
 * check that did not pass), 2 incorrect usage. A failure is one line on standard error.
 */
import { parseArgs } from 'node:util';
import { DomainError, ValidationError } from '#errors/domain-errors.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { RefusedError } from '#errors/refused-errors.ts';
import packed from '../../package.json' with { type: 'json' };
import { type Command, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOfCommand, helpOfCommands } from './help.ts';
import { note, say, type Terminal } from './terminal.ts';
import { widthOf } from './wrap.ts';

const HELP_OPTION = { help: { type: 'boolean', short: 'h' } } as const;

/** @param words what was typed after `latchkey` */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    note(terminal, explainFailure(error, terminal.env['LOG_LEVEL'] === 'debug'));
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(typed: readonly string[], terminal: Terminal): Promise<number> {
  const asksHelp = typed[0] === 'help' || typed[0] === '--help' || typed[0] === '-h';
  const words = asksHelp ? typed.slice(1) : typed;
  const command = findCommand(words);
  const wantsHelp = asksHelp || words.includes('--help') || words.includes('-h');
  if (command !== null && wantsHelp) {
    say(terminal, helpOfCommand(command, widthOf(terminal)));
    return 0;
  }
  if (typed.join() === '--version') {
    say(terminal, packed.version);
    return 0;
  }
  if (command === null) return explainCommands(words, wantsHelp, terminal);
  const { values, positionals } = readOptions(command, words.slice(command.name.split(' ').length));
  requireWords(command, positionals);
  return (await command.run({ options: values, words: positionals, terminal })) ?? 0;
}

/** The command that the typed words begin with; the longer name wins. */
function findCommand([first = '', second = '']: readonly string[]): Command | null {
  const named = (name: string) => COMMANDS.find((command) => command.name === name);
  return named(`${first} ${second}`) ?? named(first) ?? null;
}

/** No command: help if asked for, otherwise the mistake. `users` alone shows the commands of that group. */
function explainCommands(words: readonly string[], wantsHelp: boolean, terminal: Terminal): number {
  const [group, second] = words.filter((word) => !word.startsWith('-'));
  const members = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  const help = helpOfCommands(members.length > 0 ? members : COMMANDS, widthOf(terminal));
  if (wantsHelp && (group === undefined || members.length > 0)) {
    say(terminal, help);
    return 0;
  }
  if (words.length > 0 && (members.length === 0 || second !== undefined)) {
    throw new UsageError(`There is no command \`${words.slice(0, 2).join(' ')}\`. See \`latchkey help\` for the list.`);
  }
  note(terminal, help);
  return 2;
}

function readOptions(command: Command, args: readonly string[]) {
  const specs = Object.entries(command.options ?? {}).map(([name, { type }]) => [name, { type }] as const);
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...HELP_OPTION, ...Object.fromEntries(specs) },
      allowPositionals: true,
    });
    return { values: parsed.values as Record<string, never>, positionals: parsed.positionals };
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}. See \`latchkey ${command.name} --help\`.`);
  }
}

function requireWords({ name, words = [] }: Command, given: readonly string[]): void {
  const missing = words.slice(given.length).find((word) => !word.startsWith('['));
  if (missing !== undefined) throw new UsageError(`${missing} is missing. See \`latchkey ${name} --help\`.`);
  const surplus = given[words.length];
  if (surplus !== undefined) {
    throw new UsageError(`\`${surplus}\` is an unexpected argument. See \`latchkey ${name} --help\`.`);
  }
}

/** One line for expected errors. Unexpected ones show their stack if LOG_LEVEL is debug. */
function explainFailure(error: unknown, isDebugging: boolean): string {
  if (error instanceof ValidationError) {
    return error.fieldErrors.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' ');
  }
  if (error instanceof OperatorError || error instanceof DomainError || error instanceof RefusedError) {
    return error.message;
  }
  if (!(error instanceof Error)) return `Unexpected error: ${String(error)}`;
  const [line = ''] = error.message.trim().split('\n').reverse();
  return isDebugging ? (error.stack ?? error.message) : `Unexpected error: ${line} (set LOG_LEVEL=debug for details)`;
}
