/**
 * Sign out: end the session of the refresh token, or else of the cookie and of the bearer token, also when that has
 * expired; or all sessions of the viewer. Ending what has ended already is no error: who signs out wants to be signed
 * out. The browser forgets its cookie.
 * Fails with: UnauthenticatedError for `logoutEverywhere` without a viewer, CsrfError.
 */

import { lockUser } from '#core/accounts/lock-user.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { endSession, endSessions, findSession, readRefreshToken } from '#core/sessions/session.ts';
import { requireViewer } from '#core/sessions/viewer.ts';

export type LogoutInput = { refreshToken?: string | null | undefined };

export async function logout(ctx: Ctx, input: LogoutInput): Promise<{ endedSessionId: string | null }> {
  const ended: string[] = [];
  for (const sessionId of await presentedSessionIds(ctx, input)) {
    if (await endPresentedSession(ctx, sessionId)) ended.push(sessionId);
  }
  return { endedSessionId: ended[0] ?? null };
}

export async function logoutEverywhere(ctx: Ctx): Promise<{ endedSessions: number }> {
  const { user, session } = await requireViewer(ctx);
  ctx.refreshCookie?.forget();
  return inTransaction(ctx, async (tx) => {
    await lockUser(tx, user.id);
    const endedSessions = await endSessions(tx, user.id, 'logout_everywhere');
    await audit(tx, 'logout_everywhere.completed', user.id, { actorId: user.id, sessionId: session.id });
    return { endedSessions };
  });
}

/** The sessions of the tokens that came. A browser may show two: its cookie's, and that of an access token of before. */
async function presentedSessionIds(ctx: Ctx, input: LogoutInput): Promise<ReadonlySet<string>> {
  const byRefreshToken = async (token: string | null) =>
    token === null ? null : ((await readRefreshToken(ctx, token))?.sessionId ?? null);
  if (input.refreshToken != null) return setOf([await byRefreshToken(input.refreshToken)]);
  const byCookie = await byRefreshToken(ctx.refreshCookie?.read() ?? null);
  ctx.refreshCookie?.forget();
  const byBearer = ctx.bearerToken === null ? null : await ctx.accessTokens.sessionIdOf(ctx.bearerToken);
  return setOf([byCookie, byBearer]);
}

function setOf(ids: readonly (string | null)[]): ReadonlySet<string> {
  return new Set(ids.filter((id) => id !== null));
}

async function endPresentedSession(ctx: Ctx, sessionId: string): Promise<boolean> {
  const found = await findSession(ctx, sessionId);
  if (found === null) return false;
  return inTransaction(ctx, async (tx) => {
    if (!(await endSession(tx, sessionId, 'logout'))) return false;
    await audit(tx, 'logout.completed', found.user.id, { actorId: found.user.id, sessionId });
    return true;
  });
}
