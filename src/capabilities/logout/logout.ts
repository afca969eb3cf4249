/**
 * Sign out: end the session of the refresh token, or else of the bearer token, also when that has expired; or all
 * sessions of the viewer. Ending what has ended already is no error: who signs out wants to be signed out.
 * Fails with: UnauthenticatedError for `logoutEverywhere` without a viewer.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { endSession, endSessions, findSession, readRefreshToken } from '#core/session.ts';
import { requireViewer } from '#core/viewer.ts';

export type LogoutInput = { refreshToken?: string | null | undefined };

export async function logout(ctx: Ctx, input: LogoutInput): Promise<{ endedSessionId: string | null }> {
  const sessionId = await presentedSessionId(ctx, input);
  const found = sessionId === null ? null : await findSession(ctx, sessionId);
  if (found === null) return { endedSessionId: null };
  return inTransaction(ctx, async (tx) => {
    if (!(await endSession(tx, found.session.id, 'logout'))) return { endedSessionId: null };
    await audit(tx, 'logout.completed', found.user.id, { actorId: found.user.id, sessionId: found.session.id });
    return { endedSessionId: found.session.id };
  });
}

export async function logoutEverywhere(ctx: Ctx): Promise<{ endedSessions: number }> {
  const { user, session } = await requireViewer(ctx);
  return inTransaction(ctx, async (tx) => {
    const endedSessions = await endSessions(tx, user.id, 'logout_everywhere');
    await audit(tx, 'logout_everywhere.completed', user.id, { actorId: user.id, sessionId: session.id });
    return { endedSessions };
  });
}

async function presentedSessionId(ctx: Ctx, input: LogoutInput): Promise<string | null> {
  if (input.refreshToken != null) return (await readRefreshToken(ctx, input.refreshToken))?.sessionId ?? null;
  return ctx.bearerToken === null ? null : ctx.accessTokens.sessionIdOf(ctx.bearerToken);
}
