/**
 * Make an account and mail a proof to its address.
 *
 * The answer is the same, and costs the same work, whether or not the address has an account; its owner is told by email
 * instead. Anyone can type an address, so an account that was registered is a claim until its address is verified: a
 * second registration with another password voids both passwords and everything else about the claim, whatever became of
 * the emails and however old it is. The owner sets a password with `resetPassword`. So nobody can prepare an account for
 * someone else's address. None of this touches an account that is verified, or that an operator made or imported.
 *
 * Fails with: ValidationError, ServiceBusyError, TooManyAttemptsError (after many answers that tell what is taken); with
 * EmailTakenError where ACCOUNT_DISCOVERY lets it tell.
 */
import { NIL, v7 as uuid } from 'uuid';
import { discoveryBudget, tellsAccounts } from '#core/accounts/account-discovery.ts';
import { findAddressHolder } from '#core/accounts/address-holder.ts';
import { claimIdentifiers, requireFreeIdentifiers } from '#core/accounts/identifier-claim.ts';
import { blankAccount, UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import { giveBackRegistrationMail, reserveRegistrationMail } from '#core/mail/mail-budget.ts';
import { issueChallenge, issueDecoy } from '#core/proofs/challenge.ts';
import { endProvisionalSessions, openProvisionalSession } from '#core/sessions/provisional-session.ts';
import { EmailTakenError, ServiceBusyError } from '#errors.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { type Applicant, parseApplicant, type RegisterInput } from './applicant.ts';

/** The same for new and for known addresses, except where ACCOUNT_DISCOVERY lets it tell. */
export type RegisterSuccess = {
  email: string;
  resendAvailableAt: Date;
  /** The account as it was registered; made up where the address has one already and that is concealed. */
  user: User;
  /** The provisional session, if one was asked for. */
  session: Session | null;
};

type Profile = Omit<Applicant, 'password'>;
type Registered = Pick<RegisterSuccess, 'user' | 'session'>;
type Options = { opensSession: boolean; mayMail: boolean };

/** Of two registrations at once one has to start again; it does so a few times at most, because each time it hashes. */
const ATTEMPTS = 3;

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const applicant = await parseApplicant(ctx, input);
  await requireFreeIdentifiers(ctx, applicant);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const registered = await tryToRegister(ctx, applicant, input);
    if (registered !== null) return registered;
  }
  throw new ServiceBusyError(1);
}

/** Null when somebody else registered the address, or removed its account, in this very moment. */
async function tryToRegister(
  ctx: Ctx,
  { password, ...profile }: Applicant,
  input: RegisterInput,
): Promise<RegisterSuccess | null> {
  const tells = tellsAccounts(ctx, input.face ?? 'graphql');
  const holder = tells ? await discoverHolder(ctx, profile.email) : await findAddressHolder(ctx, profile.email);
  const isTold = tells && holder !== null;
  const opensSession = input.opensSession === true && !isTold;
  // One hash for known and unknown addresses alike: the answer takes as long.
  const enter =
    holder === null ? await newcomer(ctx, profile, password) : await repeater(ctx, profile, password, holder);

  const mail = await reserveRegistrationMail(ctx, profile.email);
  const registered = await inTransaction(ctx, (tx) => enter(tx, { opensSession, mayMail: mail.granted })).catch(
    async (error) => {
      await giveBackRegistrationMail(ctx, profile.email, mail);
      throw error;
    },
  );
  if (registered === null) {
    await giveBackRegistrationMail(ctx, profile.email, mail);
    return null;
  }
  if (isTold) throw new EmailTakenError();
  return { email: profile.email, resendAvailableAt: mail.resendAvailableAt, ...registered };
}

