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
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/field-errors.ts';
import { parseIdentifier } from '#core/identifier.ts';
import { nextMailAt } from '#core/mail-budget.ts';
import { openSession, type SessionOptions } from '#core/open-session.ts';
import { checkPassword } from '#core/password-check.ts';
import { resendCodeOf } from '#core/resend-code.ts';
import type { SignedIn } from '#core/session.ts';
import { USER } from '#core/session-row.ts';
import { AccountDisabledError, EmailNotVerifiedError, InvalidCredentialsError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** Besides who signs in, what the client's API documents of the session. */
export type LoginInput = { identifier: string; password: string } & Omit<SessionOptions, 'method'>;

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
  const holder = user ?? { unknownIdentifier: identifier };
  const checked = await checkPassword(ctx, holder, password, { event: 'login.failed' });
  if (checked.disabledAt !== null) throw new AccountDisabledError();
  if (checked.emailVerifiedAt === null) {
    const resendAvailableAt = await nextMailAt(ctx, 'verify-email', checked.email);
    throw new EmailNotVerifiedError(checked.email, resendAvailableAt, resendCodeOf(ctx, checked.id));
  }
  const signedIn = await openSession(ctx, checked, 'login.completed', { ...sessionOptions, method: 'password' });
  // Null: meanwhile the password was changed or the account disabled.
  if (signedIn === null) throw new InvalidCredentialsError();
  return signedIn;
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
