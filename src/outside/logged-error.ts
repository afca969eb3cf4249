/**
 * What a log line says about an error. Database errors quote data: a violated constraint quotes the whole row, a
 * rejected value is quoted itself, and Prisma quotes the arguments of the call. So only their kind, code, constraint
 * name, and place in our code are kept. The messages of all other errors come from this service or from a library.
 */

export type LoggedError = {
  type: string;
  message?: string;
  /** The code of the library, such as `P2002` or `ECONNREFUSED`. */
  reason?: string;
  /** The SQLSTATE of PostgreSQL (appendix A of its documentation). */
  sqlState?: string;
  constraint?: string;
  stack?: string;
  cause?: LoggedError;
};

/** SQLSTATE classes whose messages name schema objects or the state of the server, never a value. */
const WITHOUT_VALUES = /^(?:08|25|40|42|53|55|57|58)/;
const MAX_CAUSES = 3;

/** @param error anything that was thrown */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { sqlState, constraint, message } = databaseError(error);
  const reason = textOf(error, 'code');
  const shown = isOfDatabase(error) || sqlState !== undefined ? messageWithoutValues(sqlState, message) : error.message;
  const { cause } = error;
  return {
    type: error.name,
    ...(shown !== undefined && { message: shown }),
    ...(reason !== undefined && reason !== sqlState && { reason }),
    ...(sqlState !== undefined && { sqlState }),
    ...(constraint !== undefined && { constraint }),
    stack: framesOf(error),
    ...(cause instanceof Error && depth < MAX_CAUSES && { cause: loggedError(cause, depth + 1) }),
  };
}

function messageWithoutValues(sqlState = '', message?: string): string | undefined {
  return WITHOUT_VALUES.test(sqlState) ? message : undefined;
}

function isOfDatabase({ name }: Error): boolean {
  return name.startsWith('Prisma') || name === 'DriverAdapterError';
}

/** PostgreSQL's own error, which Prisma wraps. */
function databaseError(error: Error): { sqlState?: string; constraint?: string; message?: string } {
  const meta = fieldOf(error, 'meta');
  const adapter = fieldOf(meta, 'driverAdapterError') ?? (error.name === 'DriverAdapterError' ? error : undefined);
  const original = fieldOf(adapter, 'cause') ?? (fieldOf(error, 'severity') === undefined ? undefined : error);
  const sqlState = textOf(original, 'originalCode') ?? textOf(original, 'code');
  const constraint = textOf(original, 'constraint') ?? textOf(fieldOf(original, 'constraint'), 'index');
  const message = textOf(original, 'originalMessage') ?? textOf(original, 'message');
  return {
    ...(sqlState !== undefined && { sqlState }),
    ...(constraint !== undefined && { constraint }),
    ...(message !== undefined && { message }),
  };
}

/** The stack frames, without the message at the beginning of a stack. */
function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : undefined;
}