/** Who has the address, where the answer tells. Of an address that is free nothing was told, and it costs nothing. */
async function discoverHolder(ctx: Ctx, email: string): Promise<User | null> {
  const budget = discoveryBudget(ctx);
  return ctx.keyedQueue.run(`${budget.rule.name} ${budget.of}`, budget.rule.limit, async () => {
    await reserve(ctx, [budget]);
    const holder = await findAddressHolder(ctx, email);
    if (holder === null) await giveBack(ctx, [budget]);
    return holder;
  });
}

/** What is left to do once the password is hashed or compared, in one transaction. */
type Entrance = (tx: Ctx, options: Options) => Promise<Registered | null>;

async function newcomer(ctx: Ctx, profile: Profile, password: string): Promise<Entrance> {
  const passwordHash = await ctx.passwordHasher.hash(password);
  return async (tx, options) => {
    await claimIdentifiers(tx, profile, profile);
    const user = await enroll(tx, profile, passwordHash);
    if (user === null) return null;
    await audit(tx, 'register.completed', user.id);
    await endProvisionalSessions(tx, user.id);
    return proceed(tx, user, user, options);
  };
}

async function repeater(ctx: Ctx, profile: Profile, password: string, holder: User): Promise<Entrance> {
  const { matches } = await ctx.passwordHasher.verify(holder.passwordHash, password);
  return async (tx, options) => {
    await claimIdentifiers(tx, profile, null);
    if (!(await isThere(tx, profile.email))) return null;
    const isSame = await repeat(tx, profile, holder, matches);
    await audit(tx, 'register.repeated', holder.id);
    await endProvisionalSessions(tx, isSame ? NIL : holder.id);
    return proceed(tx, holder, asIfNew(tx, profile), options);
  };
}

/** The new row; null when the address has one by now. */
async function enroll(tx: Ctx, profile: Profile, passwordHash: string): Promise<User | null> {
  if (await isThere(tx, profile.email)) return null;
  const now = tx.clock();
  const row = { ...profile, passwordHash, source: 'REGISTRATION' as const, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
  return user ?? null;
}

/** Whether the address has a row; it is locked, as whoever changes several rows of a user does first. */
async function isThere(tx: Ctx, email: string): Promise<boolean> {
  const rows = await tx.db.$queryRaw<object[]>`SELECT 1 FROM users WHERE email = ${email} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

/**
 * The same person again, or someone who competes for the address: then nothing is left of an unverified registration but
 * the address. Of any other account nothing is changed, but it takes as long. Gives whether it is the same person.
 */
async function repeat(tx: Ctx, profile: Profile, holder: User, matches: boolean): Promise<boolean> {
  const claim = { id: holder.id, ...UNVERIFIED_REGISTRATION };
  const { email, invitationId } = profile;
  // Someone who knows the token of an invitation reads the email of this address.
  const invited = invitationId === null ? {} : { invitationId };
  const data = matches ? invited : { ...blankAccount(tx, email), ...invited, passwordHash: null };
  await tx.db.user.updateMany({ where: claim, data: { ...data, updatedAt: tx.clock() } });
  return matches;
}

/** What follows for new and known addresses alike: the email, and the session if one was asked for. */
async function proceed(tx: Ctx, account: User, shown: User, { mayMail, opensSession }: Options): Promise<Registered> {
  if (mayMail && account.emailVerifiedAt === null) {
    const challenge = await issueChallenge(tx, 'verify-email', account);
    await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
  } else if (mayMail) {
    await issueDecoy(tx, 'verify-email');
    await tx.outbox.queue(tx, { mail: 'already-registered', userId: account.id });
  }
  return { user: shown, session: opensSession ? await openProvisionalSession(tx, account) : null };
}

/** What a new account would look like: nothing of the one that the address has. */
function asIfNew(tx: Ctx, profile: Profile): User {
  const now = tx.clock();
  const times = { createdAt: now, updatedAt: now, emailVerifiedAt: null, disabledAt: null, deletesAt: null };
  return { ...profile, id: uuid(), passwordHash: null, source: 'REGISTRATION', ...times };
}
