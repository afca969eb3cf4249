/**
 * Step-up: another proof of identity within a session, which makes it more recent or stronger. The client gets new
 * tokens that say so; earlier ones claim no more than before (claimed-proofs.ts).
 *
 * A new refresh token is given only in exchange for the current one, which the browser's cookie or the input holds. An
 * access token that was stolen, together with a password that someone knows, must not become a session that lasts. The
 * exchange spends the old refresh token, as a refresh does. If a refresh has just done that, which the client may not
 * have noticed yet, the generation stays: the answers of both may arrive in any order.
 */
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { isOnOwnDevice } from '#core/devices/session-device.ts';
import { secondsAfter } from '#core/time.ts';
import { type SessionFactor, withAmr } from '#core/tokens/authentication-claims.ts';
import { ValidationError } from '#errors/domain-errors.ts';
import { CsrfError, UnauthenticatedError } from '#errors/refused-errors.ts';
import type { Session } from '#generated/prisma/client.ts';
import { findPresentedSession } from './presented-session.ts';
import { findSession, isLiveSession, tokensOf } from './session.ts';
import { endReplayedSession, isReplay, isWithinGrace } from './spent-token.ts';
import { requireClaims } from './viewer.ts';

/** The tokens with which the client continues. */
export type RaisedSession = {
  /** When the proof was given. */
  authenticatedAt: Date;
  accessToken: string;
  expiresAt: Date;
  /** In seconds. */
  expiresIn: number;
  /** Null if the client did not present the current one, or keeps it in a cookie. */
  refreshToken: string | null;
  /** Until when the new refresh token can be used, also the one in a cookie. */
  refreshTokenExpiresAt: Date | null;
};

/** The tokens of this session that the client has shown. */
export type ShownTokens = {
  /** The generation of the access token. */
  generation: number | null;
  /** Where the client has the refresh token, if it has shown it. */
  refresh: 'cookie' | 'input' | null;
};

/**
 * Call it before the proof is checked, and not in a transaction. A refresh token that was spent long ago ends the
 * session. If the one in the input is not the current one of this session, fails with ValidationError; if the one in
 * the cookie is not, it is ignored. Fails with UnauthenticatedError.
 */
export async function shownTokens(
  ctx: Ctx,
  { session }: Viewer,
  input: { refreshToken?: string | null | undefined },
): Promise<ShownTokens> {
  const { generation } = await requireClaims(ctx);
  if (input.refreshToken != null) {
    if (await isCurrent(ctx, session, input.refreshToken)) return { generation, refresh: 'input' };
    const message = 'This is not the current refresh token of this session.';
    throw new ValidationError([{ path: ['refreshToken'], code: 'NOT_ALLOWED', message }]);
  }
  const isInCookie = await isCurrent(ctx, session, cookieOf(ctx));
  return { generation, refresh: isInCookie ? 'cookie' : null };
}

/** Null also for a page that may not use the cookie: the request is then made without it. */
function cookieOf({ refreshCookie }: Ctx): string | null {
  try {
    return refreshCookie?.read() ?? null;
  } catch (error) {
    if (error instanceof CsrfError) return null;
    throw error;
  }
}

async function isCurrent(ctx: Ctx, { id }: Session, refreshToken: string | null): Promise<boolean> {
  const presented = await findPresentedSession(ctx, refreshToken);
  if (presented === null || presented.found.session.id !== id) return false;
  const { found, generation } = presented;
  // A token that does not change is good on its own device only, here as when it is refreshed.
  if (!found.session.rotates) return generation === found.session.generation && isOnOwnDevice(ctx, found);
  if (generation === found.session.generation) return true;
  if (generation !== null && isReplay(ctx, found, generation)) {
    await inTransaction(ctx, (tx) => endReplayedSession(tx, found));
    throw new UnauthenticatedError('SESSION_ENDED');
  }
  return isWithinGrace(ctx, found.session);
}

