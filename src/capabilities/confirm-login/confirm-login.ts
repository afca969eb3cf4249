/**
 * The second step of a sign-in: confirm it with a code from an authenticator app, or with a recovery code.
 *
 * The challenge comes from a sign-in whose first factor was right. Five wrong codes end it, ten within an hour block
 * the account's second factor, and twenty in a row suspend the password, because someone who gets that far knows it. A
 * code counts once, however many arrive at once and whatever challenge they are for.
 * Fails with: InvalidCodeError, LoginExpiredError, AccountDisabledError, AccountDeletionPendingError,
 * TooManyAttemptsError, ValidationError.
 */
import type { Ctx } from '#core/context.ts';
import { failuresBefore, reportFailures } from '#core/passwords/failure-count.ts';
import { checkSecondFactor, requireSecondFactor, type SecondFactorInput } from '#core/second-factors/factor-check.ts';
import { countWrongFactor } from '#core/second-factors/password-suspension.ts';
import { handOverByCookie, type SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import { findPresentedSession } from '#core/sessions/presented-session.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import { type ConfirmOptions, finishWithSecondFactor } from '#core/sign-in/gate.ts';
import { countTry, findLoginChallenge, type LoginChallenge } from '#core/sign-in/login-challenge.ts';

/** The session options are those of the client's API, whichever API the sign-in began with. */
export type ConfirmLoginInput = SecondFactorInput & { challengeToken: string } & ConfirmOptions;

export async function confirmLogin(ctx: Ctx, input: ConfirmLoginInput): Promise<SignedIn> {
  return complete(ctx, await findLoginChallenge(ctx, input.challengeToken), input);
}

async function complete(ctx: Ctx, challenge: LoginChallenge, input: ConfirmLoginInput): Promise<SignedIn> {
  const { challengeToken: _, code, recoveryCode, either, ...options } = input;
  const typed = requireSecondFactor({ code, recoveryCode, either });
  await countTry(ctx, challenge);
  const match = await checkSecondFactor(ctx, { id: challenge.userId }, typed, {
    event: 'confirm_login.failed',
    count: () => countFailure(ctx, challenge),
  });
  const signedIn = await finishWithSecondFactor(ctx, challenge, match, options);
  // After an emailed code, nobody has entered the password that was guessed at.
  if (challenge.method === 'password') {
    await reportFailures(ctx, signedIn, await failuresBefore(ctx, challenge.userId));
  }
  return signedIn;
}

/** The same in the way in which the client began: with a cookie, if it asked for one. Also fails with CsrfError. */
export async function confirmLoginAsBegun(ctx: Ctx, input: ConfirmLoginInput): Promise<SignedIn | SignedInByCookie> {
  const challenge = await findLoginChallenge(ctx, input.challengeToken);
  const cookie = ctx.refreshCookie;
  if (challenge.transport === 'BEARER' || cookie === null) return complete(ctx, challenge, input);
  cookie.requireOwnPage();
  const previous = await findPresentedSession(ctx, cookie.read());
  const deviceToken = ctx.deviceCookie?.read() ?? input.deviceToken;
  return handOverByCookie(ctx, cookie, await complete(ctx, challenge, { ...input, previous, deviceToken }));
}

/** Someone who fails after the password knows it; after an emailed code, that says nothing about the password. */
async function countFailure(ctx: Ctx, { method, userId }: LoginChallenge): Promise<void> {
  if (method === 'password') await countWrongFactor(ctx, userId);
}
