/**
 * The same request again, a moment after it succeeded: a double click, or a retry after a lost response. It gets the
 * same answer, and nothing happens a second time.
 *
 * "The same" means the same operation with the same code or token, by the same caller: IP network, user agent and,
 * where the operation needs one, session. For anyone else, for another operation, and after five minutes, a used code
 * or token is as invalid as ever. The answer is read from the current state, and refused if that has changed since. It
 * contains no tokens of a new session: operations that sign in are not repeated.
 *
 * A row holds no code and no token, only an HMAC under a derived key. Neither the table nor a dump of it reveals what
 * was used. To plant a row for someone else, one would have to use their code or token first, from their network.
 */
import type { Ctx } from '#core/context.ts';
import { networkOf } from '#core/limits/network.ts';
import { hmac } from '#core/secrets.ts';
import { minutesAfter } from '#core/time.ts';
import { InvalidCodeError, InvalidInvitationError, ReauthenticationRequiredError } from '#errors/domain-errors.ts';
import { LoginExpiredError } from '#errors/second-factor-errors.ts';

const REPEATABLE_MINUTES = 5;
/** The failures of a request that comes a second time. */
const SPENT = [InvalidCodeError, InvalidInvitationError, LoginExpiredError, ReauthenticationRequiredError];

/** A request that uses a proof up. */
export type ProofRequest = {
  operation:
    | 'verify-email'
    | 'reject-registration'
    | 'reset-password'
    | 'confirm-email-change'
    | 'undo-email-change'
    | 'undo-account-deletion'
    | 'undo-security-change'
    | 'reset-second-factors'
    | 'confirm-totp-setup'
    | 'accept-invitation'
    | 'decline-invitation';
  /** The code or token in its canonical form, and everything else that says whose it is. */
  presented: readonly string[];
};

/** What the proof was about: the account, or the invitation. */
export type Subject = { id: string; address: string };

export type Answers<T> = {
  /** Uses the proof up. Call `remember` in the transaction that does. */
  first: (remember: (tx: Ctx, subject: Subject) => Promise<void>) => Promise<T>;
  /** The same answer from the current state; null if that no longer is as the operation left it. Changes nothing. */
  again: (subject: Subject) => Promise<T | null>;
};

/**
 * Answers a request, and the same request again. Of several at once, one uses the proof up and the others repeat its
 * answer. Fails as `first` does.
 */
export async function answerRepeatedly<T>(ctx: Ctx, request: ProofRequest, { first, again }: Answers<T>): Promise<T> {
  const key = keyOf(ctx, request);
  try {
    return await first((tx, subject) => remember(tx, key, subject));
  } catch (error) {
    if (!SPENT.some((kind) => error instanceof kind)) throw error;
    const used = await ctx.db.usedProof.findUnique({ where: { key, expiresAt: { gt: ctx.clock() } } });
    if (used === null) throw error;
    const answer = await again({ id: used.subjectId, address: used.address });
    if (answer !== null) return answer;
    // One try only: a new password that is not the one that was set must not become a way to guess that one.
    await ctx.db.usedProof.deleteMany({ where: { key } });
    throw error;
  }
}

async function remember(tx: Ctx, key: string, { id: subjectId, address }: Subject): Promise<void> {
  const used = { subjectId, address, expiresAt: minutesAfter(tx.clock(), REPEATABLE_MINUTES) };
  await tx.db.usedProof.upsert({ where: { key }, create: { key, ...used }, update: used });
}

function keyOf({ secrets, caller }: Ctx, { operation, presented }: ProofRequest): string {
  const parts = [operation, networkOf(caller.ipAddress), caller.userAgent, ...presented];
  return hmac(secrets.usedProof, JSON.stringify(parts)).toString('base64url');
}
