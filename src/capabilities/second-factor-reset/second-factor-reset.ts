/**
 * Remove second factors that were lost, when there is no recovery code either. It takes the right password, a link in
 * the mailbox, and three days, in which the owner is notified twice and can object: with the link in the email, or by
 * signing in with a factor. Someone who reads the mailbox can get both by resetting the password, so after such a reset
 * it takes two weeks at least, in which the owner notices that their password no longer works. Then the factors go,
 * every session and trusted device ends, and the owner is notified again. Where passwords do not sign in
 * (SIGN_IN_METHODS), the mailbox would be the only proof, so only an administrator can remove factors.
 * Fails with: LoginExpiredError, TooManyAttemptsError; with the link with InvalidCodeError; ForbiddenError where
 * passwords do not sign in.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { maskAddress, storedAddress } from '#core/input/email-address.ts';
import { lockUser } from '#core/lock-user.ts';
import { reserveMail } from '#core/mail/mail-budget.ts';
import { issueChallenge } from '#core/proofs/challenge.ts';
import { answerLinkProof, type ValidProof } from '#core/proofs/proof.ts';
import { removeSecondFactors } from '#core/second-factors/factor-removal.ts';
import { recordSecurityChange } from '#core/second-factors/security-change.ts';
import { findLoginChallenge } from '#core/sign-in/login-challenge.ts';
import { requireOpenMethod } from '#core/sign-in-methods.ts';
import { daysAfter, HOUR_SECONDS, secondsAfter, secondsBetween } from '#core/time.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import { logFault } from '#errors/outage.ts';
import { LoginExpiredError } from '#errors/second-factor-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type RequestSecondFactorResetSuccess = { email: string; expiresAt: Date };
export type ConfirmSecondFactorResetSuccess = { resetsAt: Date };

const PURPOSE = 'reset-second-factors';
const WAIT_SECONDS = 72 * HOUR_SECONDS;
/** After a reset of the password by email. */
const DAYS_AFTER_RESET = 14;
/** How many accounts one run of the clean-up looks at. */
const BATCH = 100;

/** Only after the right password: someone who merely reads the mailbox gets nothing here. */
export async function requestSecondFactorReset(
  ctx: Ctx,
  input: { challengeToken: string },
): Promise<RequestSecondFactorResetSuccess> {
  requireOpenMethod(ctx, 'password');
  const { method, userId } = await findLoginChallenge(ctx, input.challengeToken);
  const user = await ctx.db.user.findUnique({ where: { id: userId } });
  if (method !== 'password' || user === null) throw new LoginExpiredError();
  await reserveMail(ctx, PURPOSE, storedAddress(user.email));
  return inTransaction(ctx, async (tx) => {
    const challenge = await issueChallenge(tx, PURPOSE, user);
    await tx.outbox.queue(tx, { mail: PURPOSE, challengeId: challenge.id });
    return { email: maskAddress(user.email), expiresAt: challenge.expiresAt };
  });
}

export async function confirmSecondFactorReset(
  ctx: Ctx,
  input: { token: string },
): Promise<ConfirmSecondFactorResetSuccess> {
  requireOpenMethod(ctx, 'password');
  return answerLinkProof(ctx, { purpose: PURPOSE, operation: 'reset-second-factors' }, input.token, {
    first: (proof) => beginReset(ctx, proof),
    again: async ({ id }) => {
      const user = await ctx.db.user.findUnique({ where: { id } });
      return user?.factorsResetAt ? { resetsAt: user.factorsResetAt } : null;
    },
  });
}

/** A reset that is already waiting stays as it is: asking again does not postpone it. */
async function beginReset(ctx: Ctx, { challenge, consume }: ValidProof): Promise<ConfirmSecondFactorResetSuccess> {
  return inTransaction(ctx, async (tx) => {
    await consume(tx);
    const user = await tx.db.user.findUniqueOrThrow({ where: { id: challenge.userId } });
    if (!user.hasSecondFactor) throw new InvalidCodeError();
    if (user.factorsResetAt !== null) return { resetsAt: user.factorsResetAt };
    const at = tx.clock();
    const resetsAt = endOfWait(at, user);
    await tx.db.user.update({ where: { id: user.id }, data: { factorsResetAt: resetsAt } });
    const remindAfterSeconds = secondsBetween(at, resetsAt) / 2;
    await recordSecurityChange(tx, user, 'reset_requested', { at, remindAfterSeconds, undoUntil: resetsAt });
    await audit(tx, 'second_factor_reset.requested', user.id);
    return { resetsAt };
  });
}

function endOfWait(at: Date, { passwordResetAt }: User): Date {
  const usual = secondsAfter(at, WAIT_SECONDS);
  const earliest = passwordResetAt === null ? usual : daysAfter(passwordResetAt, DAYS_AFTER_RESET);
  return earliest > usual ? earliest : usual;
}

/**
 * Removes the factors whose time is up, each in its own transaction. Returns for how many accounts. A failure is logged
 * and does not stop the others. For a scheduled job, on any replica.
 */
export async function completeSecondFactorResets(ctx: Ctx): Promise<number> {
  const isDue = { factorsResetAt: { lte: ctx.clock() } };
  const due = await ctx.db.user.findMany({ where: isDue, take: BATCH, select: { id: true } });
  let completed = 0;
  for (const { id } of due) {
    try {
      if (await completeReset(ctx, id)) completed += 1;
    } catch (error) {
      logFault(ctx.log, error, { userId: id }, 'could not remove the second factors; will retry');
    }
  }
  return completed;
}

/** False if the owner has signed in with a factor in the meantime, or another replica was first. */
async function completeReset(ctx: Ctx, userId: string): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, userId);
    if (user?.factorsResetAt == null || user.factorsResetAt > tx.clock()) return false;
    await removeSecondFactors(tx, user, 'reset_completed');
    await audit(tx, 'second_factor_reset.completed', userId);
    return true;
  });
}
