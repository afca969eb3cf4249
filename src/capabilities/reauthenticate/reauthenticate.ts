/**
 * Confirm the viewer's identity within a session. Sensitive actions require it when the last proof is too old, or was
 * not by the second factor.
 *
 * Password, code, and recovery code count against the same budgets as at sign-in. The confirmation is valid for the
 * tokens that are issued with it: any that was stolen before, access or refresh token, does not gain from it. The
 * refresh token is exchanged for a new one if it is shown, in the input or in the cookie. Someone whose account has
 * neither password nor second factor signs in again.
 * Fails with: InvalidCredentialsError, InvalidCodeError, TooManyAttemptsError, ServiceBusyError, ValidationError;
 * UnauthenticatedError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { requirePassword } from '#core/passwords/password-check.ts';
import {
  checkSecondFactor,
  requireSecondFactor,
  type SecondFactorInput,
  spendSecondFactor,
} from '#core/second-factors/factor-check.ts';
import { recentSignInEndsAt, requireRaisable } from '#core/sessions/recent-sign-in.ts';
import { type RaisedSession, raiseSession, shownTokens } from '#core/sessions/session-proof.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { amrOf, SECOND_FACTOR_AMR } from '#core/tokens/authentication-claims.ts';
import { InvalidCredentialsError } from '#errors/domain-errors.ts';

/** Exactly one of password, code, and recovery code. */
export type ReauthenticateInput = SecondFactorInput & {
  password?: string | null | undefined;
  /** The current one of a client that does not keep it in a cookie, to exchange it. */
  refreshToken?: string | null | undefined;
};
export type ReauthenticateSuccess = RaisedSession & {
  /** Until when sensitive actions do not ask again. */
  validUntil: Date;
};

export async function reauthenticate(ctx: Ctx, input: ReauthenticateInput): Promise<ReauthenticateSuccess> {
  await requireRaisable(ctx);
  const { password, refreshToken, ...factor } = input;
  if (password == null) return byFactor(ctx, factor, { refreshToken });
  if (factor.code || factor.recoveryCode) {
    const errors = collectFieldErrors();
    errors.add('password', 'NOT_ALLOWED', 'Please provide the password, a code, or a recovery code, not several.');
    errors.throwIfAny();
  }
  return byPassword(ctx, password, { refreshToken });
}

type HeldToken = Pick<ReauthenticateInput, 'refreshToken'>;

async function byPassword(ctx: Ctx, password: string, held: HeldToken): Promise<ReauthenticateSuccess> {
  const shown = await shownTokens(ctx, await requireViewer(ctx), held);
  const viewer = await requirePassword(ctx, password, 'reauthenticate.failed');
  return inTransaction(ctx, async (tx) => {
    const current = await holdViewer(tx, viewer);
    // The password was changed in the meantime, so the one that was checked is no longer valid.
    if (current.passwordHash !== viewer.user.passwordHash) throw new InvalidCredentialsError();
    const raised = await raiseSession(tx, viewer, { amr: amrOf('password') }, shown);
    await auditBy(tx, viewer, 'reauthenticate.completed');
    return { ...raised, validUntil: recentSignInEndsAt(tx, raised) };
  });
}

async function byFactor(ctx: Ctx, input: SecondFactorInput, held: HeldToken): Promise<ReauthenticateSuccess> {
  const typed = requireSecondFactor(input);
  const viewer = await requireViewer(ctx);
  const { user, session } = viewer;
  const shown = await shownTokens(ctx, viewer, held);
  const details = { actorId: user.id, sessionId: session.id };
  const match = await checkSecondFactor(ctx, user, typed, { event: 'reauthenticate.failed', details });
  return inTransaction(ctx, async (tx) => {
    await spendSecondFactor(tx, await holdViewer(tx, viewer), match);
    const raised = await raiseSession(tx, viewer, { amr: SECOND_FACTOR_AMR, secondFactor: match.kind }, shown);
    await auditBy(tx, viewer, 'reauthenticate.completed');
    return { ...raised, validUntil: recentSignInEndsAt(tx, raised) };
  });
}
