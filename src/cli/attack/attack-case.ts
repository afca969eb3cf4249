/** One attack: what it tries, and what it means if it works. Each file in `cases` holds a few. */
import type { Target } from './target.ts';

export type AttackCase = {
  /** Two or three words, for `--only` and the table. */
  name: string;
  /** The promise of the service that the attack tests, as a sentence. */
  holds: string;
  /** What a finding means for the operator, and where to look. */
  means: string;
  /** Tries it, and returns each finding as a sentence; none if the service holds. Fails with `Skipped`. */
  run: (target: Target) => Promise<readonly string[]>;
};

/** The value at a path of a JSON value; undefined if there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (it, key) => (typeof it === 'object' && it !== null ? (it as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** The text at a path of a JSON value; empty if there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
