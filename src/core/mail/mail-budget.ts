/**
 * How much mail one address may be sent on anybody's word: one a minute, 5 an hour, 10 a day for each purpose.
 * Counted by address, known or not, so that the answers say nothing about who has an account.
 */

import type { Ctx } from '#core/context.ts';
import { availableAt, type Budget, type BudgetRule, giveBack, reserve } from '#core/limits/throttle.ts';
import type { ChallengePurpose } from '#core/proofs/challenge.ts';
import { TooManyAttemptsError } from '#errors.ts';

/** What a mail is for that somebody asks for. */
export type MailPurpose = ChallengePurpose | 'invitation';

const RULES: readonly BudgetRule[] = [
  { name: 'mail-minute', limit: 1, windowSeconds: 60, refusal: 'email.throttled' },
  { name: 'mail-hour', limit: 5, windowSeconds: 3600, refusal: 'email.throttled' },
  { name: 'mail-day', limit: 10, windowSeconds: 86_400, refusal: 'email.throttled' },
];

/** Takes one mail from the budget and gives the time of the next; fails with TooManyAttemptsError when there is none. */
export async function reserveMail(ctx: Ctx, purpose: MailPurpose, email: string): Promise<Date> {
  const blocked = await reserve(ctx, budgetsOf(purpose, email));
  return new Date(Math.max(ctx.clock().getTime(), ...blocked.map((time) => time?.getTime() ?? 0)));
}

/** As `reserveMail`, but tells with `granted` whether there was one instead of failing. */
export async function tryReserveMail(
  ctx: Ctx,
  purpose: MailPurpose,
  email: string,
): Promise<{ granted: boolean; nextAt: Date }> {
  try {
    return { granted: true, nextAt: await reserveMail(ctx, purpose, email) };
  } catch (error) {
    if (!(error instanceof TooManyAttemptsError)) throw error;
    return { granted: false, nextAt: await nextMailAt(ctx, purpose, email) };
  }
}

/** Undoes `reserveMail` when there was no mail after all. */
export async function giveBackMail(ctx: Ctx, purpose: MailPurpose, email: string): Promise<void> {
  await giveBack(ctx, budgetsOf(purpose, email));
}

/** When the next mail for this purpose may be asked for; now when it may be already. */
export async function nextMailAt(ctx: Ctx, purpose: MailPurpose, email: string): Promise<Date> {
  return availableAt(ctx, budgetsOf(purpose, email));
}

function budgetsOf(purpose: MailPurpose, email: string): Budget[] {
  return RULES.map((rule) => ({ rule, of: `${purpose}:${email}` }));
}
