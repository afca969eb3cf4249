/** Something an operator has to fix before the process can run; the message says everything they need to know. */
export class OperatorError extends Error {}

/** What to tell an operator: one line for what they can fix, the whole stack trace for anything else. */
export function explain(error: unknown): string {
  return error instanceof OperatorError ? error.message : ((error as Error).stack ?? String(error));
}
