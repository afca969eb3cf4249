/**
 * Checks the password of an account, when someone signs in and when someone signed in has to enter it again. All of
 * these share one rule and one budget, so that a stolen access token allows no additional guesses.
 *
 * Every attempt is counted before the password is hashed, by account and network and by network alone. Checks of one
 * account or network are queued, so that many correct passwords at once do not look like guesses.
 */
import { type AuditDetails, type AuditEventName, audit } from '#core/audit.ts';
import type { Ctx, Viewer } from '#core/context.ts';
import { parseIdentifier } from '#core/input/identifier.ts';
import { networkOf } from '#core/limits/network.ts';
import { type Budget, giveBack, inTurnOf, reserve, settle } from '#core/limits/throttle.ts';
import { type VerifiedFactor, verifiedFactor } from '#core/sessions/verified-factor.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { InvalidCredentialsError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { countFailure, reportFailures } from './failure-count.ts';
import { normalizePassword } from './password.ts';

/** The account whose password it should be. An unknown identifier takes the same time and counts the same. */
export type PasswordHolder = User | { unknownIdentifier: string };

/** How a wrong password appears in the audit log. */
export type FailureRecord = { event: AuditEventName & `${string}.failed`; details?: AuditDetails };

type Budgets = { byAccount: Budget; byNetwork: Budget };

/**
 * The account, if the password is correct; rehashed if the hash parameters have been raised.
 * Fails with InvalidCredentialsError, TooManyAttemptsError, and ServiceBusyError. Never call it in a transaction.
 */
async function checkPassword(
  ctx: Ctx,
  holder: PasswordHolder,
  password: string,
  failure: FailureRecord,
): Promise<User> {
  const budgets = budgetsOf(ctx, holder);
  const user = 'id' in holder ? holder : null;
  return inTurn(ctx, budgets, async () => {
    const checked = await compare(ctx, user, password, budgets);
    if (checked !== null) return checked;
    await countFailure(ctx, accountOf(holder));
    await audit(ctx, failure.event, user?.id ?? null, failure.details);
    throw new InvalidCredentialsError();
  });
}

/** Like `checkPassword`, as a proof for the gate: for signing in. */
export async function provePassword(
  ctx: Ctx,
  holder: PasswordHolder,
  password: string,
  failure: FailureRecord,
): Promise<VerifiedFactor> {
  return verifiedFactor(await checkPassword(ctx, holder, password, failure), 'password');
}

/**
 * The viewer, if the password is theirs: for actions for which a session alone is not enough.
 * Fails like `checkPassword`, and with UnauthenticatedError.
 */
export async function requirePassword(ctx: Ctx, password: string, event: FailureRecord['event']): Promise<Viewer> {
  const { user, session } = await requireViewer(ctx);
  const details = { actorId: user.id, sessionId: session.id };
  const checked = await checkPassword(ctx, user, password, { event, details });
  await reportFailures(ctx, { user: checked, session });
  return { session, user: checked };
}

/** The account, or null for a wrong password. Reserves before hashing, so that parallel guesses are counted in time. */
async function compare(
  ctx: Ctx,
  user: User | null,
  password: string,
  { byAccount, byNetwork }: Budgets,
): Promise<User | null> {
  const reserved = [byAccount, byNetwork];
  await reserve(ctx, reserved);
  const { matches, needsRehash } = await verify(ctx, user, password).catch(async (error) => {
    // The service is busy, so the password was not checked.
    await giveBack(ctx, reserved);
    throw error;
  });
  if (user === null || !matches) return null;
  await settle(ctx, [byAccount], [byNetwork]);
  return needsRehash ? renewHash(ctx, user, password) : user;
}

/**
 * This service hashes the normalized password; other systems hashed it as typed. If the two differ, both are tried for
 * every account, so that the time reveals nothing about the account.
 */
async function verify(ctx: Ctx, user: User | null, typed: string): Promise<{ matches: boolean; needsRehash: boolean }> {
  const hash = user?.passwordHash ?? null;
  const normalized = normalizePassword(typed);
  const answer = await compareEvenly(ctx, hash, normalized);
  if (answer.matches || normalized === null || normalized === typed) return answer;
  return compareEvenly(ctx, hash, typed);
}

/** A refusal takes as long for a cheap hash, or no account, as for the most expensive hash in the database. */
async function compareEvenly(ctx: Ctx, hash: string | null, password: string | null) {
  const answer = await ctx.passwordHasher.verify(hash, password);
  if (!answer.matches) await ctx.equalTime.wait(hash);
  return answer;
}

/** Runs no more checks at once than the budgets allow: many correct sign-ins at once wait, and none is refused. */
function inTurn<T>(ctx: Ctx, { byAccount, byNetwork }: Budgets, work: () => Promise<T>): Promise<T> {
  const take = <R>(budget: Budget, next: () => Promise<R>) => inTurnOf(ctx, budget, next);
  return take(byAccount, () => take(byNetwork, work));
}

/** Unknown identifiers have budgets too, so that a refusal does not reveal which identifiers exist. */
function budgetsOf(ctx: Ctx, holder: PasswordHolder): Budgets {
  const network = networkOf(ctx.caller.ipAddress);
  const account = accountOf(holder);
  // A budget belongs to one password: a reset or a change starts a new one, whatever network the guesses came from.
  const password = ('id' in holder && holder.passwordHash) || 'none';
  const subjectId = 'id' in holder ? holder.id : null;
  return {
    byAccount: { name: 'login-account', of: `${account} ${password} ${network}`, subjectId },
    byNetwork: { name: 'login-network', of: network, subjectId },
  };
}

/** The key by which an account is counted; unknown identifiers are counted in their canonical form. */
function accountOf(holder: PasswordHolder): string {
  return 'id' in holder ? holder.id : `unknown:${canonical(holder.unknownIdentifier)}`;
}

function canonical(identifier: string): string {
  return parseIdentifier(identifier)?.value ?? identifier.trim().toLowerCase();
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
