/**
 * What a log line says about an error. Database errors quote data: a violated constraint quotes the whole row, a
 * rejected value is quoted itself, and Prisma quotes the arguments of the call. So only their kind, code, constraint
 * name, and place in our code are kept. The messages of all other errors come from this service or from a library.
 */

import { databaseError, textOf } from '#errors/database-error.ts';
import { inSources } from './source-places.ts';

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

/** The stack frames, without the message at the beginning of a stack. */
function framesOf({ stack = '' }: Error): string {
  return inSources(stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
