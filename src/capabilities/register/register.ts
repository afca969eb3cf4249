/**
 * Make an account and mail a proof to its address.
 *
 * The answer is the same whether or not the address has an account already; then its owner is told by mail instead.
 * An account that was never verified belongs to nobody yet: who registers it again takes its place, and the mail that
 * goes out with that is the only proof still good. So the password that counts is always the one entered together with
 * the newest mail, and nobody can prepare an account for somebody else's address. For the same reason an unverified
 * account holds a username or phone only until somebody else asks for it.
 *
 * Fails with: ValidationError, ServiceBusyError; EmailTakenError where ACCOUNT_DISCOVERY=reveal.
 */
import { audit } from '#core/audit.ts';
import { issueChallenge } from '#core/challenge.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { acceptEmailAddress } from '#core/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/identifier.ts';
import { parseLocale } from '#core/locale.ts';
import { giveBackMail, tryReserveMail } from '#core/mail-budget.ts';
import { acceptNewPassword } from '#core/new-password.ts';
import { acceptPersonName } from '#core/person-name.ts';
import { EmailTakenError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type RegisterInput = {
  name: string;
  email: string;
  password: string;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** One of SELF_ASSIGNABLE_ROLES; the first of USER_ROLES when absent. */
  role?: string | null | undefined;
  /** BCP 47; decides the language of mails and pages. */
  locale?: string | null | undefined;
};

/** The same for new and for known addresses. */
export type RegisterSuccess = { email: string; resendAvailableAt: Date };

type Applicant = Pick<User, 'name' | 'email' | 'username' | 'phone' | 'role' | 'locale'> & { password: string };

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const applicant = parseApplicant(ctx, input);
  await refuseTakenIdentifiers(ctx, applicant);
  // Hashed for known addresses too: the answer takes as long.
  const passwordHash = await ctx.passwordHasher.hash(applicant.password);
  const mail = await tryReserveMail(ctx, 'verify-email', applicant.email);
  const isKnown = await enrol(ctx, applicant, passwordHash, mail.granted).catch(async (error) => {
    if (mail.granted) await giveBackMail(ctx, 'verify-email', applicant.email);
    throw error;
  });
  if (isKnown && ctx.config.accountDiscovery === 'reveal') throw new EmailTakenError();
  return { email: applicant.email, resendAvailableAt: mail.nextAt };
}

/** Makes or renews the account and queues its mail; tells whether a verified account was there already. */
async function enrol(ctx: Ctx, applicant: Applicant, passwordHash: string, mayMail: boolean): Promise<boolean> {
  const { password: _, ...data } = { ...applicant, passwordHash, updatedAt: ctx.clock() };
  return inTransaction(ctx, async (tx) => {
    await claimIdentifiers(tx, applicant);
    // Of two registrations at once one inserts; the other waits here and finds the account.
    const [inserted] = await tx.db.user.createManyAndReturn({
      data: [{ ...data, createdAt: data.updatedAt }],
      skipDuplicates: true,
    });
    const user = inserted ?? (await tx.db.user.findUniqueOrThrow({ where: { email: applicant.email } }));
    const isVerified = user.emailVerifiedAt !== null;
    await audit(tx, inserted === undefined ? 'register.repeated' : 'register.completed', user.id);
    if (!mayMail) return isVerified;
    if (isVerified) {
      await tx.outbox.queue(tx, { mail: 'already-registered', userId: user.id });
      return true;
    }
    if (inserted === undefined) await tx.db.user.updateMany({ where: { id: user.id, emailVerifiedAt: null }, data });
    const challenge = await issueChallenge(tx, 'verify-email', user);
    await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
    return false;
  });
}

function parseApplicant(ctx: Ctx, input: RegisterInput): Applicant {
  const errors = collectFieldErrors();
  const name = acceptPersonName(input.name, errors);
  const email = acceptEmailAddress(input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptRole(ctx, input.role, errors);
  const locale = parseLocale(input.locale) ?? 'en';
  const personal = [name, email, username];
  const password = acceptNewPassword(ctx, { name: 'password', value: input.password, personal }, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, password };
}

function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const chosen = role || (ctx.config.userRoles[0] ?? '');
  if (role && !ctx.config.selfAssignableRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', 'This role cannot be chosen when registering.');
  }
  return chosen;
}

/** Usernames and phones of verified accounts are taken, whoever asks; this says nothing about any address. */
async function refuseTakenIdentifiers(ctx: Ctx, applicant: Applicant): Promise<void> {
  const errors = collectFieldErrors();
  const taken = async (where: { username: string } | { phone: string }) =>
    ((await ctx.db.user.findUnique({ where, select: { emailVerifiedAt: true } }))?.emailVerifiedAt ?? null) !== null;
  if (applicant.username !== null && (await taken({ username: applicant.username }))) {
    errors.add('username', 'ALREADY_TAKEN', 'This username is taken.');
  }
  if (applicant.phone !== null && (await taken({ phone: applicant.phone }))) {
    errors.add('phone', 'ALREADY_TAKEN', 'This phone number belongs to another account.');
  }
  errors.throwIfAny();
}

/** Takes username and phone from whoever holds them unverified. One registration at a time for each of them. */
async function claimIdentifiers(tx: Ctx, applicant: Applicant): Promise<void> {
  const { username, phone, email } = applicant;
  if (username === null && phone === null) return;
  for (const identifier of [phone, username]) {
    if (identifier !== null) await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${identifier}, 0))`;
  }
  await refuseTakenIdentifiers(tx, applicant);
  const others = { emailVerifiedAt: null, email: { not: email } };
  if (username !== null) await tx.db.user.updateMany({ where: { ...others, username }, data: { username: null } });
  if (phone !== null) await tx.db.user.updateMany({ where: { ...others, phone }, data: { phone: null } });
}
