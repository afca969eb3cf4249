/**
 * Refresh tokens that come a second time. Whoever shows one, wherever it is shown, is judged by the same rule
 * (RFC 9700 section 4.14.2): the parent of the current token is good for REFRESH_GRACE after the rotation, so that
 * parallel tabs and lost answers do no harm. Anything older was used by two parties, and the session ends for both.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { endSession, isLiveSession } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

/** Whether the session is live and a token of this generation was spent too long ago to be a lost answer. */
export function isReplay(ctx: Ctx, found: SessionWithUser, generation: number): boolean {
  const { session } = found;
  if (generation === session.generation || !isLiveSession(found, ctx.clock())) return false;
  const graceEnds = (session.rotatedAt?.getTime() ?? 0) + ctx.config.refreshGraceSeconds * 1000;
  return generation !== session.generation - 1 || ctx.clock().getTime() > graceEnds;
}

/**
 * Ends the session of a spent token, records it, and tells the owner by email. Gives whether it was this call that ended
 * the session. Call it in a transaction that commits, whatever the answer is.
 */
export async function endReplayedSession(tx: Ctx, { session, user }: SessionWithUser): Promise<boolean> {
  if (!(await endSession(tx, session.id, 'replay'))) return false;
  await audit(tx, 'refresh.replayed', user.id, { sessionId: session.id });
  await tx.outbox.queue(tx, { mail: 'session-replayed', sessionId: session.id, at: tx.clock().toISOString() });
  return true;
}
