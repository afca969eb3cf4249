/**
 * Challenges: one row for each email that asks someone to show that they can read its address. The proof they present
 * is the six-digit code in the email or the 256-bit token of its link, and it works once.
 *
 * The row holds no secret. The code and the token are HMACs of its id and purpose under derived keys, computed when the
 * email is rendered and again when a client presents one. A dump of the database reveals neither. Wrong, expired, used,
 * and replaced all give the same error, InvalidCodeError, so that a caller cannot tell them apart. See the OWASP Forgot
 * Password Cheat Sheet and NIST SP 800-63B-4 section 3.1.3.
 */
import { NIL } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { uuidFromBytes, uuidToBytes } from '#core/input/uuid.ts';
import { type Budget, reserve, rowOf, settle } from '#core/limits/throttle.ts';
import { lockUser } from '#core/lock-user.ts';
import { acceptedSecrets, type DerivedKeys, hmac, isOneOf } from '#core/secrets.ts';
import { isFromFuture, minutesAfter } from '#core/time.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import { type Challenge, Prisma, type User } from '#generated/prisma/client.ts';
import { sixDigitsOf } from './one-time-code.ts';
import { pastedToken, typedCode } from './pasted-proof.ts';

export type ChallengePurpose =
  | MailboxPurpose
  | (typeof UNDO_PURPOSES)[number]
  /**
   * Continues a sign-in whose first factor is verified; see core/sign-in/login-challenge.ts. It is not in any email.
   */
  | 'second-factor';

/** Links that undo what an intruder did; see undo-link.ts. */
export const UNDO_PURPOSES = ['undo-email-change', 'undo-account-deletion', 'undo-security-change'] as const;

/** The purposes of emails that show that someone reads them. */
export type MailboxPurpose =
  | 'verify-email'
  | 'reset-password'
  /** Verifies a new email address for an account. */
  | 'change-email'
  /** Removes lost second factors, after three days. It has a link only. */
  | 'reset-second-factors'
  /** Signs in without a password; see core/proofs/sign-in-proof.ts. */
  | 'sign-in-with-email';

/** How long the code and the link are valid. */
export const CHALLENGE_LIFE = {
  'verify-email': { codeMinutes: 10, linkMinutes: 24 * 60 },
  'reset-password': { codeMinutes: 10, linkMinutes: 30 },
  'change-email': { codeMinutes: 10, linkMinutes: 60 },
  'reset-second-factors': { codeMinutes: 0, linkMinutes: 30 },
  // OWASP ASVS 5.0 section 6.5.5: out-of-band codes and links live 10 minutes.
  'sign-in-with-email': { codeMinutes: 10, linkMinutes: 10 },
} as const satisfies Record<MailboxPurpose, { codeMinutes: number; linkMinutes: number }>;

/** Valid only while the account still has the address; the others are for an address it had before or will get. */
const OF_STORED_ADDRESS = new Set<string>([
  'verify-email',
  'reset-password',
  'reset-second-factors',
  'sign-in-with-email',
] satisfies ChallengePurpose[]);
export const MAX_ATTEMPTS = 5;

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

/** The six-digit code of a challenge. */
export function challengeCode(secrets: DerivedKeys, challenge: { id: string; purpose: string }): string {
  return sixDigitsOf(hmac(secrets.challengeCode, `${challenge.purpose}:${challenge.id}`));
}

/** The link token of a challenge: its id and 256 bits of HMAC, base64url. */
export function challengeToken(secrets: DerivedKeys, challenge: { id: string; purpose: string }): string {
  const id = uuidToBytes(challenge.id);
  return Buffer.concat([id, hmac(secrets.challengeLink, `${challenge.purpose}:${challenge.id}`)]).toString('base64url');
}

/** The id of the challenge that a token was made for; null if the token is forged or was made for something else. */
export function idOfChallengeToken(ctx: Pick<Ctx, 'secrets'>, purpose: string, pasted: string): string | null {
  const token = pastedToken(pasted);
  const bytes = /^[A-Za-z0-9_-]{64}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(48);
  const id = uuidFromBytes(bytes);
  const expected = acceptedSecrets(ctx.secrets).map((secrets) => challengeToken(secrets, { id, purpose }));
  return isOneOf(expected, token) ? id : null;
}

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

/** The challenge of a link and its user, for a page that says what its button does; null if the link cannot be used. */
export async function previewChallenge(
  ctx: Ctx,
  purpose: ChallengePurpose,
  pasted: string,
): Promise<(Challenge & { user: User }) | null> {
  const id = idOfChallengeToken(ctx, purpose, pasted);
  return id === null ? null : findUsableChallenge(ctx, id);
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
 * Counts the guess before comparing it, in a statement that commits on its own, so that parallel guesses count too.
 * Where there is no challenge to count it on, the row of the budget is written again: the time of a write would tell.
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
         AND attempts < ${MAX_ATTEMPTS} AND consumed_at IS NULL AND replaced_at IS NULL
         AND code_expires_at > ${now}::timestamptz
      RETURNING id),
    instead AS (
      UPDATE throttles SET count = count WHERE key = ${rowOf(ctx, guesses)} AND NOT EXISTS (SELECT 1 FROM counted)
      RETURNING key)
    SELECT id FROM counted UNION ALL SELECT NULL FROM instead`;
  const guessed = { id: counted?.id ?? '', purpose };
  const expected = acceptedSecrets(ctx.secrets).map((secrets) => challengeCode(secrets, guessed));
  if (!isOneOf(expected, typedCode(code)) || counted?.id == null) throw new InvalidCodeError();
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
function isLiveChallenge(challenge: Challenge, now: Date): boolean {
  if (challenge.consumedAt !== null || challenge.replacedAt !== null) return false;
  return challenge.expiresAt > now && !isFromFuture(challenge.createdAt, now);
}

/** Whether the session that requested the challenge still goes on. True for a challenge that outlives its session. */
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
