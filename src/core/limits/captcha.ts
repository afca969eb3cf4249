/** Whether a person asks: for what costs somebody else an email, where the operator has a captcha provider. */

import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { ServiceBusyError } from '#errors.ts';

/** The longest answer of a widget that is passed on, in characters; those of hCaptcha and reCAPTCHA come to about 2000. */
const MAX_LENGTH = 8192;
const RETRY_AFTER_SECONDS = 30;

/**
 * Nothing where no provider is configured. Fails with ValidationError for an answer that is missing or wrong, and with
 * ServiceBusyError when the provider cannot be asked: an outage must not open the door. Never in a transaction.
 * @param response what the widget gave to the client
 */
export async function requireCaptcha(ctx: Ctx, response: string | null | undefined): Promise<void> {
  if (ctx.captcha === null) return;
  const errors = collectFieldErrors();
  if (!response) errors.add('captcha', 'REQUIRED', 'Please solve the captcha.');
  if ((response?.length ?? 0) > MAX_LENGTH) errors.add('captcha', 'TOO_LONG', 'This is no answer to the captcha.');
  errors.throwIfAny();
  const verdict = await ctx.captcha.verify(response ?? '', ctx.caller.ipAddress ?? '');
  if (verdict === 'unavailable') throw new ServiceBusyError(RETRY_AFTER_SECONDS);
  if (verdict === 'failed') errors.add('captcha', 'NOT_ALLOWED', 'The captcha was not solved. Please try again.');
  errors.throwIfAny();
}
