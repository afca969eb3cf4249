/** The definition of a command. Each command has its own file; `commands.ts` lists them. */
import { OperatorError } from '#errors/operator-error.ts';
import type { Terminal } from './terminal.ts';

export type OptionSpec = {
  type: 'string' | 'boolean';
  /** The name of the value in the help, for example ROLE. */
  value?: string;
  help: string;
};
type OptionSpecs = Record<string, OptionSpec>;

/** What was typed after the name of the command. An option that was not given is undefined. */
export type Invocation<Specs extends OptionSpecs = OptionSpecs> = {
  options: { [Name in keyof Specs]?: Specs[Name]['type'] extends 'boolean' ? boolean : string };
  words: readonly string[];
  terminal: Terminal;
};

export type Command<Specs extends OptionSpecs = OptionSpecs> = {
  /** As typed: one word, or two where the first names a group. */
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** Names of the words that must follow; one in square brackets is optional. */
  words?: readonly string[];
  options?: Specs;
  /** Further help, with examples; `COMMAND` in it is replaced with the full command line. */
  details?: string;
  /** Returns the exit code; undefined means 0. Fails with an error whose message is one line. */
  run(invocation: Invocation<Specs>): Promise<number | undefined>;
};

/** Gives `run` the types of the command's options. */
export function command<const Specs extends OptionSpecs = Record<never, never>>(definition: Command<Specs>): Command {
  return definition;
}

/** The command was used incorrectly: exit code 2. */
export class UsageError extends OperatorError {}

/** For every command that lists or creates something. */
export const JSON_OPTION = { json: { type: 'boolean', help: 'print one JSON document' } } as const;

/** An option that is a whole number from 1 to `max`. Fails with UsageError. */
export function integerOption(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}.`);
}
