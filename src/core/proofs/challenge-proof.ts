/** Compares what a client presents, a token or a code, with the challenge it should belong to. */
import { NIL } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { type Budget, keyOf } from '#core/limits/budget.ts';
import { reserve, settle } from '#core/limits/throttle.ts';
import { isMadeWith } from '#core/secrets.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import { type Challenge, Prisma } from '#generated/prisma/client.ts';
import { isLiveChallenge, MAX_CHALLENGE_ATTEMPTS } from './challenge.ts';
import type { ChallengePurpose } from './challenge-purpose.ts';
import { challengeCode, idOfChallengeToken } from './challenge-token.ts';
import { typedCode } from './pasted-proof.ts';

/**
 * The live challenge of a link token. A forged token takes the same lookup as one that has ended. Fails with
 * InvalidCodeError.
 */
export async function proveChallengeByToken(ctx: Ctx, purpose: ChallengePurpose, pasted: string): Promise<Challenge> {
  const id = idOfChallengeToken(ctx, purpose, pasted);
  const challenge = await ctx.db.challenge.findUnique({ where: { id: id ?? NIL } });
  if (id === null || challenge === null || !isLiveChallenge(challenge, ctx.clock())) throw new InvalidCodeError();
  return challenge;
}

/** The live challenge of an email address and code. An unknown address costs the same time and gives the same error. */
export function proveChallengeByCode(
  ctx: Ctx,
  purpose: ChallengePurpose,
  email: string,
  code: string,
): Promise<Challenge> {
  const owner = Prisma.sql`u.email = ${email} AND u.email = c.address AND NOT c.is_bound`;
  return proveGuess(ctx, purpose, code, { guesses: { name: 'code', of: email }, owner });
}

/** The live challenge with this id and code, if its code is bound to the request. An unknown id costs the same time. */
export function proveBoundChallengeByCode(
  ctx: Ctx,
  purpose: ChallengePurpose,
  id: string,
  code: string,
): Promise<Challenge> {
  // The codes of sign-ins are all bound to their requests.
  const isBound = Prisma.sql`(c.is_bound OR c.purpose = 'sign-in-with-email')`;
  const owner = Prisma.sql`c.id = ${id}::uuid AND u.email = c.address AND ${isBound}`;
  return proveGuess(ctx, purpose, code, { guesses: { name: 'code', of: `request:${id}` }, owner });
}

/** The live challenge of a user and code, whatever address the code was sent to. */
export function proveOwnChallengeByCode(
  ctx: Ctx,
  purpose: ChallengePurpose,
  userId: string,
  code: string,
): Promise<Challenge> {
  const owner = Prisma.sql`u.id = ${userId}::uuid`;
  return proveGuess(ctx, purpose, code, { guesses: { name: 'code', of: `${purpose}:${userId}` }, owner });
}

/**
 * Counts the guess before comparing it, in a statement that commits on its own, so that parallel guesses count too. If
 * there is no challenge to count it on, the row of the budget is written again, so that the response time does not
 * reveal that.
 */
async function proveGuess(
  ctx: Ctx,
  purpose: ChallengePurpose,
  code: string,
  { guesses, owner }: { guesses: Budget; owner: Prisma.Sql },
): Promise<Challenge> {
  await reserve(ctx, [guesses]);
  const now = ctx.clock();
  const [counted] = await ctx.database.prisma.$queryRaw<{ id: string | null }[]>`
    WITH counted AS (
      UPDATE challenges SET attempts = attempts + 1
       WHERE id = (SELECT c.id FROM challenges c JOIN users u ON u.id = c.user_id
                    WHERE ${owner} AND c.purpose = ${purpose} AND c.consumed_at IS NULL AND c.replaced_at IS NULL
                    ORDER BY c.created_at DESC LIMIT 1)
         AND attempts < ${MAX_CHALLENGE_ATTEMPTS} AND consumed_at IS NULL AND replaced_at IS NULL
         AND code_expires_at > ${now}::timestamptz
      RETURNING id),
    instead AS (
      UPDATE throttles SET count = count WHERE key = ${keyOf(ctx, guesses)} AND NOT EXISTS (SELECT 1 FROM counted)
      RETURNING key)
    SELECT id FROM counted UNION ALL SELECT NULL FROM instead`;
  const guessed = { id: counted?.id ?? '', purpose };
  const isCorrect = isMadeWith(ctx.secrets, (keys) => challengeCode(keys, guessed), typedCode(code));
  if (!isCorrect || counted?.id == null) throw new InvalidCodeError();
  const challenge = await ctx.db.challenge.findUnique({ where: { id: counted.id } });
  if (challenge === null || !isLiveChallenge(challenge, now)) throw new InvalidCodeError();
  // A correct code does not count as an attempt: if a later step fails (a busy service, a rejected password), it can be
  // tried again.
  await ctx.db.challenge.updateMany({
    where: { id: challenge.id, attempts: { gt: 0 } },
    data: { attempts: { decrement: 1 } },
  });
  await settle(ctx, [guesses], []);
  return challenge;
}
