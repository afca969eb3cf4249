/** Reads typed values from the environment and collects every problem, so that all are reported at once. */
import { OperatorError } from '#errors/operator-error.ts';
import { SETTINGS, type Variable } from './settings.ts';
import { unreadable } from './unreadable.ts';

export type ConfigProblem = { variable: string; problem: string };

/** Every problem of the environment, in one error. */
export class ConfigError extends OperatorError {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(`Invalid settings:\n${problems.map((p) => `  ${p.variable}: ${p.problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export type Environment = ReturnType<typeof readEnvironment>;

/** A duration as settings are written: `15m`. */
export type Duration = `${number}${Unit}`;
type Unit = keyof typeof UNIT_SECONDS;
const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The number of seconds; null if the text is not a duration. */
function secondsOf(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  return isUnit(unit) ? Number(count) * UNIT_SECONDS[unit] : null;
}

/** The number of seconds of a duration that is written in the code. */
function lengthOf(duration: Duration): number {
  return secondsOf(duration) ?? 0;
}

function isUnit(text: string): text is Unit {
  return text in UNIT_SECONDS;
}

type Variables = Readonly<Record<string, string | undefined>>;
type ReadFile = (path: string) => string;

/**
 * Readers for one environment. Each returns the default if the value is absent or not valid. A setting that has a
 * `_FILE` beside it may come from that file: readers of the setting get what the file contains.
 */
export function readEnvironment(variables: Variables, readFile: ReadFile) {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const { env, places } = withFiles(variables, readFile, problems);
  const problem = (variable: Variable, text: string) =>
    void problems.push({ variable: places.get(variable) ?? variable, problem: text });
  const warning = (variable: Variable, text: string) =>
    void warnings.push({ variable: places.get(variable) ?? variable, problem: text });
  const text = (variable: Variable) => env[variable]?.trim() || undefined;
  /** Whether there is a value, or a file that should hold one and does not: that problem is already known. */
  const isGiven = (variable: Variable) => text(variable) !== undefined || places.has(variable);

  const integer = (variable: Variable, fallback: number, min: number, max: number) => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    problem(variable, `must be a whole number from ${min} to ${max}`);
    return fallback;
  };
  /** From 0 to 1. */
  const share = (variable: Variable, fallback: number) => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^(?:0|1|0?\.\d{1,9}|1\.0+)$/.test(value)) return Number(value);
    problem(variable, 'must be a number from 0 to 1, such as 0.1');
    return fallback;
  };
  const seconds = (variable: Variable, fallback: Duration, least: Duration, most: Duration = '400d') => {
    const value = secondsOf(text(variable) ?? fallback);
    if (value !== null && value >= lengthOf(least) && value <= lengthOf(most)) return value;
    problem(variable, `must be a duration from ${least} to ${most}, such as 10s, 15m, 12h or 30d`);
    return lengthOf(fallback);
  };
  const oneOf = <T extends string>(variable: Variable, fallback: T, allowed: readonly T[]): T => {
    const value = text(variable);
    if (value === undefined) return fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) problem(variable, `must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  };
  const list = (variable: Variable, fallback: readonly string[]) => {
    const value = text(variable);
    return value === undefined
      ? fallback
      : value
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== '');
  };
  const url = (variable: Variable, protocols: readonly string[]) => {
    const value = text(variable);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    problem(variable, `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    return undefined;
  };

  return { problems, warnings, problem, warning, text, isGiven, integer, share, seconds, oneOf, list, url };
}

const VARIABLES: ReadonlyMap<string, Variable> = new Map(SETTINGS.map(([name]) => [name, name]));

/**
 * The environment with what the files contain, and the variable that names the file of each setting that has one. The
 * line break that editors and `echo` leave at the end of a file is not part of a secret.
 */
function withFiles(variables: Variables, readFile: ReadFile, problems: ConfigProblem[]) {
  const env: Record<string, string | undefined> = { ...variables };
  const places = new Map<Variable, Variable>();
  for (const fileVariable of VARIABLES.values()) {
    const variable = fileVariable.endsWith('_FILE') ? VARIABLES.get(fileVariable.slice(0, -5)) : undefined;
    const path = variables[fileVariable]?.trim();
    if (variable === undefined || !path) continue;
    if (variables[variable]?.trim()) {
      problems.push({ variable, problem: `and ${fileVariable} must not both be set` });
      continue;
    }
    places.set(variable, fileVariable);
    const read = contentOf(path, readFile);
    if (read.problem === undefined) env[variable] = read.content;
    else problems.push({ variable: fileVariable, problem: read.problem });
  }
  return { env, places };
}

function contentOf(path: string, readFile: ReadFile): { content: string; problem?: undefined } | { problem: string } {
  try {
    const content = readFile(path).trim();
    return content === '' ? { problem: `is an empty file: ${path}` } : { content };
  } catch (error) {
    return { problem: unreadable(path, error) };
  }
}
