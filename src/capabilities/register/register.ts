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
import { blankAccount, isUnverifiedRegistration, UNVERIFIED_REGISTRATION } from '#core/accounts/registration.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import { lockUserOfAddress } from '#core/lock-user.ts';
import { withRegistrationMail } from '#core/mail/mail-budget.ts';
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

/** Of two registrations at once one has to start again; it does so a few times at most, because each time it hashes. */
const ATTEMPTS = 3;

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const { password, ...profile } = await parseApplicant(ctx, input);
  await requireFreeIdentifiers(ctx, profile);
  const tells = tellsAccounts(ctx, input.face ?? 'graphql');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const holder = tells ? await discoverHolder(ctx, profile.email) : await findAddressHolder(ctx, profile.email);
    const isTold = tells && holder !== null;
    const prepared = await preparePassword(ctx, password, holder);
    const registered = await withRegistrationMail(ctx, profile.email, (mayMail) =>
      enroll(ctx, { profile, holder, ...prepared, mayMail, opensSession: input.opensSession === true && !isTold }),
    );
    if (registered === null) continue;
    if (isTold) throw new EmailTakenError();
    return { email: profile.email, ...registered };
  }
  throw new ServiceBusyError(1);
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

/** The hash for a new account, and whether the password is that of the registration that has the address already. */
type PreparedPassword = { passwordHash: string | null; isSame: boolean };

/** One hash, whoever has the address: the answer takes as long. Only a registration is compared with. */
async function preparePassword(ctx: Ctx, password: string, holder: User | null): Promise<PreparedPassword> {
  if (holder === null || !isUnverifiedRegistration(holder)) {
    return { passwordHash: await ctx.passwordHasher.hash(password), isSame: false };
  }
  return { passwordHash: null, isSame: (await ctx.passwordHasher.verify(holder.passwordHash, password)).matches };
}

type Enrollment = PreparedPassword & {
  profile: Omit<Applicant, 'password'>;
  /** Who had the address when the password was prepared. */
  holder: User | null;
  mayMail: boolean;
  opensSession: boolean;
};

/**
 * Everything that is written, in one transaction and as many statements for a known address as for a new one. Null when
 * the account of the address is no longer the one that was looked at: then nothing was written.
 */
async function enroll(ctx: Ctx, enrollment: Enrollment): Promise<Pick<RegisterSuccess, 'user' | 'session'> | null> {
  const { profile, holder, isSame, mayMail, opensSession } = enrollment;
  return inTransaction(ctx, async (tx) => {
    await claimIdentifiers(tx, profile, holder === null ? profile : null);
    if (!isUnchanged(await lockUserOfAddress(tx, profile.email), holder)) return null;
    const account = holder === null ? await addAccount(tx, enrollment) : await compete(tx, enrollment, holder);
    if (account === null) return null;
    await audit(tx, holder === null ? 'register.completed' : 'register.repeated', account.id);
    await mailProof(tx, account, mayMail);
    // What an earlier registration has opened is somebody else's, unless it was the same person.
    await endProvisionalSessions(tx, isSame ? NIL : account.id);
    const session = opensSession ? await openProvisionalSession(tx, account) : null;
    return { user: holder === null ? account : asIfNew(tx, profile), session };
  });
}

function isUnchanged(now: User | null, before: User | null): boolean {
  return (
    now?.id === before?.id &&
    now?.passwordHash === before?.passwordHash &&
    now?.emailVerifiedAt?.getTime() === before?.emailVerifiedAt?.getTime()
  );
}

/** The new account; null when somebody else got the address or an identifier in this very moment. */
async function addAccount(tx: Ctx, { profile, passwordHash }: Enrollment): Promise<User | null> {
  const now = tx.clock();
  const row = { ...profile, passwordHash, source: 'REGISTRATION' as const, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
  return user ?? null;
}

/**
 * The same person again, or someone who competes for the address: then nothing is left of the registration but the
 * address. Of any other account nothing is changed, and it takes as long.
 */
async function compete(tx: Ctx, { profile, isSame }: Enrollment, holder: User): Promise<User> {
  const { email, invitationId } = profile;
  const data = isSame
    ? { ...(invitationId !== null && { invitationId }) }
    : { ...blankAccount(tx, email), passwordHash: null };
  await tx.db.user.updateMany({
    where: { id: holder.id, ...UNVERIFIED_REGISTRATION },
    data: { ...data, updatedAt: tx.clock() },
  });
  return holder;
}

/** A proof for an address that waits for one; the owner of any other account is told. */
async function mailProof(tx: Ctx, account: User, mayMail: boolean): Promise<void> {
  if (!mayMail) return;
  if (account.emailVerifiedAt === null && account.disabledAt === null) {
    const challenge = await issueChallenge(tx, 'verify-email', account);
    await tx.outbox.queue(tx, { mail: 'verify-email', challengeId: challenge.id });
  } else {
    await issueDecoy(tx, 'verify-email');
    await tx.outbox.queue(tx, { mail: 'already-registered', userId: account.id });
  }
}

/** What a new account would look like: nothing of the one that the address has. */
function asIfNew(tx: Ctx, profile: Enrollment['profile']): User {
  const now = tx.clock();
  const times = { createdAt: now, updatedAt: now, emailVerifiedAt: null, disabledAt: null, deletesAt: null };
  return { ...profile, id: uuid(), passwordHash: null, source: 'REGISTRATION', ...times };
}
