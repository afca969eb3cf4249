/**
 * How many emails anyone may have sent to one address: 1 a minute, 5 an hour, and 10 a day for each purpose. Counted by
 * address, known or not, so that the limits do not reveal who has an account.
 */

import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import type { Budget } from '#core/limits/budget.ts';
import { availableAt } from '#core/limits/budget-state.ts';
import { networkOf } from '#core/limits/network.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import type { EmailedPurpose } from '#core/proofs/challenge-purpose.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';

/** The purpose of an email that someone requests. */
export type MailPurpose = EmailedPurpose | 'registration' | 'invitation';

/** Emails that anyone may request for any address. A registration counts twice. */
const REQUESTED_BY_STRANGERS = new Set<MailPurpose>([
  'registration',
  'verify-email',
  'reset-password',
  'sign-in-with-email',
]);

const BUDGETS_OF_ADDRESS = ['mail-minute', 'mail-hour', 'mail-day'] as const;

/**
 * Takes one email from the budget and returns when the next is possible. Fails with TooManyAttemptsError.
 * @param within the organization, if each has a budget of its own for the address
 */
export async function reserveMail(ctx: Ctx, purpose: MailPurpose, email: EmailAddress, within?: string): Promise<Date> {
  const { states } = await reserve(ctx, budgetsOf(ctx, purpose, email, within));
  return new Date(Math.max(ctx.clock().getTime(), ...states.map(({ blockedUntil }) => blockedUntil?.getTime() ?? 0)));
}

/** Undoes `reserveMail` when no email was sent after all. */
export async function giveBackMail(
  ctx: Ctx,
  purpose: MailPurpose,
  email: EmailAddress,
  within?: string,
): Promise<void> {
  await giveBack(ctx, budgetsOf(ctx, purpose, email, within));
}

/**
 * Runs `work` and tells it whether the registration may send its email. That email has its own budget: requesting
 * verification emails over and over for an address that is not registered yet must not leave its owner without one. If
 * possible, it is also counted as a requested verification email, so that two do not arrive at once. An exhausted
 * budget is not an error. If `work` fails or returns null, the budgets are unchanged.
 * @returns the result of `work`, and when the next email may be requested
 */
export async function withRegistrationMail<T extends object>(
  ctx: Ctx,
  email: EmailAddress,
  work: (mayMail: boolean) => Promise<T | null>,
): Promise<(T & { resendAvailableAt: Date }) | null> {
  const reserved: MailPurpose[] = [];
  for (const purpose of ['registration', 'verify-email'] as const) {
    if (await isReserved(ctx, purpose, email)) reserved.push(purpose);
  }
  const undo = async () => {
    for (const purpose of reserved) await giveBackMail(ctx, purpose, email);
  };
  const resendAvailableAt = await nextMailAt(ctx, 'verify-email', email);
  const done = await work(reserved.includes('registration')).catch(async (error) => {
    await undo();
    throw error;
  });
  if (done !== null) return { ...done, resendAvailableAt };
  await undo();
  return null;
}

async function isReserved(ctx: Ctx, purpose: MailPurpose, email: EmailAddress): Promise<boolean> {
  try {
    await reserveMail(ctx, purpose, email);
    return true;
  } catch (error) {
    if (error instanceof TooManyAttemptsError) return false;
    throw error;
  }
}

/** When the next email for this purpose may be requested; now if it may be already. */
export async function nextMailAt(ctx: Ctx, purpose: MailPurpose, email: EmailAddress): Promise<Date> {
  return availableAt(ctx, budgetsOf(ctx, purpose, email));
}

/** The budgets of the address, and that of the network if the email can be requested without being signed in. */
function budgetsOf(ctx: Ctx, purpose: MailPurpose, email: EmailAddress, within = ''): Budget[] {
  const ofAddress = BUDGETS_OF_ADDRESS.map((name) => ({ name, of: `${purpose}${within}:${email}` }));
  const { ipAddress } = ctx.caller;
  if (ipAddress === null || !REQUESTED_BY_STRANGERS.has(purpose)) return ofAddress;
  return [...ofAddress, { name: 'mail-network', of: networkOf(ipAddress) }];
}
