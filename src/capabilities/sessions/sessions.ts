/**
 * The sessions of a person: which there are, and ending one or all others.
 *
 * Seen are live ones, by their owner and by administrators, and ended by their owner alone; a session of a registration
 * that has proven nothing yet never shows. A session of somebody else and one that does not exist are one answer.
 * Fails with: UnauthenticatedError, SessionNotFoundError.
 */
import { ADMIN_ROLE } from '#config/config.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { endSessions } from '#core/sessions/session.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { SessionNotFoundError, UnauthenticatedError } from '#errors.ts';
import type { Prisma } from '#generated/prisma/client.ts';

export type EndSessionSuccess = { endedSessionId: string };
export type EndOtherSessionsSuccess = { endedSessions: number };

/** Which sessions the viewer may see: their own live ones, those of everybody for administrators, none for nobody. */
export async function visibleSessions(ctx: Ctx): Promise<Prisma.SessionWhereInput> {
  const viewer = await ctx.viewer();
  if (viewer === null) return { id: { in: [] } };
  const { userId, ...live } = liveSessionsOf(ctx, viewer.user.id);
  return viewer.user.role === ADMIN_ROLE ? live : { userId, ...live };
}

/** Whether this is the session of the access token that came with the request; an expired one is of none. */
export async function isCurrentSession(ctx: Ctx, sessionId: string): Promise<boolean> {
  const viewer = await ctx.viewer().catch((error) => {
    if (error instanceof UnauthenticatedError) return null;
    throw error;
  });
  return viewer?.session.id === sessionId;
}

export async function endOwnSession(ctx: Ctx, input: { sessionId: string }): Promise<EndSessionSuccess> {
  const { user, session } = await requireViewer(ctx);
  const sessionId = parseId(input.sessionId);
  if (sessionId === null) throw new SessionNotFoundError();
  await inTransaction(ctx, async (tx) => {
    const { count } = await tx.db.session.updateMany({
      where: { ...liveSessionsOf(tx, user.id), id: sessionId },
      data: { endedAt: tx.clock(), endReason: 'ended_by_owner' },
    });
    if (count !== 1) throw new SessionNotFoundError();
    // The session that ended, so that the record pairs it with its sign-in.
    await audit(tx, 'end_session.completed', user.id, { actorId: user.id, sessionId });
  });
  if (sessionId === session.id) ctx.refreshCookie?.forget();
  return { endedSessionId: sessionId };
}

/** Ends every session of the viewer but the one they ask in. */
export async function endOtherSessions(ctx: Ctx): Promise<EndOtherSessionsSuccess> {
  const { user, session } = await requireViewer(ctx);
  return inTransaction(ctx, async (tx) => {
    // Asked for in two sessions at once, one of them stays.
    await holdViewer(tx, { user, session });
    const endedSessions = await endSessions(tx, user.id, 'ended_by_owner', session.id);
    await audit(tx, 'end_other_sessions.completed', user.id, { actorId: user.id, sessionId: session.id });
    return { endedSessions };
  });
}

function liveSessionsOf(ctx: Ctx, userId: string) {
  return { userId, isProvisional: false, endedAt: null, expiresAt: { gt: ctx.clock() } };
}
