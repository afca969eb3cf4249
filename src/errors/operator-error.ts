/** Something an operator has to fix before the process can run; the message says everything they need to know. */
export class OperatorError extends Error {}

/** An error as an operator reads it: one line for what they can fix, the whole stack trace for anything else. */
export function explain(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return (error instanceof Error && error.stack) || String(error);
}
