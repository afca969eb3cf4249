/**
 * Make an account for somebody else. For administrators.
 *
 * Without a password the person gets an email with which they set one, which also proves the address; with one, and an
 * address that nobody vouches for, an email that proves it. `isVerified` vouches for it: the person belongs to a team at
 * once, as after the proof. The role may be any of USER_ROLES. An identifier that any account has is taken.
 * Fails with: ValidationError, ServiceBusyError; UnauthenticatedError, ForbiddenError, ReauthenticationRequiredError.
 */
import { requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { acceptName } from '#core/input/name.ts';
import { acceptRole } from '#core/input/platform-role.ts';
import { DEFAULT_LOCALE, parseLocale } from '#core/locale.ts';
import { joinFirstOrganization } from '#core/organizations/first-organization.ts';
import { acceptNewPassword } from '#core/passwords/password.ts';
import { issueChallenge } from '#core/proofs/challenge.ts';
import type { User } from '#generated/prisma/client.ts';

export type CreateUserInput = {
  name: string;
  email: string;
  /** None: the person sets one with an email. */
  password?: string | null | undefined;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** One of USER_ROLES; the first of them when absent. */
  role?: string | null | undefined;
  locale?: string | null | undefined;
  /** The address is known to be theirs. */
  isVerified?: boolean | undefined;
};

/** `mail` is what the person was sent, if anything. */
export type CreateUserSuccess = { user: User; mail: 'reset-password' | 'verify-email' | null };

export async function createUser(ctx: Ctx, input: CreateUserInput): Promise<CreateUserSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  const { password, ...newcomer } = parseNewcomer(ctx, input);
  await refuseTaken(ctx, newcomer);
  const passwordHash = password === null ? null : await ctx.passwordHasher.hash(password);
  const isVerified = input.isVerified === true;
  return inTransaction(ctx, async (tx) => {
    const now = tx.clock();
    const row = { ...newcomer, passwordHash, emailVerifiedAt: isVerified ? now : null, createdAt: now, updatedAt: now };
    const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
    if (user === undefined) {
      await refuseTaken(tx, newcomer);
      throw new Error('A user could not be made, and no identifier is taken.');
    }
    await audit(tx, 'create_user.completed', user.id, administrator);
    const mail = passwordHash === null ? 'reset-password' : isVerified ? null : 'verify-email';
    if (mail !== null) {
      const challenge = await issueChallenge(tx, mail, user);
      await tx.outbox.queue(tx, { mail, challengeId: challenge.id });
    }
    return { user: isVerified ? await joinFirstOrganization(tx, user) : user, mail };
  });
}

function parseNewcomer(ctx: Ctx, input: CreateUserInput) {
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  const email = acceptEmailAddress(input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptRole(ctx, input.role, errors);
  const locale = parseLocale(input.locale) ?? DEFAULT_LOCALE;
  const personal = [name, email, username];
  const password =
    input.password == null
      ? null
      : acceptNewPassword(ctx, { name: 'password', value: input.password, personal }, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, password };
}

async function refuseTaken(ctx: Ctx, { email, username, phone }: Pick<User, 'email' | 'username' | 'phone'>) {
  const errors = collectFieldErrors();
  const isTaken = async (where: { email: string } | { username: string } | { phone: string }) =>
    (await ctx.db.user.count({ where })) > 0;
  if (await isTaken({ email })) errors.add('email', 'ALREADY_TAKEN', 'This address has an account already.');
  if (username !== null && (await isTaken({ username }))) {
    errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  }
  if (phone !== null && (await isTaken({ phone }))) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
  errors.throwIfAny();
}
