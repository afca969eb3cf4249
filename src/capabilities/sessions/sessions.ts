/**
 * List the sessions of a person, and end one or all others.
 *
 * Live sessions are visible to their owner and to administrators; only the owner can end them. Provisional sessions are
 * never shown. A session of someone else and one that does not exist give the same error.
 * Fails with: UnauthenticatedError, SessionNotFoundError.
 */

import { audit, auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { actsAsAdmin } from '#core/sessions/second-factor-policy.ts';
import { endSessions, endSessionsWhere } from '#core/sessions/session.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { SessionNotFoundError } from '#errors/domain-errors.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';
import type { Prisma } from '#generated/prisma/client.ts';

export type EndSessionSuccess = { endedSessionId: string };
export type EndOtherSessionsSuccess = { endedSessions: number };

/** The live sessions that the viewer may see: their own, or everyone's for administrators. */
export async function visibleSessions(ctx: Ctx): Promise<Prisma.SessionWhereInput> {
  const viewer = await ctx.viewer();
  if (viewer === null) return { id: { in: [] } };
  const { userId, ...live } = liveSessionsOf(ctx, viewer.user.id);
  return actsAsAdmin(ctx.config, viewer) ? live : { userId, ...live };
}

/** Whether this is the session of the access token in the request; an expired token has none. */
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
    const count = await endSessionsWhere(tx, { ...liveSessionsOf(tx, user.id), id: sessionId }, 'ended_by_owner');
    if (count !== 1) throw new SessionNotFoundError();
    // Records the session that ended, so that the audit log pairs the event with the sign-in.
    await audit(tx, 'end_session.completed', user.id, { actorId: user.id, sessionId });
  });
  if (sessionId === session.id) ctx.refreshCookie?.forget();
  return { endedSessionId: sessionId };
}

/** Ends every session of the viewer except the current one. */
export async function endOtherSessions(ctx: Ctx): Promise<EndOtherSessionsSuccess> {
  const { user, session } = await requireViewer(ctx);
  return inTransaction(ctx, async (tx) => {
    // If two sessions do this at once, one of them remains.
    await holdViewer(tx, { user, session });
    const endedSessions = await endSessions(tx, user.id, 'ended_by_owner', session.id);
    if (endedSessions > 0) await auditBy(tx, { user, session }, 'end_other_sessions.completed');
    return { endedSessions };
  });
}

function liveSessionsOf(ctx: Ctx, userId: string) {
  return { userId, isProvisional: false, endedAt: null, expiresAt: { gt: ctx.clock() } };
}
