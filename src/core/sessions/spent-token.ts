/**
 * Refresh tokens that are used a second time. Every endpoint that takes them applies the same rule (RFC 9700 section
 * 4.14.2): the token before the current one stays valid for REFRESH_GRACE after the rotation, so that parallel tabs and
 * lost responses do no harm. Anything older has been used by two parties, and the session ends for both.
 *
 * One exception: while no token of the current generation was used, its response may have been lost for longer, and the
 * token before it gets the current one again, however late. Not twice in a row: someone who copied a token and whose
 * own use of access tokens we never see, because they are used with other services, would otherwise follow the session
 * from generation to generation. As it is, the second of the two is found at the next rotation.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { isFromFuture, secondsAfter } from '#core/time.ts';
import type { Session } from '#generated/prisma/client.ts';
import { endSession, isLiveSession } from './session.ts';
import type { SessionWithUser } from './session-columns.ts';

/** Whether the session is live and a token of this generation was spent too long ago for a lost response. */
export function isReplay(ctx: Ctx, found: SessionWithUser, generation: number): boolean {
  const { session } = found;
  if (generation === session.generation || !isLiveSession(ctx, found)) return false;
  return generation !== session.generation - 1 || !(isWithinGrace(ctx, session) || mayBeReissued(session));
}

/** Whether the generation is so new that the client may not know it yet. */
export function isWithinGrace(ctx: Ctx, { rotatedAt }: Session): boolean {
  const now = ctx.clock();
  const since = rotatedAt ?? new Date(0);
  return !isFromFuture(since, now) && now <= secondsAfter(since, ctx.config.refreshGraceSeconds);
}

/** Whether nothing of the current generation was used, and the one before it had not been given again itself. */
function mayBeReissued({ generation, usedGeneration, reissuedGeneration }: Session): boolean {
  return usedGeneration < generation && reissuedGeneration !== generation - 1;
}

const REISSUE = {
  name: 'reissue-generation',
  text: `
    UPDATE sessions SET reissued_generation = generation
     WHERE id = $1 AND generation = $2 AND ended_at IS NULL
       AND used_generation < generation AND reissued_generation IS DISTINCT FROM generation - 1
    RETURNING id`,
};

/**
 * Call it before the current token is given to someone who presents the one before it. Within the grace period, nothing
 * is noted. Later, notes that it was given again; returns false if a token of the current generation, or another
 * refresh, came first, and then nothing may be given.
 */
export async function allowSuccessor(ctx: Ctx, { session }: SessionWithUser): Promise<boolean> {
  if (isWithinGrace(ctx, session)) return true;
  return (await ctx.database.query(REISSUE, [session.id, session.generation])).length === 1;
}

const NOTE_USE = {
  name: 'note-generation-use',
  text: `UPDATE sessions SET used_generation = $2 WHERE id = $1 AND used_generation < $2 RETURNING id`,
};

/**
 * Notes that an access token of this generation was used, before anything is done with it. Only the first use of a
 * generation writes. A token that names none counts as one of the current generation.
 */
export async function noteUse(
  { database }: Pick<Ctx, 'database'>,
  { session }: SessionWithUser,
  { generation }: { generation: number | null },
): Promise<void> {
  const used = generation ?? session.generation;
  if (used > session.usedGeneration) await database.query(NOTE_USE, [session.id, used]);
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
