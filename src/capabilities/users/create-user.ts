/**
 * Create an account for someone else. For administrators.
 *
 * Without a password, the person gets an email to set one, which also verifies the address. With a password, they get a
 * verification email, unless `isVerified` confirms that the address is theirs: then they get an organization
 * immediately, as after a verification. The role may be any of USER_ROLES. Identifiers of any other account are taken.
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
  /** If absent, the person gets an email to set one. */
  password?: string | null | undefined;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** One of USER_ROLES; defaults to the first. */
  role?: string | null | undefined;
  locale?: string | null | undefined;
  /** Whether the address is known to belong to the person. */
  isVerified?: boolean | undefined;
};

/** `mail` is the email that the person was sent, if any. */
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
      throw new Error('Could not create a user although no identifier is taken.');
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
  const personal = [name, email, username, phone];
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
  if (await isTaken({ email })) errors.add('email', 'ALREADY_TAKEN', 'This email address already has an account.');
  if (username !== null && (await isTaken({ username }))) {
    errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  }
  if (phone !== null && (await isTaken({ phone }))) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
  errors.throwIfAny();
}
