/**
 * Sensitive actions require a recent sign-in: an access token may have been stolen, or a screen left unlocked (OWASP
 * ASVS 5.0 section 7.5; NIST SP 800-63B-4 section 5.2). There are two levels. A *recent* proof is any that `login` or
 * `reauthenticate` takes. A *strong* one is by the second factor, where the account has one.
 */
import type { Ctx, Viewer } from '#core/context.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { isFromFuture, secondsAfter } from '#core/time.ts';
import { LEGACY_PASSWORD } from '#core/tokens/authentication-claims.ts';
import { type ProofMethod, ReauthenticationRequiredError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import { requireViewer } from './viewer.ts';

const SECOND_FACTORS = ['TOTP', 'RECOVERY_CODE'] as const;

/**
 * The viewer, if they authenticated in this session within REAUTHENTICATION_WINDOW, by signing in or with
 * `reauthenticate`. Fails with UnauthenticatedError and ReauthenticationRequiredError.
 */
export async function requireRecentSignIn(ctx: Ctx): Promise<Viewer> {
  const viewer = await requireRaisable(ctx);
  const { user, session } = viewer;
  if (isRecent(ctx, session.authenticatedAt)) return viewer;
  const methods: ProofMethod[] = [
    ...(user.passwordHash !== null && isOpenMethod(ctx, 'password') ? (['PASSWORD'] as const) : []),
    ...(user.hasSecondFactor ? SECOND_FACTORS : []),
  ];
  return refuse(ctx, methods);
}

/**
 * Like `requireRecentSignIn`, and by a second factor if the account has one: someone who has only the password or a
 * stolen session must not change how the owner signs in (OWASP Multifactor Authentication Cheat Sheet, "Changing MFA
 * Factors").
 */
export async function requireStrongSignIn(ctx: Ctx): Promise<Viewer> {
  const { user } = await requireViewer(ctx);
  return user.hasSecondFactor ? requireRecentFactor(ctx) : requireRecentSignIn(ctx);
}

/**
 * The second factor alone, if the account has one. For actions that ask for the password anyway, which is enough for
 * accounts without a second factor.
 */
export async function requireRecentFactor(ctx: Ctx): Promise<Viewer> {
  const viewer = await requireRaisable(ctx);
  const { user, session } = viewer;
  return !user.hasSecondFactor || isRecent(ctx, session.secondFactorAt) ? viewer : refuse(ctx, SECOND_FACTORS);
}

/**
 * The viewer, in a session in which an identity can be confirmed. One that a legacy password opened is only for the
 * client that has it, and for nothing sensitive. Fails with UnauthenticatedError and ForbiddenError.
 */
export async function requireRaisable(ctx: Ctx): Promise<Viewer> {
  const viewer = await requireViewer(ctx);
  if (viewer.session.method === LEGACY_PASSWORD) throw new ForbiddenError('LEGACY_PASSWORD');
  return viewer;
}

/** Until when a proof counts as recent. */
export function recentSignInEndsAt(ctx: Pick<Ctx, 'config'>, session: { authenticatedAt: Date }): Date {
  return secondsAfter(session.authenticatedAt, ctx.config.reauthenticationWindowSeconds);
}

function isRecent(ctx: Ctx, authenticatedAt: Date | null): boolean {
  if (authenticatedAt === null || isFromFuture(authenticatedAt, ctx.clock())) return false;
  return recentSignInEndsAt(ctx, { authenticatedAt }) > ctx.clock();
}

function refuse(ctx: Ctx, methods: readonly ProofMethod[]): never {
  throw new ReauthenticationRequiredError(
    methods.length === 0 ? ['EMAIL'] : methods,
    ctx.config.reauthenticationWindowSeconds,
  );
}
