/** The result of a check of `latchkey doctor`. */

export type Finding = { check: string; status: 'ok' | 'warn' | 'fail'; message: string };
export type Verdict = Omit<Finding, 'check'>;

export const ok = (message: string): Verdict => ({ status: 'ok', message });
export const warn = (message: string): Verdict => ({ status: 'warn', message });
export const fail = (message: string): Verdict => ({ status: 'fail', message });

/** The message of an error on one line. */
export function lineOf(error: unknown): string {
  const reasons = error instanceof AggregateError ? error.errors : [error];
  return reasons.map((it) => (it instanceof Error ? it.message : String(it)).replace(/\s+/g, ' ').trim()).join(', ');
}
