/**
 * Refresh tokens that are used a second time. Every endpoint that takes them applies the same rule (RFC 9700 section
 * 4.14.2): the token before the current one stays valid for REFRESH_GRACE after the rotation, so that parallel tabs and
 * lost responses do no harm. Anything older has been used by two parties, and the session ends for both.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { secondsAfter } from '#core/time.ts';
import { endSession, isLiveSession } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

/** Whether the session is live and a token of this generation was spent too long ago for a lost response. */
export function isReplay(ctx: Ctx, found: SessionWithUser, generation: number): boolean {
  const { session } = found;
  if (generation === session.generation || !isLiveSession(found, ctx.clock())) return false;
  const graceEnds = secondsAfter(session.rotatedAt ?? new Date(0), ctx.config.refreshGraceSeconds);
  return generation !== session.generation - 1 || ctx.clock() > graceEnds;
}

/**
 * Ends the session of a spent token, records it, and notifies the owner by email. Returns whether this call ended the
 * session. Call it in a transaction that commits even if the request fails.
 */
export async function endReplayedSession(tx: Ctx, { session, user }: SessionWithUser): Promise<boolean> {
  if (!(await endSession(tx, session.id, 'replay'))) return false;
  await audit(tx, 'refresh.replayed', user.id, { sessionId: session.id });
  await tx.outbox.queue(tx, { mail: 'session-replayed', sessionId: session.id, at: tx.clock().toISOString() });
  return true;
}
