/** Reads typed values from the environment and collects every problem, so that all are reported at once. */
import { OperatorError } from '#errors.ts';
import type { Variable } from './settings.ts';

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

function isUnit(text: string): text is Unit {
  return text in UNIT_SECONDS;
}

/** Readers for one environment. Each returns the default if the value is absent or not valid. */
export function readEnvironment(env: Record<string, string | undefined>) {
  const problems: ConfigProblem[] = [];
  const problem = (variable: Variable, text: string) => void problems.push({ variable, problem: text });
  const text = (variable: Variable) => env[variable]?.trim() || undefined;

  const integer = (variable: Variable, fallback: number, min: number, max: number) => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    problem(variable, `must be a whole number from ${min} to ${max}`);
    return fallback;
  };
  const seconds = (variable: Variable, fallback: Duration, least: Duration, mostDays = 400) => {
    const [value, min] = [secondsOf(text(variable) ?? fallback), secondsOf(least) ?? 0];
    if (value !== null && value >= min && value <= mostDays * UNIT_SECONDS.d) return value;
    problem(
      variable,
      `must be a duration such as 10s, 15m, 12h or 30d, at least ${min} s and at most ${mostDays} days`,
    );
    return secondsOf(fallback) ?? 0;
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

  return { problems, problem, text, integer, seconds, oneOf, list, url };
}
