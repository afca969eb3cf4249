/**
 * The gate: every way to sign in ends here, and nothing else opens a session. That holds by construction:
 *
 * - Only this file imports `openSession` (test/architecture), whose statement refuses an account with a second factor.
 * - It takes a `VerifiedFactor`, which only the code that checks passwords and emailed proofs makes.
 * - What comes out before the second factor is an error. There is no half session, no token and no cookie that could be
 *   mistaken for a whole one.
 *
 * A new way to sign in calls `finishSignIn`; test/security/doors.test.ts walks through all of them.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { type PresentedDevice, readDeviceToken } from '#core/devices/device-token.ts';
import { lockUser } from '#core/lock-user.ts';
import { type FactorMatch, spendSecondFactor } from '#core/second-factors/factor-check.ts';
import { type LegacyMatch, mayHaveLegacyPasswords, useLegacyPassword } from '#core/second-factors/legacy-password.ts';
import { recordSecurityChange } from '#core/second-factors/security-change.ts';
import { isTrustedDevice, mayTrustDevices, trustDevice } from '#core/second-factors/trusted-device.ts';
import { type Admission, type OpenedSession, openSession, type SessionOptions } from '#core/sessions/open-session.ts';
import { endPresentedSession, type PresentedSession } from '#core/sessions/presented-session.ts';
import type { SignedIn } from '#core/sessions/session.ts';
import type { VerifiedFactor } from '#core/sessions/verified-factor.ts';
import { amrOf, SECOND_FACTOR_AMR, withAmr } from '#core/tokens/authentication-claims.ts';
import { AccountDeletionPendingError, AccountDisabledError } from '#errors/domain-errors.ts';
import { LoginExpiredError } from '#errors/second-factor-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import {
  consumeLoginChallenge,
  issueLoginChallenge,
  type LoginChallenge,
  type TokenTransport,
} from './login-challenge.ts';
import { noteNewDevice } from './new-device.ts';

/** What the client presents and wishes for the new session. */
type OpeningOptions = SessionOptions & {
  /** The session of the cookie that will be overwritten. It ends in the transaction that opens the new one. */
  previous?: PresentedSession | null;
  /** The token of a device that may be known. If the device is also trusted, the first factor alone signs in. */
  deviceToken?: string | null | undefined;
};

export type SignInOptions = OpeningOptions & {
  /** How the client takes its tokens, for the second step. */
  transport?: TokenTransport;
};

export type ConfirmOptions = OpeningOptions & {
  /** Whether to trust this device from now on. Ignored for administrators. */
  trustsDevice?: boolean;
};

/**
 * Signs in someone who has verified a first factor, if the account has no second one. Otherwise fails with
 * SecondFactorRequiredError. Null if the factor no longer counts: the password was changed or is suspended, or the
 * account was disabled in the meantime. Never call it in a transaction.
 */
export async function finishSignIn(
  ctx: Ctx,
  verified: VerifiedFactor,
  options: SignInOptions,
): Promise<SignedIn | null> {
  const { user, method } = verified;
  const { transport = 'BEARER', ...session } = options;
  const opened = (await openOnTrustedDevice(ctx, verified, session)) ?? (await openWithoutMore(ctx, verified, session));
  if (opened !== null) return reported(ctx, opened);
  const required = await inTransaction(ctx, (tx) => issueLoginChallenge(tx, verified, transport));
  if (required !== null) throw required;
  if (method === 'password') await audit(ctx, 'login.failed', user.id);
  return null;
}

/**
 * Signs in someone whose second factor was recognized. It and the challenge are used up in the transaction that opens
 * the session: of many at once, one succeeds.
 * Fails with InvalidCodeError if the factor was used already, LoginExpiredError, AccountDisabledError and
 * AccountDeletionPendingError.
 */
