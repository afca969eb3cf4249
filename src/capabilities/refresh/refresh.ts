/**
 * Stay signed in: exchange a refresh token for a new pair of tokens.
 *
 * The current token advances the session to its next generation. Within REFRESH_GRACE of that rotation, the previous
 * token gets the same successor again, however many requests there are (parallel tabs, lost responses); the window is
 * never extended. While no token of the new generation was used, the previous one gets it again later as well, but not
 * in two generations in a row (see spent-token.ts). Anything older has been used by two parties: the session ends for
 * both, in a transaction that commits although the response is an error, and the owner is notified. RFC 9700 section
 * 4.14.2. The new tokens claim the proofs of identity that the old one may claim, and no later ones.
 *
 * With the organization header, the access token is for that organization, if the client's API has such tokens. First
 * the token is checked and then the header, before the token is spent: someone who may not act there keeps the token
 * and can try again without the header. Clients of an API without refresh tokens exchange the access token itself
 * before it expires, if it is refreshable.
 * A token that does not change when it is used is refused on another device than it was given to
 * (core/devices/own-device.ts).
 * Fails with: SessionEndedError; by access token with UnauthenticatedError; for the header with
 * InvalidOrganizationHeaderError, ForbiddenError.
 */
import { type Ctx, inTransaction } from '#core/context.ts';
import { isOnOwnDevice } from '#core/devices/session-device.ts';
import { findEffective } from '#core/organizations/acting-organization.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import { handOverByCookie, type SignedInByCookie } from '#core/sessions/cookie-hand-over.ts';
import { type PresentedRefreshToken, readRefreshToken } from '#core/sessions/refresh-token.ts';
import { requireRefreshableSession } from '#core/sessions/refreshable-session.ts';
import { findSession, isLiveSession, prolongSession, type SignedIn, tokensOf } from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { allowSuccessor, endReplayedSession, isReplay } from '#core/sessions/spent-token.ts';
import { asClaimed } from '#core/tokens/claimed-proofs.ts';
import { SessionEndedError } from '#errors/domain-errors.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';

export type RefreshInput = {
  refreshToken?: string | null | undefined;
  /** Accept only a session whose refresh token does not rotate, because the client's API cannot return a new one. */
  keepsToken?: boolean;
  /** For clients that send the organization header with every request, but do not mean it here. */
  ignoresOrganization?: boolean;
  /** Lifetime of the access token; defaults to ACCESS_TOKEN_TTL. */
  accessTokenTtlSeconds?: number;
};

export async function refresh(ctx: Ctx, input: RefreshInput): Promise<SignedIn> {
  const presented = readRefreshToken(ctx, input.refreshToken ?? '');
  if (presented === null) throw new SessionEndedError();
  const acting = input.ignoresOrganization ? null : await organizationOf(ctx, presented, input);
  const rotated = input.keepsToken ? null : await ctx.sessionRotator.rotate(presented.sessionId, presented.generation);
  const current = rotated ?? (await unrotatedSession(ctx, presented, input));
  const session = asClaimed(current.session, presented);
  return { ...current, session, tokens: tokensOf(ctx, current.user, session, { ...input, acting }) };
}

/**
 * The organization in the header, which must be one that the owner of the session may act in. A replay is handled
 * first: with a header, a spent token must not become a way to ask unnoticed whether the session is still live.
 */
async function organizationOf(
  ctx: Ctx,
  presented: PresentedRefreshToken,
  input: RefreshInput,
): Promise<ActingOrganization | null> {
  if (ctx.organizationHeader === null) return null;
  const found = await findSession(ctx, presented.sessionId);
  if (found === null || !isLiveSession(ctx, found)) throw new SessionEndedError();
  await requireUnspent(ctx, found, presented, input);
  return findEffective(ctx, ctx.organizationHeader, { ...found, session: asClaimed(found.session, presented) });
}

/**
 * The same for a browser, with its cookie. A cookie that cannot be refreshed is deleted, so that no page tries again.
 * Also fails with CsrfError.
 */
export async function refreshByCookie(ctx: Ctx): Promise<SignedInByCookie> {
  const cookie = ctx.refreshCookie;
  if (cookie === null) throw new SessionEndedError();
  const refreshToken = cookie.read();
  try {
    return handOverByCookie(ctx, cookie, await refresh(ctx, { refreshToken }));
  } catch (error) {
    if (error instanceof SessionEndedError) cookie.forget();
    throw error;
  }
}

/** Extends the session of the bearer token. A provisional session is not extended. */
export async function refreshByAccessToken(ctx: Ctx): Promise<SessionWithUser> {
  const found = await requireRefreshableSession(ctx);
  if (found.session.isProvisional) return found;
  const prolonged = await prolongOnOwnDevice(ctx, found);
  if (prolonged === null) throw new UnauthenticatedError('SESSION_ENDED');
  // The new token claims no proof that the exchanged one does not.
  const { authenticatedAt, secondFactorAt, secondFactor, amr } = found.session;
  return { ...prolonged, session: { ...prolonged.session, authenticatedAt, secondFactorAt, secondFactor, amr } };
}

/** Null if it is not live, or if the caller is on another device: a stolen token does not keep it alive either. */
async function prolongOnOwnDevice(ctx: Ctx, found: SessionWithUser): Promise<SessionWithUser | null> {
  return (await isOnOwnDevice(ctx, found)) ? prolongSession(ctx, found.session.id) : null;
}

/**
 * The session with the generation that it has: one that does not rotate, or one whose token before the current one may
 * get the current one again.
 */
async function unrotatedSession(
  ctx: Ctx,
  presented: PresentedRefreshToken,
  input: RefreshInput,
): Promise<SessionWithUser> {
  const found = await findSession(ctx, presented.sessionId);
  if (found === null || !isLiveSession(ctx, found)) throw new SessionEndedError();
  await requireUnspent(ctx, found, presented, input);
  if (!found.session.rotates) {
    const prolonged = await prolongOnOwnDevice(ctx, found);
    if (prolonged === null) throw new SessionEndedError();
    return prolonged;
  }
  // If not, the current token was used since it was read, so reading again shows a replay.
  return (await allowSuccessor(ctx, found)) ? found : unrotatedSession(ctx, presented, input);
}

/** If the token of a live session was spent too long ago, ends the session in a transaction that commits, and fails. */
async function requireUnspent(
  ctx: Ctx,
  found: SessionWithUser,
  { generation }: PresentedRefreshToken,
  { keepsToken = false }: RefreshInput,
): Promise<void> {
  // The token is valid for another API only. That is not a replay, but it is not accepted here.
  if (found.session.isProvisional || (keepsToken && found.session.rotates)) throw new SessionEndedError();
  if (!isReplay(ctx, found, generation)) return;
  await inTransaction(ctx, (tx) => endReplayedSession(tx, found));
  throw new SessionEndedError();
}
