/** The session of a refresh token that a client presents, to end that session or to continue it. */

import { audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { readRefreshToken } from './refresh-token.ts';
import { endSession, findSession, type SessionEndReason } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';
import { endReplayedSession, isReplay } from './spent-token.ts';

/** A session, live or not, and the generation of the token; null if it was found without one. */
export type PresentedSession = { found: SessionWithUser; generation: number | null };

/**
 * The session of a refresh token; null if the token is missing or was not issued here, or its session has ended. Never
 * call it in a transaction.
 */
export async function findPresentedSession(ctx: Ctx, refreshToken: string | null): Promise<PresentedSession | null> {
  const presented = refreshToken === null ? null : readRefreshToken(ctx, refreshToken);
  const found = presented && (await findSession(ctx, presented.sessionId));
  if (found === null || found.session.endedAt !== null || found.session.expiresAt <= ctx.clock()) return null;
  return { found, generation: presented?.generation ?? null };
}

/**
 * Ends it and records that; as a replay, if the token was spent before. Returns whether this call ended it. Call it in
 * a transaction.
 */
export async function endPresentedSession(
  tx: Ctx,
  { found, generation }: PresentedSession,
  { reason, event, actorId }: { reason: SessionEndReason; event: AuditEventName; actorId: string },
): Promise<boolean> {
  if (generation !== null && isReplay(tx, found, generation)) return endReplayedSession(tx, found);
  const { session, user } = found;
  if (!(await endSession(tx, session.id, reason))) return false;
  await audit(tx, event, user.id, { actorId, sessionId: session.id });
  return true;
}
