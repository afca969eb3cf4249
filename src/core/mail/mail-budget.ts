/**
 * How much mail one address may be sent on anybody's word: one a minute, 5 an hour, 10 a day for each purpose.
 * Counted by address, known or not, so that the answers say nothing about who has an account.
 */

import type { Ctx } from '#core/context.ts';
import { availableAt, type Budget, type BudgetRule, giveBack, reserve } from '#core/limits/throttle.ts';
import type { ChallengePurpose } from '#core/proofs/challenge.ts';
import { TooManyAttemptsError } from '#errors.ts';

/** What an email is for that somebody asks for. */
export type MailPurpose = ChallengePurpose | 'registration' | 'invitation';

const RULES: readonly BudgetRule[] = [
  { name: 'mail-minute', limit: 1, windowSeconds: 60, refusal: 'email.throttled' },
  { name: 'mail-hour', limit: 5, windowSeconds: 3600, refusal: 'email.throttled' },
  { name: 'mail-day', limit: 10, windowSeconds: 86_400, refusal: 'email.throttled' },
];

/** Takes one email from the budget and gives the time of the next; fails with TooManyAttemptsError when there is none. */
export async function reserveMail(ctx: Ctx, purpose: MailPurpose, email: string): Promise<Date> {
  const blocked = await reserve(ctx, budgetsOf(purpose, email));
  return new Date(Math.max(ctx.clock().getTime(), ...blocked.map((time) => time?.getTime() ?? 0)));
}

/** Undoes `reserveMail` when there was no email after all. */
export async function giveBackMail(ctx: Ctx, purpose: MailPurpose, email: string): Promise<void> {
  await giveBack(ctx, budgetsOf(purpose, email));
}

/** What a registration may send. */
export type RegistrationMail = {
  granted: boolean;
  /** Whether it was also counted among the emails that are asked for again. */
  isCounted: boolean;
  resendAvailableAt: Date;
};

/**
 * Takes the email of a registration. It has a budget of its own: asking again and again for an address that nobody has
 * registered must not leave its owner without one. It counts as one that was asked for again, where that is possible, so
 * that two do not come at once. Never fails for a spent budget.
 */
export async function reserveRegistrationMail(ctx: Ctx, email: string): Promise<RegistrationMail> {
  const granted = await isReserved(ctx, 'registration', email);
  const isCounted = await isReserved(ctx, 'verify-email', email);
  return { granted, isCounted, resendAvailableAt: await nextMailAt(ctx, 'verify-email', email) };
}

/** Undoes `reserveRegistrationMail` when there was no email after all. */
export async function giveBackRegistrationMail(ctx: Ctx, email: string, mail: RegistrationMail): Promise<void> {
  if (mail.granted) await giveBackMail(ctx, 'registration', email);
  if (mail.isCounted) await giveBackMail(ctx, 'verify-email', email);
}

async function isReserved(ctx: Ctx, purpose: MailPurpose, email: string): Promise<boolean> {
  try {
    await reserveMail(ctx, purpose, email);
    return true;
  } catch (error) {
    if (error instanceof TooManyAttemptsError) return false;
    throw error;
  }
}

/** When the next email for this purpose may be asked for; now when it may be already. */
export async function nextMailAt(ctx: Ctx, purpose: MailPurpose, email: string): Promise<Date> {
  return availableAt(ctx, budgetsOf(purpose, email));
}

function budgetsOf(purpose: MailPurpose, email: string): Budget[] {
  return RULES.map((rule) => ({ rule, of: `${purpose}:${email}` }));
}
