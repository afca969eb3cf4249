/**
 * Create an account and send a verification email to its address.
 *
 * The answer is the same, and takes the same work, whether or not the address has an account; its owner is notified by
 * email instead. Anyone can type any address, so a registration is only a claim until its address is verified: a second
 * registration with another password invalidates both passwords and everything else about the claim, however old it is
 * and whether or not its emails were sent. The owner then sets a password with `resetPassword`. So nobody can prepare
 * an account for someone else's address. None of this affects an account that is verified, or that an operator created
 * or imported. Someone who will sign in by email registers without a password (SIGN_IN_METHODS): such a registration
 * competes in the same way, with each that says anything else.
 *
 * Fails with: ValidationError, ServiceBusyError, TooManyAttemptsError (after many answers that reveal what is taken),
 * and EmailTakenError if ACCOUNT_DISCOVERY allows it.
 */

import { NIL, v7 as uuid } from 'uuid';
import { discoveryBudget, revealsAccounts } from '#core/accounts/account-discovery.ts';
import { findAddressHolder } from '#core/accounts/address-holder.ts';
import { claimIdentifiers, requireFreeIdentifiers } from '#core/accounts/identifier-claim.ts';
import {
  blankAccount,
  isUnverifiedRegistration,
  NO_SECOND_FACTOR,
  UNVERIFIED_REGISTRATION,
} from '#core/accounts/registration.ts';
import { kept, undone } from '#core/accounts/undone.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import { giveBack, inTurnOf, reserve } from '#core/limits/throttle.ts';
import { lockUserOfAddress } from '#core/lock-user.ts';
import { withRegistrationMail } from '#core/mail/mail-budget.ts';
import { refuseBreachedPassword } from '#core/passwords/breached-password.ts';
import type { NormalizedPassword } from '#core/passwords/password.ts';
import { issueChallenge } from '#core/proofs/challenge.ts';
import { requestTokenOf } from '#core/proofs/request-token.ts';
import { endProvisionalSessions, openProvisionalSession } from '#core/sessions/provisional-session.ts';
import { EmailTakenError, ServiceBusyError } from '#errors/domain-errors.ts';
import type { Prisma, Session, User } from '#generated/prisma/client.ts';

import { type Applicant, parseApplicant, type RegisterInput } from './applicant.ts';

/** The same for new and known addresses, unless ACCOUNT_DISCOVERY allows revealing them. */
export type RegisterSuccess = {
  email: string;
  /** Given to `verifyEmail` with the code, if that was bound to this request; null otherwise, and without an email. */
  requestToken: string | null;
  resendAvailableAt: Date;
  /**
   * The account as registered. If the address already has one and that is concealed, an account that does not exist.
   */
  user: User;
  /** The provisional session, if one was requested. */
  session: Session | null;
};

/** Of two registrations at once, one has to start again. Bounded, because every attempt hashes a password. */
const ATTEMPTS = 3;

export async function register(ctx: Ctx, input: RegisterInput): Promise<RegisterSuccess> {
  const { password, ...profile } = await parseApplicant(ctx, input);
  await requireFreeIdentifiers(ctx, profile);
  if (password !== null) await refuseBreachedPassword(ctx, { name: 'password', password });
  const tells = revealsAccounts(ctx, input.face ?? 'graphql');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const holder = tells ? await discoverHolder(ctx, profile.email) : await findAddressHolder(ctx, profile.email);
    const isTold = tells && holder !== null;
    const prepared =
      password === null ? withoutPassword(profile, holder) : await preparePassword(ctx, password, holder);
    const registered = await withRegistrationMail(ctx, profile.email, (mayMail) =>
      enroll(ctx, {
        profile,
        holder,
        ...prepared,
        mayMail,
        opensSession: input.opensSession === true && !isTold,
        isBound: input.bindCode === true,
      }),
    );
    if (registered === null) continue;
    if (isTold) throw new EmailTakenError();
    return { email: profile.email, ...registered };
  }
  throw new ServiceBusyError(1);
}

/** Whether to reveal that the address is taken. That counts against the budget; a free address reveals nothing. */
async function discoverHolder(ctx: Ctx, email: EmailAddress): Promise<User | null> {
  const budget = discoveryBudget(ctx);
  return inTurnOf(ctx, budget, async () => {
    await reserve(ctx, [budget]);
    const holder = await findAddressHolder(ctx, email);
    if (holder === null) await giveBack(ctx, [budget]);
    return holder;
  });
}

/** The hash for a new account, and whether it repeats an existing registration of the address. */
type PreparedPassword = { passwordHash: string | null; isSame: boolean };

/** For any address, nothing is hashed. Without a password, only everything else can say that it is the same person. */
function withoutPassword(profile: Enrollment['profile'], holder: User | null): PreparedPassword {
  const { name, username, phone, role, locale, tenantId, invitationId } = profile;
  const said = { name, username, phone, role, locale, tenantId, invitationId, isPasswordless: true };
  const isSame = Object.entries(said).every(([field, value]) => holder?.[field as keyof typeof said] === value);
  return { passwordHash: null, isSame };
}

/**
 * Hashes once in any case, and waits as a wrong password does, so that the time reveals nothing: a registration from
 * before HASH_* was raised is compared at its own, lower cost. Only a registration is compared.
 */
async function preparePassword(ctx: Ctx, password: NormalizedPassword, holder: User | null): Promise<PreparedPassword> {
  if (holder === null || !isUnverifiedRegistration(holder)) {
    const passwordHash = await ctx.passwordHasher.hash(password);
    await ctx.equalTime.wait(null);
    return { passwordHash, isSame: false };
  }
  const { matches } = await ctx.passwordHasher.verify(holder.passwordHash, password);
  await ctx.equalTime.wait(holder.passwordHash);
  return { passwordHash: null, isSame: matches };
}

