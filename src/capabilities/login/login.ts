/**
 * Sign in with e-mail address, username or phone number, and password.
 *
 * Every attempt is counted before the password is hashed, by account and network and by network alone, and the account
 * counts as one under all its identifiers. An unknown identifier, an account without a password and a wrong password
 * cost the same hash and give the same answer; that an account is disabled or not verified is told only to who knows
 * the password.
 * Fails with: InvalidCredentialsError, EmailNotVerifiedError, AccountDisabledError, TooManyAttemptsError,
 * ServiceBusyError, ValidationError.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/field-errors.ts';
import { parseIdentifier } from '#core/identifier.ts';
import { nextMailAt } from '#core/mail-budget.ts';
import { openSession } from '#core/open-session.ts';
import { normalisePassword } from '#core/password.ts';
import { hashPassword, verifyPassword } from '#core/password-hash.ts';
import type { SignedIn } from '#core/session.ts';
import { type Budget, networkOf, reserve, settle } from '#core/throttle.ts';
import { AccountDisabledError, EmailNotVerifiedError, InvalidCredentialsError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type LoginInput = { identifier: string; password: string };

/** 5 wrong passwords for one account from one network, then waits of 1, 2, 4 … 300 s. */
const BY_ACCOUNT_AND_NETWORK = { name: 'login-account', limit: 5, windowSeconds: 3600, maxWaitSeconds: 300 };
/** 20 wrong passwords from one network within 5 minutes, whatever the accounts. */
const BY_NETWORK = { name: 'login-network', limit: 20, windowSeconds: 300, maxWaitSeconds: 300 };
const MAX_LENGTH = 320;

export async function login(ctx: Ctx, input: LoginInput): Promise<SignedIn> {
  requireFields(input);
  const user = await findByIdentifier(ctx, input.identifier);
  const network = networkOf(ctx.caller.ipAddress);
  const byAccount: Budget = {
    rule: BY_ACCOUNT_AND_NETWORK,
    of: `${user?.id ?? unknownOf(input.identifier)} ${network}`,
  };
  const byNetwork: Budget = { rule: BY_NETWORK, of: network };
  await reserve(ctx, [byAccount, byNetwork]);

  const { matches, needsRehash } = await verifyPassword(ctx, user?.passwordHash ?? null, input.password, [
    byAccount,
    byNetwork,
  ]);
  if (user === null || !matches) {
    await audit(ctx, 'login.failed', user?.id ?? null);
    throw new InvalidCredentialsError();
  }
  await settle(ctx, [byAccount], [byNetwork]);
  if (user.disabledAt !== null) throw new AccountDisabledError();
  if (user.emailVerifiedAt === null)
    throw new EmailNotVerifiedError(user.email, await nextMailAt(ctx, 'verify-email', user.email));

  const current = needsRehash ? await renewHash(ctx, user, input.password) : user;
  const signedIn = await openSession(ctx, current, 'login.completed');
  // The password was changed, or the account disabled, while this one was being checked.
  if (signedIn === null) throw new InvalidCredentialsError();
  return signedIn;
}

/** Hashes the password with today's parameters. Only the hash that was checked is replaced: a newer password stays. */
async function renewHash(ctx: Ctx, user: User, password: string): Promise<User> {
  const passwordHash = await hashPassword(ctx, normalisePassword(password) ?? '');
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
  if (input.identifier.length > MAX_LENGTH)
    errors.add('identifier', 'TOO_LONG', `An identifier has at most ${MAX_LENGTH} characters.`);
  if (input.password === '') errors.add('password', 'REQUIRED', 'Please enter your password.');
  errors.throwIfAny();
}

async function findByIdentifier(ctx: Ctx, text: string): Promise<User | null> {
  const identifier = parseIdentifier(text);
  switch (identifier?.kind) {
    case 'email':
      return ctx.db.user.findUnique({ where: { email: identifier.value } });
    case 'username':
      return ctx.db.user.findUnique({ where: { username: identifier.value } });
    case 'phone':
      return ctx.db.user.findUnique({ where: { phone: identifier.value } });
    case undefined:
      return null;
  }
}

/** Unknown identifiers have budgets of their own, so that a refusal does not tell them from known ones. */
function unknownOf(identifier: string): string {
  return `unknown:${parseIdentifier(identifier)?.value ?? identifier.trim().toLowerCase()}`;
}
