/** Recognizes what another transaction is the reason of: it inserted a unique value first, or was in the way. */
import { databaseError } from '#errors/database-error.ts';
import { Prisma } from '#generated/prisma/client.ts';

/** Prisma's error code for it. PostgreSQL has then aborted the current transaction. */
const UNIQUE_VIOLATION = 'P2002';

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
}

/**
 * Whether PostgreSQL rolled the transaction back because it deadlocked or conflicted with another one (40P01, 40001).
 * The same transaction again usually succeeds.
 */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return Reflect.get(error, 'code') === 'P2034' || ['40001', '40P01'].includes(databaseError(error).sqlState ?? '');
}
