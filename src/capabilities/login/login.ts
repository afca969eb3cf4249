/**
 * Sign in with an email address, username, or phone number, and a password.
 *
 * Every attempt is counted before the password is hashed: on a known device by itself, elsewhere by network and by
 * account. All identifiers of an account share one count. An unknown identifier, an account without a password, and a
 * wrong password take the same time and give the same error. That an account is disabled, scheduled for deletion, or
 * unverified is revealed only to someone who knows the password. Sign-ins of one account or network are queued, so
 * that many correct ones at once do not look like guesses. REST clients may sign in with a legacy password, which asks
 * for no second factor.
 * Fails with: InvalidCredentialsError, EmailNotVerifiedError, AccountDisabledError, AccountDeletionPendingError,
 * SecondFactorRequiredError, TooManyAttemptsError, ServiceBusyError, ValidationError.
 */

import type { Ctx } from '#core/context.ts';
import { type PresentedDevice, readDeviceToken } from '#core/devices/device-token.ts';
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
import type { FoundAccount } from '#core/sign-in/account-finder.ts';
import { signInByCookie } from '#core/sign-in/cookie-sign-in.ts';
import { finishSignIn, finishWithLegacyPassword, type SignInOptions } from '#core/sign-in/gate.ts';
import { requireOpenMethod } from '#core/sign-in-methods.ts';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
} from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** The credentials, and the options that the client's API sets for the session. */
export type LoginInput = {
  identifier: string;
  password: string;
  /** For the documented REST APIs, whose clients may know no second step. */
  acceptsLegacyPassword?: boolean;
  /** The response to a captcha, which is asked for after suspicious failures. REST APIs have no place for it. */
  captcha?: string | null | undefined;
} & SignInOptions;

const MAX_IDENTIFIER_LENGTH = 320;

export async function login(ctx: Ctx, input: LoginInput): Promise<SignedIn> {
  if (input.acceptsLegacyPassword !== true) requireOpenMethod(ctx, 'password');
  requireFields(input);
  const presented = readDeviceToken(ctx.secrets, input.deviceToken);
  // A flood of strangers is refused before it costs the database anything. Whether a device is known to the account,
  // only the database can tell.
  if (presented === null) ctx.passwordHasher.requireRoom();
  const { identifier, password, captcha, acceptsLegacyPassword = false, ...sessionOptions } = input;
  const { user, isKnownDevice: isKnown } = await findByIdentifier(ctx, identifier, presented);
  if (acceptsLegacyPassword) {
    const signedIn = await byLegacyPassword(ctx, user, password, sessionOptions);
    if (signedIn !== null) return signedIn;
    requireOpenMethod(ctx, 'password');
  }
  const holder = user ?? { unknownIdentifier: identifier };
  const place = { knownDeviceId: isKnown && presented !== null ? presented.id : null, captcha };
  const { verified, failures } = await provePassword(ctx, holder, password, place);
  const checked = verified.user;
  requireUsable(checked);
  if (checked.emailVerifiedAt === null) {
    const resendAvailableAt = await nextMailAt(ctx, 'verify-email', storedAddress(checked.email));
    throw new EmailNotVerifiedError(checked.email, resendAvailableAt, resendCodeOf(ctx, checked.id));
  }
  const signedIn = await finishSignIn(ctx, verified, sessionOptions);
  // Null if the password is suspended, or was changed or the account disabled in the meantime.
  if (signedIn === null) throw new InvalidCredentialsError();
  await reportFailures(ctx, signedIn, failures);
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

async function findByIdentifier(ctx: Ctx, text: string, presented: PresentedDevice | null): Promise<FoundAccount> {
  const identifier = parseIdentifier(text);
  return identifier === null ? { user: null, isKnownDevice: false } : ctx.accountFinder.find(identifier, presented);
}
