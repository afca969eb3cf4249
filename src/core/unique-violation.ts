/** A unique column already holds the value: somebody else was first. */
import { Prisma } from '#generated/prisma/client.ts';

/** Prisma's code for it; the transaction under way has failed with it. */
const UNIQUE_VIOLATION = 'P2002';

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
}
