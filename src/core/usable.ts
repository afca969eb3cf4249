/** Accounts and organizations that can be used: not blocked, and not scheduled for deletion. */
import type { Prisma, User } from '#generated/prisma/client.ts';

/** The condition of `isUsableAccount`, for a query. */
export const USABLE_ACCOUNT = { disabledAt: null, deletesAt: null } as const satisfies Prisma.UserWhereInput;

export function isUsableAccount(user: Pick<User, 'disabledAt' | 'deletesAt'>): boolean {
  return user.disabledAt === null && user.deletesAt === null;
}

/** An organization in which members can act, and which people can join. */
export const USABLE_ORGANIZATION = {
  suspendedAt: null,
  deletesAt: null,
} as const satisfies Prisma.OrganizationWhereInput;
