/**
 * Checks the password of an account, when someone signs in and when someone signed in has to enter it again. Every
 * attempt is counted before the password is hashed; guess-budgets.ts says on which budgets it draws.
 */

import { audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx, Viewer } from '#core/context.ts';
import { giveBack, reserve, settle } from '#core/limits/throttle.ts';
import { type VerifiedFactor, verifiedFactor } from '#core/sessions/verified-factor.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { requireOpenMethod } from '#core/sign-in-methods.ts';
import { InvalidCredentialsError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import type { HashTurn } from '#outside/passwords/hash-queue.ts';
import { countFailure, failuresOf, reportFailures } from './failure-count.ts';
import {
  accountOf,
  all,
  type GuessBudgets,
  inTurn,
  networkBudgets,
  noteStranger,
  type PasswordHolder,
  type SignInPlace,
  signInBudgets,
  takeGuess,
} from './guess-budgets.ts';
import { normalizePassword } from './password.ts';

/** Someone whose password is correct, and how many wrong ones came for the account before. */
type Match = { user: User; failures: number };

/**
 * The account, if the password is correct, as a proof for the gate; rehashed if the hash parameters have been raised.
 * Fails with InvalidCredentialsError, TooManyAttemptsError, and ServiceBusyError, and with ValidationError if a captcha
 * is required. Never call it in a transaction.
 */
export async function provePassword(
  ctx: Ctx,
  holder: PasswordHolder,
  password: string,
  place: SignInPlace,
): Promise<{ verified: VerifiedFactor; failures: number }> {
  const user = 'id' in holder ? holder : null;
  const isStranger = place.knownDeviceId === null;
  const budgets = signInBudgets(ctx, holder, place);
  const guess = async () => {
    const states = await takeGuess(ctx, budgets, place);
    const match = await compare(ctx, user, password, { budgets, goesFirst: !isStranger });
    if (match !== null) return match;
    await countFailure(ctx, accountOf(holder));
    if (isStranger) await noteStranger(ctx, holder, budgets, states);
    await audit(ctx, 'login.failed', user?.id ?? null);
    throw new InvalidCredentialsError();
  };
  // Admitted when it is their turn: those who wait for others of their account or network take no place from anyone.
  const admitted = isStranger ? () => ctx.passwordHasher.admit(guess) : guess;
  const { user: checked, failures } = await inTurn(ctx, budgets, admitted);
  return { verified: verifiedFactor(checked, 'password'), failures };
}

/**
 * The viewer, if the password is theirs: for actions for which a session alone is not enough. It draws on the budgets
 * of a sign-in from this network, so that a stolen access token allows no additional guesses.
 * Fails like `provePassword`, with UnauthenticatedError, and with ForbiddenError where passwords do not sign in. Never
 * call it in a transaction.
 */
export async function requirePassword(
  ctx: Ctx,
  password: string,
  event: AuditEventName & `${string}.failed`,
): Promise<Viewer> {
  const { user, session } = await requireViewer(ctx);
  requireOpenMethod(ctx, 'password');
  const budgets = networkBudgets(ctx, user);
  const { user: checked, failures } = await inTurn(ctx, budgets, async () => {
    await reserve(ctx, all(budgets));
    const match = await compare(ctx, user, password, { budgets, goesFirst: true });
    if (match !== null) return match;
    await countFailure(ctx, user.id);
    await audit(ctx, event, user.id, { actorId: user.id, sessionId: session.id });
    throw new InvalidCredentialsError();
  });
  await reportFailures(ctx, { user: checked, session }, failures);
  return { session, user: checked };
}

/** Null for a wrong password. Every guess has been reserved before: parallel ones count in time. */
async function compare(
  ctx: Ctx,
  user: User | null,
  typed: string,
  { budgets, goesFirst }: { budgets: GuessBudgets; goesFirst: boolean },
): Promise<Match | null> {
  const answer = await verify(ctx, user, typed, { goesFirst }, () => giveBack(ctx, all(budgets)));
  if (user === null || !answer.matches) return null;
  const failures = await settle(ctx, budgets.owned, budgets.shared, failuresOf(user.id));
  return { user: answer.needsRehash ? await renewHash(ctx, user, typed) : user, failures };
}

/**
 * This service hashes the normalized password; other systems hashed it as typed. If the two differ, both are tried for
 * every account, so that the time reveals nothing about the account.
 * @param giveBackGuess called if the service was too busy to compare anything. Once the first comparison is done, the
 * guess counts: otherwise a busy service would answer any number of them.
 */
async function verify(
  ctx: Ctx,
  user: User | null,
  typed: string,
  turn: HashTurn,
  giveBackGuess: () => Promise<void>,
): Promise<{ matches: boolean; needsRehash: boolean }> {
  const hash = user?.passwordHash ?? null;
  const normalized = normalizePassword(typed);
  const answer = await ctx.passwordHasher.verify(hash, normalized, turn).catch(async (error) => {
    await giveBackGuess();
    throw error;
  });
  if (answer.matches) return answer;
  // A refusal takes as long for a cheap hash, or no account, as for the most expensive hash in the database.
  await ctx.equalTime.wait(hash);
  if (normalized === null || normalized === typed) return answer;
  const answerAsTyped = await ctx.passwordHasher.verify(hash, typed, turn);
  if (!answerAsTyped.matches) await ctx.equalTime.wait(hash);
  return answerAsTyped;
}

/**
 * Hashes the password with the current parameters. Replaces only the hash that was checked, never a newer password. If
 * the service is busy, the old hash stays: this sign-in must not fail because of it, and the next one renews it.
 */
async function renewHash(ctx: Ctx, user: User, typed: string): Promise<User> {
  const password = normalizePassword(typed);
  const passwordHash = password && (await ctx.passwordHasher.hash(password).catch(() => null));
  if (passwordHash !== null) {
    const where = { id: user.id, passwordHash: user.passwordHash };
    const { count } = await ctx.db.user.updateMany({ where, data: { passwordHash } });
    if (count === 1) return { ...user, passwordHash };
  }
  // Of several sign-ins at once, one renews the hash. The others read it again; theirs would look like an old password.
  const current = await ctx.db.user.findUnique({ where: { id: user.id } });
  if (current === null || current.passwordHash === user.passwordHash) return user;
  const { matches } = await ctx.passwordHasher.verify(current.passwordHash, password);
  return matches ? current : user;
}
