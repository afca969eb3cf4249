/** One attack: what is tried, and what it means if it works. Each file in `cases` holds a few. */
import type { Target } from './target.ts';

export type AttackCase = {
  /** Two or three words, for `--only` and the table. */
  name: string;
  /** What holds if the attack fails, as a sentence. */
  holds: string;
  /** What a finding means for the operator, and where to look. */
  means: string;
  /** Tries it, and returns each finding as a sentence; none if the service holds. Fails with `Skipped`. */
  run: (target: Target) => Promise<readonly string[]>;
};

/** What is at a path of a JSON value; undefined if there is no such place. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (it, key) => (typeof it === 'object' && it !== null ? (it as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** The same as a text; empty if it is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
