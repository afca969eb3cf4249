/**
 * Sign in with an email address, username, or phone number, and a password.
 *
 * Every attempt is counted before the password is hashed, by account and network and by network alone. All identifiers
 * of an account share one count. An unknown identifier, an account without a password, and a wrong password take the
 * same time and give the same error. That an account is disabled, scheduled for deletion, or unverified is revealed
 * only to someone who knows the password. Sign-ins of one account or network are queued, so that many correct ones at
 * once do not look like guesses. REST clients may sign in with a legacy password, which asks for no second factor.
 * Fails with: InvalidCredentialsError, EmailNotVerifiedError, AccountDisabledError, AccountDeletionPendingError,
 * SecondFactorRequiredError, TooManyAttemptsError, ServiceBusyError, ValidationError.
 */

import type { Ctx } from '#core/context.ts';
import { storedAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { parseIdentifier } from '#core/input/identifier.ts';
import { nextMailAt } from '#core/mail/mail-budget.ts';
import { reportFailures } from '#core/passwords/failure-count.ts';
import { provePassword } from '#core/passwords/password-check.ts';
import { resendCodeOf } from '#core/proofs/resend-code.ts';
import { matchLegacyPassword } from '#core/second-factors/legacy-password.ts';
import type { SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import { USER_COLUMNS } from '#core/sessions/session-columns.ts';
import { signInByCookie } from '#core/sign-in/cookie-sign-in.ts';
import { finishSignIn, finishWithLegacyPassword, type SignInOptions } from '#core/sign-in/gate.ts';
import { requireOpenMethod } from '#core/sign-in/sign-in-methods.ts';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
} from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** The credentials, and the options that the client's API sets for the session. */
export type LoginInput = {
  identifier: string;
  password: string;
  /** For the documented REST APIs, whose clients may know no second step. */
  acceptsLegacyPassword?: boolean;
} & SignInOptions;

const MAX_IDENTIFIER_LENGTH = 320;

const findBy = (column: string) => ({
  name: `find-user-by-${column}`,
  text: `SELECT ${USER_COLUMNS} FROM users u WHERE u.${column} = $1`,
});
const FIND_BY = { email: findBy('email'), username: findBy('username'), phone: findBy('phone') };

export async function login(ctx: Ctx, input: LoginInput): Promise<SignedIn> {
  const { identifier, password, acceptsLegacyPassword = false, ...sessionOptions } = input;
  if (!acceptsLegacyPassword) requireOpenMethod(ctx, 'password');
  requireFields(input);
  const user = await findByIdentifier(ctx, identifier);
  if (acceptsLegacyPassword) {
    const signedIn = await byLegacyPassword(ctx, user, password, sessionOptions);
    if (signedIn !== null) return signedIn;
    requireOpenMethod(ctx, 'password');
  }
  const holder = user ?? { unknownIdentifier: identifier };
  const verified = await provePassword(ctx, holder, password, { event: 'login.failed' });
  const checked = verified.user;
  requireUsable(checked);
  if (checked.emailVerifiedAt === null) {
    const resendAvailableAt = await nextMailAt(ctx, 'verify-email', storedAddress(checked.email));
    throw new EmailNotVerifiedError(checked.email, resendAvailableAt, resendCodeOf(ctx, checked.id));
  }
  const signedIn = await finishSignIn(ctx, verified, sessionOptions);
  // Null if the password is suspended, or was changed or the account disabled in the meantime.
  if (signedIn === null) throw new InvalidCredentialsError();
  await reportFailures(ctx, signedIn);
  return signedIn;
}

/** Null for anything that is not a legacy password of this account. */
async function byLegacyPassword(
  ctx: Ctx,
  user: User | null,
  typed: string,
  options: SignInOptions,
): Promise<SignedIn | null> {
  const match = await matchLegacyPassword(ctx, user, typed);
  if (match === null || user === null) return null;
  requireUsable(user);
  return finishWithLegacyPassword(ctx, user.id, match, options);
}

function requireUsable({ disabledAt, deletesAt }: User): void {
  if (disabledAt !== null) throw new AccountDisabledError();
  if (deletesAt !== null) throw new AccountDeletionPendingError(deletesAt);
}

/** The same for a browser. Also fails as `signInByCookie` does. */
export async function loginByCookie(ctx: Ctx, input: LoginInput): Promise<SignedInByCookie> {
  return signInByCookie(ctx, input, login);
}

function requireFields(input: LoginInput): void {
  const errors = collectFieldErrors();
  if (input.identifier.trim() === '')
    errors.add('identifier', 'REQUIRED', 'Please enter your email address, username, or phone number.');
  if (input.identifier.length > MAX_IDENTIFIER_LENGTH)
    errors.add('identifier', 'TOO_LONG', `An identifier can have at most ${MAX_IDENTIFIER_LENGTH} characters.`);
  if (input.password === '') errors.add('password', 'REQUIRED', 'Please enter your password.');
  errors.throwIfAny();
}

async function findByIdentifier(ctx: Ctx, text: string): Promise<User | null> {
  const identifier = parseIdentifier(text);
  if (identifier === null) return null;
  const [user] = await ctx.database.query<User>(FIND_BY[identifier.kind], [identifier.value]);
  return user ?? null;
}
