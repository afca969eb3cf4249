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
 * Fails with: ValidationError, ServiceBusyError; EmailTakenError where ACCOUNT_DISCOVERY lets it tell.
 */
import { validate as isUuid, v7 as uuid } from 'uuid';
import { type Face, tellsAccounts } from '#core/account-discovery.ts';
import { findAddressHolder, liveProof } from '#core/address-holder.ts';
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
import { openProvisionalSession } from '#core/provisional-session.ts';
import { isOpenTenant } from '#core/tenant.ts';
import { EmailTakenError } from '#errors.ts';
import type { Session, User } from '#generated/prisma/client.ts';

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
  /** The organisation to belong to, one that is open for registration; a team of one's own when absent. */
  organizationId?: string | null | undefined;
  /** Who answers: the documented REST APIs tell that an address is taken, unless they are set to conceal that too. */
  face?: Face;
  /** Also opens a provisional session, for an API that answers a registration with tokens. */
  opensSession?: boolean;
};

/** The same for new and for known addresses, save where ACCOUNT_DISCOVERY lets it tell. */
export type RegisterSuccess = {
  email: string;
  resendAvailableAt: Date;
  /** The account as it was registered; made up where the address has one already and that is concealed. */
  user: User;
  /** The provisional session, if one was asked for. */
  session: Session | null;
};

type Applicant = Pick<User, 'name' | 'email' | 'username' | 'phone' | 'role' | 'locale' | 'tenantId'> & {
  password: string;
};

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const applicant = await parseApplicant(ctx, input);
  await refuseTakenIdentifiers(ctx, applicant);
  const holder = await findAddressHolder(ctx, applicant.email);
  // One hash for known and unknown addresses alike: the answer takes as long.
  const isTold = holder !== null && tellsAccounts(ctx, input.face ?? 'graphql');
  const opensSession = input.opensSession === true && !isTold;
  const registration = await (holder === null
    ? hashed(ctx, applicant, opensSession)
    : compared(ctx, applicant, holder, opensSession));
  const mail = await tryReserveMail(ctx, 'verify-email', applicant.email);
  const registered = await registration(mail.granted).catch(async (error) => {
    if (mail.granted) await giveBackMail(ctx, 'verify-email', applicant.email);
    throw error;
  });
  if (registered === null) {
    // Of two registrations at once the other was first; this one is a repeated one then.
    if (mail.granted) await giveBackMail(ctx, 'verify-email', applicant.email);
    return register(ctx, input);
  }
  if (isTold) throw new EmailTakenError();
  return { email: applicant.email, resendAvailableAt: mail.nextAt, ...registered };
}

/** What is left to do once the password is hashed or compared; null when somebody else was first. */
type Registration = (mayMail: boolean) => Promise<Registered | null>;
type Registered = Pick<RegisterSuccess, 'user' | 'session'>;

async function hashed(ctx: Ctx, { password, ...applicant }: Applicant, opensSession: boolean): Promise<Registration> {
  const passwordHash = await ctx.passwordHasher.hash(password);
  return (mayMail) =>
    inTransaction(ctx, async (tx) => {
      const user = await enrol(tx, applicant, passwordHash);
      if (user === null) return null;
      if (mayMail) await mailProof(tx, user);
      return { user, session: opensSession ? await openProvisionalSession(tx, user) : null };
    });
}

async function enrol(tx: Ctx, applicant: Omit<Applicant, 'password'>, passwordHash: string): Promise<User | null> {
  const now = tx.clock();
  await claimIdentifiers(tx, applicant);
  // An account nobody verified in time makes way.
  await tx.db.user.deleteMany({
    where: { email: applicant.email, emailVerifiedAt: null, challenges: { none: liveProof(now) } },
  });
  const row = { ...applicant, passwordHash, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
  if (user === undefined) return null;
  await audit(tx, 'register.completed', user.id);
  return user;
}

async function compared(
  ctx: Ctx,
  { password, ...applicant }: Applicant,
  holder: User,
  opensSession: boolean,
): Promise<Registration> {
  const { matches } = await ctx.passwordHasher.verify(holder.passwordHash, password);
  return (mayMail) =>
    inTransaction(ctx, async (tx) => {
      // One registration of a person at a time, and the user first, as everything that changes several rows of theirs does.
      const held = await tx.db.$queryRaw<object[]>`SELECT 1 FROM users WHERE id = ${holder.id}::uuid FOR NO KEY UPDATE`;
      // Meanwhile the account made way for a newer one.
      if (held.length === 0) return null;
      await audit(tx, 'register.repeated', holder.id);
      if (holder.emailVerifiedAt === null && !matches) {
        const unproven = { id: holder.id, emailVerifiedAt: null, passwordHash: holder.passwordHash };
        await tx.db.user.updateMany({ where: unproven, data: { passwordHash: null, updatedAt: tx.clock() } });
      }
      if (mayMail) await mailHolder(tx, holder);
      const session = opensSession ? await openProvisionalSession(tx, holder) : null;
      return { user: asIfNew(tx, applicant), session };
    });
}

/** What a new account would look like: nothing of the one that the address has. */
function asIfNew(tx: Ctx, applicant: Omit<Applicant, 'password'>): User {
  const now = tx.clock();
  const times = { createdAt: now, updatedAt: now, emailVerifiedAt: null, disabledAt: null, deletesAt: null };
  return { ...applicant, id: uuid(), passwordHash: null, ...times };
}

async function mailHolder(tx: Ctx, holder: User): Promise<void> {
  if (holder.emailVerifiedAt === null) await mailProof(tx, holder);
  else await tx.outbox.queue(tx, { mail: 'already-registered', userId: holder.id });
}

async function mailProof(tx: Ctx, user: User): Promise<void> {
  const challenge = await issueChallenge(tx, 'verify-email', user);
  await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
}

async function parseApplicant(ctx: Ctx, input: RegisterInput): Promise<Applicant> {
  const errors = collectFieldErrors();
  const name = acceptPersonName(input.name, errors);
  const email = acceptEmailAddress(input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptRole(ctx, input.role, errors);
  const locale = parseLocale(input.locale) ?? 'en';
  const personal = [name, email, username];
  const password = acceptNewPassword(ctx, { name: 'password', value: input.password, personal }, errors);
  const tenantId = await acceptTenant(ctx, input.organizationId, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, tenantId, password };
}

async function acceptTenant(ctx: Ctx, id: string | null | undefined, errors: FieldErrors): Promise<string | null> {
  if (!id) return null;
  if (!isUuid(id)) return errors.add('organizationId', 'INVALID_FORMAT', 'An organisation is named by its UUID.');
  if (await isOpenTenant(ctx, id)) return id;
  return errors.add('organizationId', 'NOT_ALLOWED', 'This organisation is not open for registration.');
}

function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const chosen = role || (ctx.config.userRoles[0] ?? '');
  if (role && !ctx.config.selfAssignableRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', 'This role cannot be chosen when registering.');
  }
  return chosen;
}
