/**
 * Sign out: end the session of the refresh token, or else those of the cookie and of the bearer token, even if that has
 * expired; or everything that lets someone in without the password and a second factor: all sessions of the viewer,
 * trusted devices, and legacy passwords. It is not an error if a session has ended already. The browser deletes its
 * cookie once the sessions have ended, and keeps it if they could not be ended.
 * Fails with: UnauthenticatedError for `logoutEverywhere` without a viewer, CsrfError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { forgetDevices } from '#core/devices/known-device.ts';
import { lockUser } from '#core/lock-user.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { endPresentedSession } from '#core/sessions/presented-session.ts';
import { readRefreshToken } from '#core/sessions/refresh-token.ts';
import { endSessions, findSession } from '#core/sessions/session.ts';
import { requireViewer } from '#core/sessions/viewer.ts';

export type LogoutInput = { refreshToken?: string | null | undefined };
export type LogoutSuccess = { endedSessionId: string | null };
export type LogoutEverywhereSuccess = { endedSessions: number };

export async function logout(ctx: Ctx, input: LogoutInput): Promise<LogoutSuccess> {
  const ended: string[] = [];
  for (const presented of await presentedSessions(ctx, input)) {
    if (await signOut(ctx, presented)) ended.push(presented.sessionId);
  }
  // Not before: if the session could not be ended, the browser must be able to try again.
  if (input.refreshToken == null) ctx.refreshCookie?.forget();
  return { endedSessionId: ended[0] ?? null };
}

export async function logoutEverywhere(ctx: Ctx): Promise<LogoutEverywhereSuccess> {
  const { user, session } = await requireViewer(ctx);
  const endedSessions = await inTransaction(ctx, async (tx) => {
    await lockUser(tx, user.id);
    await forgetDevices(tx, user.id);
    const count = await endSessions(tx, user.id, 'logout_everywhere');
    await removeLegacyPasswords(tx, user.id);
    await auditBy(tx, { user, session }, 'logout_everywhere.completed');
    return count;
  });
  ctx.refreshCookie?.forget();
  return { endedSessions };
}

/** The session of a token; for a refresh token, also the generation. */
type Presented = { sessionId: string; generation: number | null };

/** The sessions of the tokens sent. A browser may send two: that of its cookie, and that of an older access token. */
async function presentedSessions(ctx: Ctx, input: LogoutInput): Promise<Presented[]> {
  const byRefreshToken = (token: string | null) => (token === null ? null : readRefreshToken(ctx, token));
  if (input.refreshToken != null) return [byRefreshToken(input.refreshToken)].filter((each) => each !== null);
  const byCookie = byRefreshToken(ctx.refreshCookie?.read() ?? null);
  const sessionId = ctx.bearerToken === null ? null : await ctx.accessTokens.sessionIdOf(ctx.bearerToken);
  return [
    byCookie,
    sessionId === null || sessionId === byCookie?.sessionId ? null : { sessionId, generation: null },
  ].filter((each) => each !== null);
}

/** A spent refresh token also signs out, and is treated as a replay like in `refresh`. */
async function signOut(ctx: Ctx, { sessionId, generation }: Presented): Promise<boolean> {
  const found = await findSession(ctx, sessionId);
  if (found === null) return false;
  const actorId = found.user.id;
  const ending = { reason: 'logout', event: 'logout.completed', actorId } as const;
  return inTransaction(ctx, (tx) => endPresentedSession(tx, { found, generation }, ending));
}
