/**
 * What an unverified account is worth. Anyone can type an address, so until its owner has verified it an account that was
 * registered is a claim: it can be competed for, and everything about it except the address may be a stranger's choice.
 * An account that an operator made or imported is not a claim, verified or not.
 */
import type { Ctx } from '#core/context.ts';
import { DEFAULT_LOCALE } from '#core/locale.ts';
import type { Prisma } from '#generated/prisma/client.ts';

/** Of a row of users: registered, and its address is not verified. */
export const UNVERIFIED_REGISTRATION = {
  source: 'REGISTRATION',
  emailVerifiedAt: null,
} as const satisfies Prisma.UserWhereInput;

/** An account of the address and nothing else: what is left of a registration that need not have been its owner's. */
export function blankAccount(ctx: Ctx, email: string) {
  return {
    name: email.slice(0, email.lastIndexOf('@')),
    username: null,
    phone: null,
    role: ctx.config.userRoles[0] ?? '',
    locale: DEFAULT_LOCALE,
    tenantId: null,
    invitationId: null,
  };
}
