/**
 * Stay signed in: give the refresh token, get a new pair of tokens.
 *
 * The current token moves the session to its next generation. Its parent, within REFRESH_GRACE of that first rotation,
 * gets the same successor again, however many ask at once (parallel tabs, lost answers); the window never moves.
 * Anything older has been used twice, by its owner and somebody else: the session ends for everyone who holds it, in a
 * transaction that commits although the answer is an error, and the owner is told. RFC 9700 section 4.14.2.
 *
 * With the organization header the access token is for that organization, where the client's API knows such tokens. The
 * token is judged first and the header next, before the token is spent: someone who may not act there keeps the token and
 * can ask again without the header.
 * Clients of an API without refresh tokens exchange the access token itself while it lives, if it was made for that.
 * Fails with: SessionEndedError; by access token with UnauthenticatedError; for the header with
 * InvalidOrganizationHeaderError, ForbiddenError.
 */
import { type Ctx, inTransaction } from '#core/context.ts';
import { findEffective } from '#core/organizations/acting-organization.ts';
import { handOverByCookie, type SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import { requireRefreshableSession } from '#core/sessions/refreshable-session.ts';
import {
  findSession,
  isLiveSession,
  prolongSession,
  readRefreshToken,
  rotateSession,
  type SignedIn,
  tokensOf,
} from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { endReplayedSession, isReplay } from '#core/sessions/spent-token.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import { SessionEndedError, UnauthenticatedError } from '#errors.ts';

export type RefreshInput = {
  refreshToken?: string | null | undefined;
  /** Only a session whose refresh token does not change is accepted: the client could not be given a new one. */
  keepsToken?: boolean;
  /** For clients that attach the organization header everywhere and do not mean it here. */
  ignoresOrganization?: boolean;
  /** Life of the access token; ACCESS_TOKEN_TTL when absent. */
  accessTokenTtlSeconds?: number;
};

type Presented = { sessionId: string; generation: number };

export async function refresh(ctx: Ctx, input: RefreshInput): Promise<SignedIn> {
  const presented = await readRefreshToken(ctx, input.refreshToken ?? '');
  if (presented === null) throw new SessionEndedError();
  const organization = input.ignoresOrganization ? {} : await organizationOf(ctx, presented, input);
  const rotated = await rotateSession(ctx, presented.sessionId, presented.generation, input.keepsToken ?? false);
  const current = rotated ?? (await currentWithinGrace(ctx, presented, input));
  return { ...current, tokens: tokensOf(ctx, current.user, current.session, { ...input, ...organization }) };
}

/**
 * The claims for the organization of the header, which has to be one that the owner of the session may act in. A spent
 * token raises its alarm first: a header must not turn it into a silent question whether the session is still alive.
 */
async function organizationOf(
  ctx: Ctx,
  presented: Presented,
  input: RefreshInput,
): Promise<Pick<AccessTokenOptions, 'organization'>> {
  if (ctx.organizationHeader === null) return {};
  const found = await findSession(ctx, presented.sessionId);
  if (found === null || !isLiveSession(found, ctx.clock())) throw new SessionEndedError();
  await requireUnspent(ctx, found, presented, input);
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
async function currentWithinGrace(ctx: Ctx, presented: Presented, input: RefreshInput): Promise<SessionWithUser> {
  const found = await findSession(ctx, presented.sessionId);
  if (found === null || !isLiveSession(found, ctx.clock())) throw new SessionEndedError();
  await requireUnspent(ctx, found, presented, input);
  return found;
}

/** Ends the session, in a transaction that commits, and fails when the token of a live session was spent too long ago. */
async function requireUnspent(
  ctx: Ctx,
  found: SessionWithUser,
  { generation }: Presented,
  { keepsToken = false }: RefreshInput,
): Promise<void> {
  // A client of another API shows a token that is good elsewhere: no replay, and nothing for it here.
  if (found.session.isProvisional || (keepsToken && found.session.rotates)) throw new SessionEndedError();
  if (!isReplay(ctx, found, generation)) return;
  await inTransaction(ctx, (tx) => endReplayedSession(tx, found));
  throw new SessionEndedError();
}