/**
 * Records what was verified, and issues the tokens that say so. Call it in a transaction that holds the viewer. Fails
 * with UnauthenticatedError if the session has ended.
 * @param proof.amr the values that it adds to the claim `amr`
 */
export async function raiseSession(
  tx: Ctx,
  { user, session }: Viewer,
  proof: { amr: readonly string[]; secondFactor?: SessionFactor },
  shown: ShownTokens,
): Promise<RaisedSession> {
  const authenticatedAt = tx.clock();
  const { secondFactor } = proof;
  // Based on what the presented token claims: a later proof of the owner must not be added to a token that was stolen.
  const amr = withAmr(session.amr, proof.amr);
  const factor = secondFactor === undefined ? {} : { secondFactor, secondFactorAt: authenticatedAt };
  const [verified] = await tx.db.session.updateManyAndReturn({
    where: { id: session.id, endedAt: null },
    data: { authenticatedAt, amr, ...factor },
  });
  if (verified === undefined) throw new UnauthenticatedError('SESSION_ENDED');
  const current = shown.refresh === null ? verified : await renew(tx, verified);
  const { secondFactorAt } = session;
  return handOver(tx, { user, session: { ...current, secondFactorAt, ...factor } }, shown);
}

/**
 * The session as a second factor raised it a moment ago, for the same request again. Null if it has ended, or was
 * raised otherwise. Never call it in a transaction.
 */
export async function findRaisedSession(
  ctx: Ctx,
  { user, session }: Viewer,
  proof: { amr: readonly string[]; at: Date },
  shown: ShownTokens,
): Promise<RaisedSession | null> {
  const found = await findSession(ctx, session.id);
  const { at } = proof;
  if (found === null || !isLiveSession(ctx, found)) return null;
  if (found.session.secondFactorAt === null || found.session.secondFactorAt < at) return null;
  const amr = withAmr(session.amr, proof.amr);
  return handOver(ctx, { user, session: { ...found.session, authenticatedAt: at, secondFactorAt: at, amr } }, shown);
}

/** @param viewer.session as the new tokens may claim it */
function handOver(ctx: Ctx, { user, session }: Viewer, shown: ShownTokens): RaisedSession {
  const { authenticatedAt } = session;
  if (shown.refresh !== null) {
    const tokens = tokensOf(ctx, user, session);
    const { accessToken, expiresAt, expiresIn, refreshToken, refreshTokenExpiresAt } = tokens;
    const raised = { authenticatedAt, accessToken, expiresAt, expiresIn, refreshTokenExpiresAt };
    if (shown.refresh === 'input') return { ...raised, refreshToken };
    ctx.afterCommit(() => ctx.refreshCookie?.keep(refreshToken, refreshTokenExpiresAt));
    return { ...raised, refreshToken: null };
  }
  // Of the same generation: this token says nothing about whether a newer refresh token has arrived.
  const { token, expiresAt } = ctx.accessTokens.issue(user, { ...session, generation: shown.generation });
  const expiresIn = ctx.config.accessTokenTtlSeconds;
  return { authenticatedAt, accessToken: token, expiresAt, expiresIn, refreshToken: null, refreshTokenExpiresAt: null };
}

/** Spends the refresh token, unless that was just done, and extends the session. Call it with the session locked. */
async function renew(tx: Ctx, session: Session): Promise<Session> {
  const now = tx.clock();
  const idleEnd = secondsAfter(now, tx.config.sessionIdleTtlSeconds);
  const { absoluteExpiresAt } = session;
  const expiresAt = idleEnd < absoluteExpiresAt ? idleEnd : absoluteExpiresAt;
  const rotates = session.rotates && !isWithinGrace(tx, session);
  const rotation = rotates ? { generation: { increment: 1 }, rotatedAt: now } : {};
  return tx.db.session.update({ where: { id: session.id }, data: { lastUsedAt: now, expiresAt, ...rotation } });
}
