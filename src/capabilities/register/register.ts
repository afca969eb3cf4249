/**
 * Make an account and mail a proof to its address.
 *
 * The answer is the same whether or not the address has an account already; then its owner is told by mail instead.
 * An account that is not verified belongs to whoever proves the address. While a proof is out, a second registration
 * with another password voids both passwords: somebody else may have typed one of them, and whoever reads the mail sets
 * one by `resetPassword`. So nobody can prepare an account for another's address. When the proof has expired the
 * account is as good as none, and the next registration takes its place. An unverified account holds a username or
 * phone only until somebody else asks for it. None of this touches an account that an operator made or imported.
 *
 * Fails with: ValidationError, ServiceBusyError; where ACCOUNT_DISCOVERY lets it tell, with EmailTakenError, and with
 * TooManyAttemptsError after many of those.
 */
import { v7 as uuid } from 'uuid';
import { discoveryBudget, tellsAccounts } from '#core/accounts/account-discovery.ts';
import { findAddressHolder, freeAddress, IS_SELF_REGISTERED } from '#core/accounts/address-holder.ts';
import { claimIdentifiers, refuseTakenIdentifiers } from '#core/accounts/identifier-claim.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import { giveBackMail, tryReserveMail } from '#core/mail/mail-budget.ts';
import { issueChallenge, issueDecoy } from '#core/proofs/challenge.ts';
import { openProvisionalSession } from '#core/sessions/provisional-session.ts';
import { EmailTakenError } from '#errors.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { type Applicant, parseApplicant, type RegisterInput } from './applicant.ts';

/** The same for new and for known addresses, save where ACCOUNT_DISCOVERY lets it tell. */
export type RegisterSuccess = {
  email: string;
  resendAvailableAt: Date;
  /** The account as it was registered; made up where the address has one already and that is concealed. */
  user: User;
  /** The provisional session, if one was asked for. */
  session: Session | null;
};

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const applicant = await parseApplicant(ctx, input);
  await refuseTakenIdentifiers(ctx, applicant);
  const isTelling = tellsAccounts(ctx, input.face ?? 'graphql');
  const holder = await (isTelling ? discoverHolder : findAddressHolder)(ctx, applicant.email);
  // One hash for known and unknown addresses alike: the answer takes as long.
  const isTold = isTelling && holder !== null;
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

/** Who has the address, where the answer tells. Of an address that is free nothing was told, and it costs nothing. */
async function discoverHolder(ctx: Ctx, email: string): Promise<User | null> {
  const budget = discoveryBudget(ctx);
  return ctx.turns.take(`${budget.rule.name} ${budget.of}`, budget.rule.limit, async () => {
    await reserve(ctx, [budget]);
    const holder = await findAddressHolder(ctx, email);
    if (holder === null) await giveBack(ctx, [budget]);
    return holder;
  });
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
  await freeAddress(tx, applicant.email);
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
      // Of an account that is verified, or that an operator made, nothing is changed, but it takes as long.
      if (!matches) {
        await tx.db.$executeRaw`
          UPDATE users u SET password_hash = NULL, updated_at = ${tx.clock()}::timestamptz
           WHERE u.id = ${holder.id}::uuid AND u.email_verified_at IS NULL AND u.password_hash = ${holder.passwordHash}
             AND ${IS_SELF_REGISTERED}`;
      }
      const { invitationId } = applicant;
      // Whoever knows the token has read the mail of this address.
      if (invitationId !== null) {
        await tx.db.user.updateMany({ where: { id: holder.id, emailVerifiedAt: null }, data: { invitationId } });
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
  if (holder.emailVerifiedAt === null) return mailProof(tx, holder);
  await issueDecoy(tx, 'verify-email');
  await tx.outbox.queue(tx, { mail: 'already-registered', userId: holder.id });
}

async function mailProof(tx: Ctx, user: User): Promise<void> {
  const challenge = await issueChallenge(tx, 'verify-email', user);
  await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
}