export async function finishWithSecondFactor(
  ctx: Ctx,
  challenge: LoginChallenge,
  match: FactorMatch,
  { trustsDevice = false, ...options }: ConfirmOptions,
): Promise<SignedIn> {
  const signedIn = await inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, challenge.userId);
    if (user === null) throw new LoginExpiredError();
    if (user.disabledAt !== null) throw new AccountDisabledError();
    if (user.deletesAt !== null) throw new AccountDeletionPendingError(user.deletesAt);
    await consumeLoginChallenge(tx, challenge);
    await spendSecondFactor(tx, user, match);
    const { method } = challenge;
    const admission = { method, amr: withAmr(amrOf(method), SECOND_FACTOR_AMR), secondFactor: match.kind };
    const opened = await open(tx, user, admission, options);
    if (opened === null) throw new LoginExpiredError();
    const { knownDeviceId } = opened.session;
    if (!trustsDevice || knownDeviceId === null || !mayTrustDevices(user)) return opened;
    await trustDevice(tx, user, knownDeviceId);
    await recordSecurityChange(tx, user, 'device_trusted', { at: tx.clock(), objectId: knownDeviceId });
    // The email about the trusted device also reports the sign-in.
    return { ...opened, isNewDevice: false };
  });
  return reported(ctx, signedIn);
}

/**
 * Signs in a REST client with a legacy password, which stands in for both factors. Null if it was removed, or the
 * account was disabled, in the meantime. Never call it in a transaction.
 */
export async function finishWithLegacyPassword(
  ctx: Ctx,
  userId: string,
  match: LegacyMatch,
  options: SessionOptions,
): Promise<SignedIn | null> {
  const method = 'legacy-password';
  const opened = await inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, userId);
    if (user === null || !mayHaveLegacyPasswords(user) || !(await useLegacyPassword(tx, match))) return null;
    return open(tx, user, { method, amr: amrOf(method) }, options);
  });
  return opened && reported(ctx, opened);
}

/** The session, once the owner has been notified of a new device. */
async function reported(ctx: Ctx, { isNewDevice, ...signedIn }: OpenedSession): Promise<SignedIn> {
  if (isNewDevice) await noteNewDevice(ctx, signedIn);
  return signedIn;
}

/** Null if the device is not trusted for this account, or the first factor no longer counts. */
async function openOnTrustedDevice(
  ctx: Ctx,
  { user, method }: VerifiedFactor,
  session: OpeningOptions,
): Promise<OpenedSession | null> {
  if (!mayTrustDevices(user)) return null;
  const presented = presentedDevice(ctx, session);
  if (presented === null) return null;
  return inTransaction(ctx, async (tx) => {
    const current = await lockUser(tx, user.id);
    if (current === null || current.passwordHash !== user.passwordHash) return null;
    if (!(await isTrustedDevice(tx, current, presented))) return null;
    return open(tx, current, { method, amr: amrOf(method), deviceId: presented.id }, session);
  });
}

/** With the first factor alone: in one statement, unless another session has to end with it. */
function openWithoutMore(
  ctx: Ctx,
  { user, method }: VerifiedFactor,
  options: OpeningOptions,
): Promise<OpenedSession | null> {
  const admission = { method, amr: amrOf(method) };
  if (options.previous == null) return open(ctx, user, admission, options);
  return inTransaction(ctx, (tx) => open(tx, user, admission, options));
}

/** Call it in a transaction if there is a session to end. */
async function open(
  tx: Ctx,
  user: User,
  admission: Admission,
  { previous = null, deviceToken, ...options }: OpeningOptions,
): Promise<OpenedSession | null> {
  const presented = presentedDevice(tx, { deviceToken });
  const opened = await openSession(tx, user, { ...admission, presented }, options);
  if (opened === null || previous === null) return opened;
  const ending = { reason: 'replaced_by_sign_in', event: 'replace_session.completed', actorId: user.id } as const;
  await endPresentedSession(tx, previous, ending);
  return opened;
}

function presentedDevice(
  { secrets }: Ctx,
  { deviceToken }: Pick<OpeningOptions, 'deviceToken'>,
): PresentedDevice | null {
  return readDeviceToken(secrets, deviceToken);
}
