/**
 * Between the two factors of a sign-in: a row that remembers that the first one was right. Nothing has been opened. Its
 * token is made like those of emailed links, so the row holds no secret and a forged token is refused without a lookup.
 * It lives for 10 minutes (NIST SP 800-63B-4 section 3.1.3.2) and 5 tries, and ends when the password is changed or the
 * account is disabled.
 */
import type { Ctx } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { isLiveChallenge, MAX_CHALLENGE_ATTEMPTS } from '#core/proofs/challenge.ts';
import { challengeToken, idOfChallengeToken } from '#core/proofs/challenge-token.ts';
import { secondFactorMethods } from '#core/second-factors/second-factor-methods.ts';
import type { VerifiedFactor } from '#core/sessions/verified-factor.ts';
import { minutesAfter } from '#core/time.ts';
import type { FirstFactor } from '#core/tokens/authentication-claims.ts';
import { isUsableAccount } from '#core/usable.ts';
import { LoginExpiredError, SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';

/** How a client takes its tokens: in the response, or in cookies. */
export type TokenTransport = 'BEARER' | 'COOKIE';

export type LoginChallenge = { id: string; userId: string; method: FirstFactor; transport: TokenTransport };

const PURPOSE = 'second-factor';
const MINUTES = 10;
/** Live ones of a person; beyond that, the oldest one ends. */
const MAX_LIVE = 5;

/**
 * What the client is told. Null if the factor no longer counts: the account was changed in the meantime, its password
 * is suspended, or it has no second factor. Call it in a transaction.
 */
export async function issueLoginChallenge(
  tx: Ctx,
  { user, method }: VerifiedFactor,
  transport: TokenTransport,
): Promise<SecondFactorRequiredError | null> {
  const current = await lockUser(tx, user.id);
  if (current === null || !isUsableAccount(current) || !current.hasSecondFactor) return null;
  if (current.passwordHash !== user.passwordHash) return null;
  if (method === 'password' && current.passwordSuspendedAt !== null) return null;
  const now = tx.clock();
  const expiresAt = minutesAfter(now, MINUTES);
  await tx.db.$executeRaw`
    UPDATE challenges SET replaced_at = ${now}::timestamptz WHERE id IN (
      SELECT id FROM challenges
       WHERE user_id = ${user.id}::uuid AND purpose = ${PURPOSE} AND consumed_at IS NULL AND replaced_at IS NULL
       ORDER BY created_at DESC, id DESC OFFSET ${MAX_LIVE - 1})`;
  const challenge = await tx.db.challenge.create({
    data: {
      purpose: PURPOSE,
      userId: user.id,
      address: current.email,
      method,
      transport,
      createdAt: now,
      codeExpiresAt: expiresAt,
      expiresAt,
    },
  });
  const methods = await secondFactorMethods(tx, user.id);
  return new SecondFactorRequiredError({ challengeToken: challengeToken(tx.secrets, challenge), methods, expiresAt });
}

/** The live challenge of a token. Fails with LoginExpiredError. */
export async function findLoginChallenge(ctx: Ctx, token: string): Promise<LoginChallenge> {
  const id = idOfChallengeToken(ctx, PURPOSE, token);
  const found = id === null ? null : await ctx.db.challenge.findUnique({ where: { id } });
  if (found === null || !isLiveChallenge(found, ctx.clock())) throw new LoginExpiredError();
  if (found.attempts >= MAX_CHALLENGE_ATTEMPTS) throw new LoginExpiredError();
  return asLoginChallenge(found);
}

/**
 * Counts a try, in a statement that commits on its own, so that parallel ones count too. Fails with LoginExpiredError.
 */
export async function countTry(ctx: Ctx, { id }: LoginChallenge): Promise<void> {
  const { count } = await ctx.db.challenge.updateMany({
    where: { ...liveAt(ctx.clock(), id), attempts: { lt: MAX_CHALLENGE_ATTEMPTS } },
    data: { attempts: { increment: 1 } },
  });
  if (count !== 1) throw new LoginExpiredError();
}

/** Uses it up: of several at once, one succeeds. Fails with LoginExpiredError. Call it with the user locked. */
export async function consumeLoginChallenge(tx: Ctx, { id }: LoginChallenge): Promise<void> {
  const now = tx.clock();
  const { count } = await tx.db.challenge.updateMany({ where: liveAt(now, id), data: { consumedAt: now } });
  if (count !== 1) throw new LoginExpiredError();
}

const liveAt = (now: Date, id: string) => ({ id, consumedAt: null, replacedAt: null, expiresAt: { gt: now } });

function asLoginChallenge({ id, userId, method, transport }: Challenge): LoginChallenge {
  return {
    id,
    userId,
    method: method === 'email' ? 'email' : 'password',
    transport: transport === 'COOKIE' ? 'COOKIE' : 'BEARER',
  };
}
