/** What a command is. Each has a file of its own; `commands.ts` lists them. */
import { OperatorError } from '#errors.ts';
import type { Terminal } from './terminal.ts';

export type OptionSpec = {
  type: 'string' | 'boolean';
  /** What a value is called in the help, for example ROLE. */
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
  /** As it is typed: one word, or two where the first names a group. */
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** Names of the words that have to follow; one in square brackets may be left out. */
  words?: readonly string[];
  options?: Specs;
  /** Further help, with examples; `COMMAND` in it stands for how this command is called. */
  details?: string;
  /** Gives the exit code; 0 when it gives nothing. Fails with an error whose message is one line. */
  run(invocation: Invocation<Specs>): Promise<number | undefined>;
};

/** Keeps the types of a command's options for its `run`. */
export function command<const Specs extends OptionSpecs = Record<never, never>>(definition: Command<Specs>): Command {
  return definition;
}

/** The command was not called as its help says: exit code 2. */
export class UsageError extends OperatorError {}

/** For every command that lists or makes something. */
export const JSON_OPTION = { json: { type: 'boolean', help: 'one JSON document on standard output' } } as const;

/** A whole number given as an option. Fails with UsageError. */
export function integerOption(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}.`);
}
