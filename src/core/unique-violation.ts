/** Recognizes that another transaction inserted a unique value first. */
import { Prisma } from '#generated/prisma/client.ts';

/** Prisma's error code. PostgreSQL has then aborted the current transaction. */
const UNIQUE_VIOLATION = 'P2002';

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
}
