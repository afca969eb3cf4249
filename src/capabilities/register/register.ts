/**
 * Make an account and mail a proof to its address.
 *
 * The answer is the same whether or not the address has an account already; then its owner is told by mail instead.
 * An account that is not verified belongs to whoever proves the address. While a proof is out, a second registration
 * with another password voids both passwords: somebody else may have typed one of them, and whoever reads the mail sets
 * one by `resetPassword`. So nobody can prepare an account for another's address. When the proof has expired the
 * account is as good as none, and the next registration takes its place. An unverified account holds a username or
 * phone only until somebody else asks for it.
 *
 * Fails with: ValidationError, ServiceBusyError; EmailTakenError where ACCOUNT_DISCOVERY=reveal.
 */
import { audit } from '#core/audit.ts';
import { issueChallenge } from '#core/challenge.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { acceptEmailAddress } from '#core/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/identifier.ts';
import { claimIdentifiers, refuseTakenIdentifiers } from '#core/identifier-claim.ts';
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
  const holder = await findHolder(ctx, applicant.email);
  // One hash for known and unknown addresses alike: the answer takes as long.
  const registration = holder === null ? await hashed(ctx, applicant) : await compared(ctx, applicant, holder);
  const mail = await tryReserveMail(ctx, 'verify-email', applicant.email);
  const isDone = await registration(mail.granted).catch(async (error) => {
    if (mail.granted) await giveBackMail(ctx, 'verify-email', applicant.email);
    throw error;
  });
  if (!isDone) {
    // Of two registrations at once the other was first; this one is a repeated one then.
    if (mail.granted) await giveBackMail(ctx, 'verify-email', applicant.email);
    return register(ctx, input);
  }
  const isTaken = holder !== null && holder.emailVerifiedAt !== null;
  if (isTaken && ctx.config.accountDiscovery === 'reveal') throw new EmailTakenError();
  return { email: applicant.email, resendAvailableAt: mail.nextAt };
}

/** What is left to do once the password is hashed or compared; false when somebody else was first. */
type Registration = (mayMail: boolean) => Promise<boolean>;

const liveProof = (now: Date) => ({
  purpose: 'verify-email',
  consumedAt: null,
  replacedAt: null,
  expiresAt: { gt: now },
});

/** The account of the address, if it is verified or waits for a proof that is out. */
async function findHolder(ctx: Ctx, email: string): Promise<User | null> {
  const isHeld = [{ emailVerifiedAt: { not: null } }, { challenges: { some: liveProof(ctx.clock()) } }];
  return ctx.db.user.findFirst({ where: { email, OR: isHeld } });
}

async function hashed(ctx: Ctx, { password, ...applicant }: Applicant): Promise<Registration> {
  const passwordHash = await ctx.passwordHasher.hash(password);
  return (mayMail) => inTransaction(ctx, (tx) => enrol(tx, applicant, passwordHash, mayMail));
}

async function enrol(tx: Ctx, applicant: Omit<Applicant, 'password'>, passwordHash: string, mayMail: boolean) {
  const now = tx.clock();
  await claimIdentifiers(tx, applicant);
  // An account nobody verified in time makes way.
  await tx.db.user.deleteMany({
    where: { email: applicant.email, emailVerifiedAt: null, challenges: { none: liveProof(now) } },
  });
  const row = { ...applicant, passwordHash, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
  if (user === undefined) return false;
  await audit(tx, 'register.completed', user.id);
  if (mayMail) await mailProof(tx, user);
  return true;
}

async function compared(ctx: Ctx, { password }: Applicant, holder: User): Promise<Registration> {
  const { matches } = await ctx.passwordHasher.verify(holder.passwordHash, password);
  return (mayMail) =>
    inTransaction(ctx, async (tx) => {
      await audit(tx, 'register.repeated', holder.id);
      if (holder.emailVerifiedAt !== null) {
        if (mayMail) await tx.outbox.queue(tx, { mail: 'already-registered', userId: holder.id });
        return true;
      }
      if (!matches) {
        const unproven = { id: holder.id, emailVerifiedAt: null, passwordHash: holder.passwordHash };
        await tx.db.user.updateMany({ where: unproven, data: { passwordHash: null, updatedAt: tx.clock() } });
      }
      if (mayMail) await mailProof(tx, holder);
      return true;
    });
}

async function mailProof(tx: Ctx, user: User): Promise<void> {
  const challenge = await issueChallenge(tx, 'verify-email', user);
  await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
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
