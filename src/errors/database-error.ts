/** Reads the errors of PostgreSQL, in the forms in which the driver, its adapter, and Prisma pass them on. */

/** What is known of PostgreSQL's own error, which Prisma wraps. `kind` is the adapter's name for it. */
export type DatabaseError = { sqlState?: string; kind?: string; constraint?: string; message?: string };

/** Nothing for an error that does not come from the database. */
export function databaseError(error: Error): DatabaseError {
  const meta = fieldOf(error, 'meta');
  const adapter = fieldOf(meta, 'driverAdapterError') ?? (error.name === 'DriverAdapterError' ? error : undefined);
  const original = fieldOf(adapter, 'cause') ?? (fieldOf(error, 'severity') === undefined ? undefined : error);
  const sqlState = textOf(original, 'originalCode') ?? textOf(original, 'code');
  const constraint = textOf(original, 'constraint') ?? textOf(fieldOf(original, 'constraint'), 'index');
  const message = textOf(original, 'originalMessage') ?? textOf(original, 'message');
  const kind = textOf(original, 'kind');
  return {
    ...(kind !== undefined && { kind }),
    ...(sqlState !== undefined && { sqlState }),
    ...(constraint !== undefined && { constraint }),
    ...(message !== undefined && { message }),
  };
}

/**
 * Whether a transaction was ended because of others, and nothing of it was done: a serialization failure (40001) or a
 * deadlock (40P01), which Prisma calls P2034.
 */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { sqlState = '' } = databaseError(error);
  return ['40001', '40P01'].includes(sqlState) || textOf(error, 'code') === 'P2034';
}

/** Whether a statement, of which nothing was done, waited too long for a lock that someone else has (55P03). */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && databaseError(error).sqlState === '55P03';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The property `name`, if it is a text. */
export function textOf(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : undefined;
}
