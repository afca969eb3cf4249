/**
 * Sign in with e-mail address, username or phone number, and password.
 *
 * Every attempt is counted before the password is hashed, by account and network and by network alone, and the account
 * counts as one under all its identifiers. An unknown identifier, an account without a password and a wrong password
 * cost the same hash and give the same answer; that an account is disabled or not verified is told only to who knows
 * the password. Logins of one account or network take turns, so that many right ones at once do not look like guesses.
 * Fails with: InvalidCredentialsError, EmailNotVerifiedError, AccountDisabledError, TooManyAttemptsError,
 * ServiceBusyError, ValidationError.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/field-errors.ts';
import { parseIdentifier } from '#core/identifier.ts';
import { nextMailAt } from '#core/mail-budget.ts';
import { openSession, type SessionOptions } from '#core/open-session.ts';
import { normalisePassword } from '#core/password.ts';
import type { SignedIn } from '#core/session.ts';
import { USER } from '#core/session-row.ts';
import { type Budget, giveBack, networkOf, reserve, settle } from '#core/throttle.ts';
import { AccountDisabledError, EmailNotVerifiedError, InvalidCredentialsError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** Besides who signs in, what the client's API documents of the session. */
export type LoginInput = { identifier: string; password: string } & Omit<SessionOptions, 'method'>;

/** 5 wrong passwords for one account from one network, then waits of 1, 2, 4 … 300 s. */
const BY_ACCOUNT_AND_NETWORK = { name: 'login-account', limit: 5, windowSeconds: 3600, maxWaitSeconds: 300 };
/** 20 wrong passwords from one network within 5 minutes, whatever the accounts. */
const BY_NETWORK = { name: 'login-network', limit: 20, windowSeconds: 300, maxWaitSeconds: 300 };
const MAX_IDENTIFIER_LENGTH = 320;

const findBy = (column: string) => ({
  name: `find-user-by-${column}`,
  text: `SELECT ${USER} FROM users u WHERE u.${column} = $1`,
});
const FIND_BY = { email: findBy('email'), username: findBy('username'), phone: findBy('phone') };

export async function login(ctx: Ctx, input: LoginInput): Promise<SignedIn> {
  const { identifier, password, ...sessionOptions } = input;
  requireFields(input);
  const user = await findByIdentifier(ctx, identifier);
  const budgets = budgetsOf(ctx, user, identifier);
  const checked = await inTurn(ctx, budgets, () => checkPassword(ctx, user, password, budgets));
  if (checked.disabledAt !== null) throw new AccountDisabledError();
  if (checked.emailVerifiedAt === null) {
    throw new EmailNotVerifiedError(checked.email, await nextMailAt(ctx, 'verify-email', checked.email));
  }
  const signedIn = await openSession(ctx, checked, 'login.completed', { ...sessionOptions, method: 'password' });
  // Null: meanwhile the password was changed or the account disabled.
  if (signedIn === null) throw new InvalidCredentialsError();
  return signedIn;
}

type Budgets = { byAccount: Budget; byNetwork: Budget };

/** The account, when the password is its own. Reserved before the hash, so that parallel guesses are counted in time. */
async function checkPassword(ctx: Ctx, user: User | null, password: string, budgets: Budgets): Promise<User> {
  const { byAccount, byNetwork } = budgets;
  const reserved = [byAccount, byNetwork];
  await reserve(ctx, reserved);
  const { matches, needsRehash } = await ctx.passwordHasher
    .verify(user?.passwordHash ?? null, normalisePassword(password))
    .catch(async (error) => {
      // The service is busy and nothing was tried.
      await giveBack(ctx, reserved);
      throw error;
    });
  if (user === null || !matches) {
    await audit(ctx, 'login.failed', user?.id ?? null);
    throw new InvalidCredentialsError();
  }
  await settle(ctx, [byAccount], [byNetwork]);
  return needsRehash ? renewHash(ctx, user, password) : user;
}

/** No more under way than the budgets hold: many who log in at once with the right password wait, none is refused. */
function inTurn<T>(ctx: Ctx, { byAccount, byNetwork }: Budgets, work: () => Promise<T>): Promise<T> {
  const take = <R>({ rule, of }: Budget, next: () => Promise<R>) =>
    ctx.turns.take(`${rule.name} ${of}`, rule.limit, next);
  return take(byAccount, () => take(byNetwork, work));
}

/** Unknown identifiers have budgets of their own, so that a refusal does not tell them from known ones. */
function budgetsOf(ctx: Ctx, user: User | null, identifier: string): Budgets {
  const network = networkOf(ctx.caller.ipAddress);
  const account = user?.id ?? `unknown:${parseIdentifier(identifier)?.value ?? identifier.trim().toLowerCase()}`;
  return {
    byAccount: { rule: BY_ACCOUNT_AND_NETWORK, of: `${account} ${network}` },
    byNetwork: { rule: BY_NETWORK, of: network },
  };
}

/**
 * Hashes the password with today's parameters. Only the hash that was checked is replaced: a newer password stays.
 * While the service is busy the old hash stays too; the next login renews it, and this one must not fail for it.
 */
async function renewHash(ctx: Ctx, user: User, password: string): Promise<User> {
  const passwordHash = await ctx.passwordHasher.hash(normalisePassword(password) ?? '').catch(() => null);
  if (passwordHash === null) return user;
  const { count } = await ctx.db.user.updateMany({
    where: { id: user.id, passwordHash: user.passwordHash },
    data: { passwordHash },
  });
  return count === 1 ? { ...user, passwordHash } : user;
}

function requireFields(input: LoginInput): void {
  const errors = collectFieldErrors();
  if (input.identifier.trim() === '')
    errors.add('identifier', 'REQUIRED', 'Please enter your email address, username or phone number.');
  if (input.identifier.length > MAX_IDENTIFIER_LENGTH)
    errors.add('identifier', 'TOO_LONG', `An identifier has at most ${MAX_IDENTIFIER_LENGTH} characters.`);
  if (input.password === '') errors.add('password', 'REQUIRED', 'Please enter your password.');
  errors.throwIfAny();
}

async function findByIdentifier(ctx: Ctx, text: string): Promise<User | null> {
  const identifier = parseIdentifier(text);
  if (identifier === null) return null;
  const [user] = await ctx.database.query<User>(FIND_BY[identifier.kind], [identifier.value]);
  return user ?? null;
}
