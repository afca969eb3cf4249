/**
 * Stay signed in: give the refresh token, get a new pair of tokens.
 *
 * The current token moves the session to its next generation. Its parent, within REFRESH_GRACE of that first rotation,
 * gets the same successor again, however many ask at once (parallel tabs, lost answers); the window never moves.
 * Anything older has been used twice, by its owner and somebody else: the session ends for everyone who holds it, in a
 * transaction that commits although the answer is an error, and the owner is told. RFC 9700 section 4.14.2.
 *
 * With the organisation header the access token is for that organisation, where the client's API knows such tokens. The
 * header is checked before the token is spent: who may not act there keeps the token and can ask again without the header.
 * Clients of an API without refresh tokens exchange the access token itself while it lives, if it was made for that.
 * Fails with: SessionEndedError; by access token with UnauthenticatedError; for the header with BadRequestError,
 * ForbiddenError.
 */

import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { findEffective } from '#core/organizations/acting-organization.ts';
import { handOverByCookie, type SignedInByCookie } from '#core/sessions/refresh-cookie.ts';
import { requireRefreshableSession } from '#core/sessions/refreshable-session.ts';
import {
  endSession,
  findSession,
  isLiveSession,
  prolongSession,
  readRefreshToken,
  rotateSession,
  type SignedIn,
  tokensOf,
} from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import { SessionEndedError, UnauthenticatedError } from '#errors.ts';

export type RefreshInput = {
  refreshToken?: string | null | undefined;
  /** Only a session whose refresh token does not change is accepted: the client could not be given a new one. */
  keepsToken?: boolean;
  /** For clients that attach the organisation header everywhere and do not mean it here. */
  ignoresOrganization?: boolean;
  /** Life of the access token; ACCESS_TOKEN_TTL when absent. */
  accessTokenTtlSeconds?: number;
};

export async function refresh(ctx: Ctx, input: RefreshInput): Promise<SignedIn> {
  const presented = await readRefreshToken(ctx, input.refreshToken ?? '');
  if (presented === null) throw new SessionEndedError();
  const organization = input.ignoresOrganization ? {} : await organizationOf(ctx, presented.sessionId);
  const rotated = await rotateSession(ctx, presented.sessionId, presented.generation, input.keepsToken ?? false);
  const current = rotated ?? (await currentWithinGrace(ctx, presented, input));
  return { ...current, tokens: tokensOf(ctx, current.user, current.session, { ...input, ...organization }) };
}

/** The claims for the organisation of the header, which has to be one that the owner of the session may act in. */
async function organizationOf(ctx: Ctx, sessionId: string): Promise<Pick<AccessTokenOptions, 'organization'>> {
  if (ctx.organizationHeader === null) return {};
  const found = await findSession(ctx, sessionId);
  if (found === null || !isLiveSession(found, ctx.clock())) throw new SessionEndedError();
  const acting = await findEffective(ctx, ctx.organizationHeader, found);
  return acting === null ? {} : { organization: { id: acting.organization.id, role: acting.role } };
}

/**
 * The same for a browser, by its cookie. What cannot be refreshed is forgotten, so that no page asks again.
 * Fails besides with CsrfError.
 */
export async function refreshByCookie(ctx: Ctx): Promise<SignedInByCookie> {
  const cookie = ctx.refreshCookie;
  if (cookie === null) throw new SessionEndedError();
  const refreshToken = cookie.read();
  try {
    return handOverByCookie(cookie, await refresh(ctx, { refreshToken }));
  } catch (error) {
    if (error instanceof SessionEndedError) cookie.forget();
    throw error;
  }
}

/** Prolongs the session behind the bearer token. A provisional one is not prolonged: it waits for its proof, no longer. */
export async function refreshByAccessToken(ctx: Ctx): Promise<SessionWithUser> {
  const found = await requireRefreshableSession(ctx);
  if (found.session.isProvisional) return found;
  const prolonged = await prolongSession(ctx, found.session.id);
  if (prolonged === null) throw new UnauthenticatedError('SESSION_ENDED');
  return prolonged;
}

/** The session as it is, when the token is the direct parent of the current one and the grace window is open. */
async function currentWithinGrace(
  ctx: Ctx,
  presented: { sessionId: string; generation: number },
  input: RefreshInput,
): Promise<SessionWithUser> {
  const found = await findSession(ctx, presented.sessionId);
  if (found === null || !isLiveSession(found, ctx.clock())) throw new SessionEndedError();
  const { generation, rotatedAt, rotates, isProvisional } = found.session;
  // A client of another API shows a token that is good elsewhere: no replay, and nothing for it here.
  if (isProvisional || (input.keepsToken && rotates)) throw new SessionEndedError();
  const graceEnds = (rotatedAt?.getTime() ?? 0) + ctx.config.refreshGraceSeconds * 1000;
  if (presented.generation === generation - 1 && ctx.clock().getTime() <= graceEnds) return found;
  await endReplayedSession(ctx, found);
  throw new SessionEndedError();
}

async function endReplayedSession(ctx: Ctx, { session, user }: SessionWithUser): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    if (!(await endSession(tx, session.id, 'replay'))) return;
    await audit(tx, 'refresh.replayed', user.id, { sessionId: session.id });
    await tx.outbox.queue(tx, { mail: 'session-replayed', sessionId: session.id, at: tx.clock().toISOString() });
  });
}