type Enrollment = PreparedPassword & {
  profile: Omit<Applicant, 'password'>;
  /** The account that had the address when the password was prepared. */
  holder: User | null;
  mayMail: boolean;
  opensSession: boolean;
  isBound: boolean;
};

/**
 * Writes everything in one transaction, as many rows for a known address as for a new one. Null, with nothing written,
 * if another account has the address by now.
 */
async function enroll(
  ctx: Ctx,
  enrollment: Enrollment,
): Promise<Pick<RegisterSuccess, 'user' | 'requestToken' | 'session'> | null> {
  const { profile, holder, isSame, opensSession, isBound } = enrollment;
  return inTransaction(ctx, async (tx) => {
    await claimIdentifiers(tx, profile, holder === null ? profile : null);
    if (!isUnchanged(await lockUserOfAddress(tx, profile.email), holder)) return null;
    const account = holder === null ? await openAccount(tx, enrollment) : await compete(tx, enrollment, holder);
    if (account === null) return null;
    await audit(tx, holder === null ? 'register.completed' : 'register.repeated', account.id);
    const id = await mailProof(tx, account, enrollment);
    // Without an email there is no code that a token could go with. That says nothing about the address: the budget of
    // emails counts for every address alike, and `resendAvailableAt` shows it too.
    const requestToken = isBound && id !== null ? requestTokenOf(tx, { id, purpose: 'verify-email' }) : null;
    // The sessions of an earlier registration may be someone else's, unless the password shows that it is the same
    // person.
    await endProvisionalSessions(tx, isSame ? NIL : account.id);
    const session = opensSession ? await openProvisionalSession(tx, account) : null;
    return { user: holder === null ? account : asIfNew(tx, profile), requestToken, session };
  });
}

function isUnchanged(now: User | null, before: User | null): boolean {
  return (
    now?.id === before?.id &&
    now?.passwordHash === before?.passwordHash &&
    now?.emailVerifiedAt?.getTime() === before?.emailVerifiedAt?.getTime()
  );
}

/** The new account; null if someone else took the address or an identifier at the same moment. */
async function openAccount(tx: Ctx, enrollment: Enrollment): Promise<User | null> {
  const account = await kept(tx, () => addAccount(tx, enrollment));
  // As `compete` does.
  if (account !== null) await changeRegistration(tx, account.id, {});
  return account;
}

/**
 * Either the same person registers again, or someone else competes for the address: then nothing remains of the
 * registration except the address. No other account is changed, and it takes the same time: the account that is made
 * for a new address is made here, too, and is gone at once.
 */
async function compete(tx: Ctx, enrollment: Enrollment, holder: User): Promise<User> {
  const { profile, isSame } = enrollment;
  const { email, invitationId } = profile;
  const data = isSame
    ? { ...(invitationId !== null && { invitationId }) }
    : { ...blankAccount(tx, email), passwordHash: null };
  const isCompeting = isUnverifiedRegistration(holder);
  const decoy = { ...profile, email: `${uuid()}@decoy.invalid`, username: null, phone: null };
  await undone(tx, async () => {
    const account = await addAccount(tx, { ...enrollment, profile: decoy });
    if (account !== null && !isCompeting) await changeRegistration(tx, account.id, {});
  });
  if (isCompeting) await changeRegistration(tx, holder.id, data);
  return holder;
}

async function addAccount(
  tx: Ctx,
  { profile, passwordHash }: { profile: Omit<Enrollment['profile'], 'email'> & { email: string } } & PreparedPassword,
): Promise<User | null> {
  const now = tx.clock();
  const isPasswordless = passwordHash === null;
  const source = 'REGISTRATION' as const;
  const row = { ...profile, passwordHash, isPasswordless, source, createdAt: now, updatedAt: now };
  const [user] = await tx.db.user.createManyAndReturn({ data: [row], skipDuplicates: true });
  return user ?? null;
}

/** Changes a registration that is not verified, and no other account. */
async function changeRegistration(tx: Ctx, id: string, data: Prisma.UserUncheckedUpdateManyInput): Promise<void> {
  await tx.db.user.updateMany({
    where: { id, ...UNVERIFIED_REGISTRATION },
    data: { ...data, updatedAt: tx.clock() },
  });
}

/**
 * Sends a verification email to an unverified address; the owner of any other account is notified. Returns the id of
 * the challenge, or one that belongs to none; null if no email may be sent.
 */
async function mailProof(tx: Ctx, account: User, { mayMail, isBound }: Enrollment): Promise<string | null> {
  if (!mayMail) return null;
  const isToVerify = account.emailVerifiedAt === null && account.disabledAt === null;
  const { id } = await (isToVerify ? kept : undone)(tx, () => issueChallenge(tx, 'verify-email', account, { isBound }));
  await tx.outbox.queue(
    tx,
    isToVerify ? { mail: 'verify-email', challengeId: id } : { mail: 'already-registered', userId: account.id },
  );
  return id;
}

/** What a new account would look like, without anything from the existing one. */
function asIfNew(tx: Ctx, profile: Enrollment['profile']): User {
  const now = tx.clock();
  const times = { createdAt: now, updatedAt: now, emailVerifiedAt: null, disabledAt: null, deletesAt: null };
  const account = { id: uuid(), passwordHash: null, isPasswordless: false, source: 'REGISTRATION' as const };
  return { ...profile, ...account, ...NO_SECOND_FACTOR, ...times };
}
