/**
 * Create an account for someone else. For administrators.
 *
 * The person gets an email to set a password, which also verifies the address: a password that someone else knows could
 * stay forever (OWASP ASVS 5.0, 6.4.1). Only the first administrator, whom no email may reach yet, can be created with
 * one. With a password, or where passwords do not sign in (SIGN_IN_METHODS), they get a verification email, unless
 * `isVerified` confirms that the address is theirs: then they get an organization immediately, as after a
 * verification. The role may be any of USER_ROLES. An unverified registration of the address makes way, and gives up
 * its username and phone number: a stranger who types an address does not block it.
 * Fails with: ValidationError, ServiceBusyError; UnauthenticatedError, ForbiddenError, ReauthenticationRequiredError.
 */
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import {
  type Administrator,
  hasAdministratorWithPassword,
  requireRecentAdministrator,
} from '#core/accounts/administrator.ts';
import { claimIdentifiers, reportTakenIdentifiers } from '#core/accounts/identifier-claim.ts';
import { REPLACEABLE_REGISTRATION } from '#core/accounts/registration.ts';
import { supersedeRegistrations } from '#core/accounts/superseded-registration.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { acceptName } from '#core/input/name.ts';
import { acceptRole } from '#core/input/platform-role.ts';
import { DEFAULT_LOCALE, parseLocale } from '#core/locale.ts';
import { joinFirstOrganization } from '#core/organizations/first-organization.ts';
import { refuseBreachedPassword } from '#core/passwords/breached-password.ts';
import { acceptNewPassword } from '#core/passwords/password.ts';
import { issueChallenge } from '#core/proofs/challenge.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type CreateUserInput = {
  name: string;
  email: string;
  /** For the first administrator only. If absent, the person gets an email to set one. */
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

/** How often to try again when someone registers the address at the same moment. */
const ATTEMPTS = 3;

export async function createUser(ctx: Ctx, input: CreateUserInput): Promise<CreateUserSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  const { password, ...newcomer } = parseNewcomer(ctx, input);
  if (password !== null) await requireFirstAdministrator(ctx, newcomer.role);
  await refuseTaken(ctx, newcomer);
  if (password !== null) await refuseBreachedPassword(ctx, { name: 'password', password });
  const passwordHash = password === null ? null : await ctx.passwordHasher.hash(password);
  const isVerified = input.isVerified === true;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const created = await inTransaction(ctx, async (tx) => {
      if (password !== null) await requireFirstAdministrator(tx, newcomer.role, { holds: true });
      const user = await addUser(tx, { ...newcomer, passwordHash, isVerified }, administrator);
      if (user === null) return null;
      await audit(tx, 'create_user.completed', user.id, administrator);
      const choosesPassword = passwordHash === null && isOpenMethod(tx, 'password');
      const mail = choosesPassword ? 'reset-password' : isVerified ? null : 'verify-email';
      if (mail !== null) {
        const challenge = await issueChallenge(tx, mail, user);
        await tx.outbox.queue(tx, { mail, challengeId: challenge.id });
      }
      return { user: isVerified ? await joinFirstOrganization(tx, user) : user, mail } as const;
    });
    if (created !== null) return created;
    await refuseTaken(ctx, newcomer);
  }
  throw new ServiceBusyError(1);
}

/** Whether an account with this role may be created with a password. Fails with ValidationError if it may not. */
export async function requireFirstAdministrator(
  ctx: Ctx,
  role: string | null | undefined,
  { holds = false }: { holds?: boolean } = {},
): Promise<void> {
  const isFirst = role === ADMIN_ROLE && !(await hasAdministratorWithPassword(ctx, { holds }));
  const hasPasswords = isOpenMethod(ctx, 'password');
  if (isFirst && hasPasswords) return;
  const errors = collectFieldErrors();
  const message = hasPasswords
    ? 'Only the first administrator can be created with a password. Leave it out: an email lets the owner choose one.'
    : 'Leave out the password: people sign in by email here.';
  errors.add('password', 'NOT_ALLOWED', message);
  errors.throwIfAny();
}

type Newcomer = Omit<ReturnType<typeof parseNewcomer>, 'password'>;
type NewRow = Newcomer & { passwordHash: string | null; isVerified: boolean };

/** The new account; null if someone took the address at the same moment. */
async function addUser(tx: Ctx, { isVerified, ...row }: NewRow, administrator: Administrator): Promise<User | null> {
  const now = tx.clock();
  await claimIdentifiers(tx, row, row);
  await supersedeRegistrations(tx, [row.email], administrator);
  const data = { ...row, emailVerifiedAt: isVerified ? now : null, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [data], skipDuplicates: true });
  return user ?? null;
}

function parseNewcomer(ctx: Ctx, input: CreateUserInput) {
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  const email = acceptEmailAddress(input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptRole(ctx, input.role, errors);
  const locale = parseLocale(input.locale, ctx.templates.languages) ?? DEFAULT_LOCALE;
  const personal = [name, email, username, phone];
  const password =
    input.password == null
      ? null
      : acceptNewPassword(ctx, { name: 'password', value: input.password, personal }, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, password };
}

async function refuseTaken(ctx: Ctx, newcomer: Newcomer): Promise<void> {
  const errors = collectFieldErrors();
  const { email } = newcomer;
  if ((await ctx.db.user.count({ where: { email, NOT: REPLACEABLE_REGISTRATION } })) > 0) {
    errors.add('email', 'ALREADY_TAKEN', 'This email address already has an account.');
  }
  await reportTakenIdentifiers(ctx, newcomer, null, errors);
  errors.throwIfAny();
}
