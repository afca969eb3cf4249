/**
 * Challenges: one row for each email that asks someone to show that they can read its address. The proof they present
 * is the six-digit code in the email or the 256-bit token of its link (challenge-token.ts), and it works once.
 *
 * Wrong, expired, used, and replaced all give the same error, InvalidCodeError, so that a caller cannot tell them
 * apart. See the OWASP Forgot Password Cheat Sheet and NIST SP 800-63B-4 section 3.1.3.
 */
import type { Ctx } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { isFromFuture, minutesAfter } from '#core/time.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { Challenge, User } from '#generated/prisma/client.ts';
import {
  CHALLENGE_LIFE,
  type ChallengePurpose,
  type MailboxPurpose,
  OF_STORED_ADDRESS,
  UNDO_PURPOSES,
} from './challenge-purpose.ts';
import { idOfChallengeToken } from './challenge-token.ts';

/** Wrong codes that one challenge allows. */
export const MAX_CHALLENGE_ATTEMPTS = 5;

/**
 * Creates a challenge for `user.email`: the stored address, or the one it will be changed to. Every older challenge of
 * the same purpose ends. Call it in a transaction. Where nobody may learn whether there is such a user, `asIfKnown` of
 * core/accounts/stand-in.ts does the same work for nobody.
 * @param more.sessionId the requesting session, if the challenge must not outlive it: someone who signs out an intruder
 * also ends what the intruder started
 * @param more.isBound whether the code counts only with the token of the request
 */
export async function issueChallenge(
  tx: Ctx,
  purpose: MailboxPurpose,
  user: { id: string; email: string },
  { sessionId = null, isBound = false }: { sessionId?: string | null; isBound?: boolean } = {},
): Promise<Pick<Challenge, 'id' | 'expiresAt'>> {
  const now = tx.clock();
  const life = CHALLENGE_LIFE[purpose];
  const challenge = await tx.db.challenge.create({
    data: {
      purpose,
      userId: user.id,
      address: user.email,
      sessionId,
      isBound,
      createdAt: now,
      codeExpiresAt: minutesAfter(now, life.codeMinutes),
      expiresAt: minutesAfter(now, life.linkMinutes),
    },
    select: { id: true, expiresAt: true },
  });
  // If there is none to end, the new one is written again, so that there are as many rows in any case.
  await tx.db.$executeRaw`
    WITH older AS (
      UPDATE challenges SET replaced_at = ${now}::timestamptz
       WHERE user_id = ${user.id}::uuid AND purpose = ${purpose} AND id <> ${challenge.id}::uuid
         AND consumed_at IS NULL AND replaced_at IS NULL
      RETURNING id)
    UPDATE challenges SET attempts = 0 WHERE id = ${challenge.id}::uuid AND NOT EXISTS (SELECT 1 FROM older)`;
  return challenge;
}

/**
 * Consumes a challenge. Of several calls at once, one succeeds and the others fail with InvalidCodeError. Also fails if
 * the account no longer has the address, or the session of the challenge has ended. Call it first in a transaction.
 */
export async function consumeChallenge(tx: Ctx, challenge: Challenge): Promise<void> {
  const now = tx.clock();
  // Everything that changes both locks the user first, so that two transactions never wait for each other.
  const user = await lockUser(tx, challenge.userId);
  if (OF_STORED_ADDRESS.has(challenge.purpose) && user?.email !== challenge.address) throw new InvalidCodeError();
  if (!(await isSessionLive(tx, challenge))) throw new InvalidCodeError();
  const { count } = await tx.db.challenge.updateMany({
    where: { id: challenge.id, consumedAt: null, replacedAt: null, expiresAt: { gt: now } },
    data: { consumedAt: now },
  });
  if (count !== 1) throw new InvalidCodeError();
}

/** Ends every open challenge of a user, whatever its purpose, except the undo links. */
export async function endChallenges(tx: Ctx, userId: string): Promise<void> {
  await tx.db.challenge.updateMany({
    where: { userId, purpose: { notIn: [...UNDO_PURPOSES] }, consumedAt: null, replacedAt: null },
    data: { replacedAt: tx.clock() },
  });
}

/** Whether a challenge can still be used; its session has to be live too, if it belongs to one. */
export function isLiveChallenge(
  challenge: Pick<Challenge, 'consumedAt' | 'replacedAt' | 'createdAt' | 'expiresAt'>,
  now: Date,
): boolean {
  if (challenge.consumedAt !== null || challenge.replacedAt !== null) return false;
  return challenge.expiresAt > now && !isFromFuture(challenge.createdAt, now);
}

/** Whether the session that requested the challenge is live. True for a challenge that outlives its session. */
async function isSessionLive(ctx: Ctx, { sessionId }: Challenge): Promise<boolean> {
  if (sessionId === null) return true;
  const live = { id: sessionId, endedAt: null, expiresAt: { gt: ctx.clock() } };
  return (await ctx.db.session.count({ where: live })) === 1;
}

/** A challenge that can still be used, with its user; otherwise null. An email about one that cannot is not sent. */
export async function findUsableChallenge(ctx: Ctx, id: string): Promise<(Challenge & { user: User }) | null> {
  const found = await ctx.db.challenge.findUnique({ where: { id }, include: { user: true } });
  if (found === null || !isLiveChallenge(found, ctx.clock())) return null;
  return (await isSessionLive(ctx, found)) ? found : null;
}

/** The challenge of a link and its user, for a page that says what its button does; null if the link cannot be used. */
export async function previewChallenge(
  ctx: Ctx,
  purpose: ChallengePurpose,
  pasted: string,
): Promise<(Challenge & { user: User }) | null> {
  const id = idOfChallengeToken(ctx, purpose, pasted);
  return id === null ? null : findUsableChallenge(ctx, id);
}
