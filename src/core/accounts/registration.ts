/**
 * Unverified registrations. Anyone can type any address, so until its owner has verified it, a registration is only a
 * claim: others may register the same address, and everything in it except the address may be a stranger's choice. An
 * account that an operator created or imported is not a claim, verified or not.
 */
import type { Ctx } from '#core/context.ts';
import { DEFAULT_LOCALE } from '#core/locale.ts';
import type { Prisma, User } from '#generated/prisma/client.ts';

/** Matches users who registered and whose address is not verified. */
export const UNVERIFIED_REGISTRATION = {
  source: 'REGISTRATION',
  emailVerifiedAt: null,
} as const satisfies Prisma.UserWhereInput;

/**
 * Matches registrations that make way for a better claim to their address, username, or phone number. One that an
 * administrator disabled does not: its owner would be rid of the ban.
 */
export const REPLACEABLE_REGISTRATION = {
  ...UNVERIFIED_REGISTRATION,
  disabledAt: null,
} as const satisfies Prisma.UserWhereInput;

/** As `UNVERIFIED_REGISTRATION`, for a user at hand. */
export function isUnverifiedRegistration(user: Pick<User, 'source' | 'emailVerifiedAt'>): boolean {
  return user.source === UNVERIFIED_REGISTRATION.source && user.emailVerifiedAt === null;
}

/** The columns about second factors in a new account, which has none. */
export const NO_SECOND_FACTOR = {
  hasSecondFactor: false,
  secondFactorFailures: 0,
  passwordSuspendedAt: null,
  passwordResetAt: null,
  factorsResetAt: null,
} as const satisfies Partial<User>;

/** An account with nothing but the address: all that can be trusted of a registration the owner may not have made. */
export function blankAccount(ctx: Ctx, email: string) {
  return {
    name: email.slice(0, email.lastIndexOf('@')),
    username: null,
    phone: null,
    role: ctx.config.userRoles[0] ?? '',
    locale: DEFAULT_LOCALE,
    tenantId: null,
    invitationId: null,
    isPasswordless: false,
  };
}
