/** Asks for a captcha before an action that sends someone an email, if the operator has configured a provider. */
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';

/** The longest response that is passed to the provider, in characters; hCaptcha and reCAPTCHA send about 2000. */
const MAX_LENGTH = 8192;
const RETRY_AFTER_SECONDS = 30;

/**
 * Does nothing when no provider is configured. Fails with ValidationError when the response is missing or wrong, and
 * with ServiceBusyError when the provider is unreachable: an outage must not disable the check. Never call it in a
 * transaction.
 * @param response what the widget gave to the client
 */
export async function requireCaptcha(ctx: Ctx, response: string | null | undefined): Promise<void> {
  if (ctx.captcha === null) return;
  const errors = collectFieldErrors();
  if (!response) errors.add('captcha', 'REQUIRED', 'Please solve the captcha.');
  if ((response?.length ?? 0) > MAX_LENGTH) errors.add('captcha', 'TOO_LONG', 'This is not a valid captcha response.');
  errors.throwIfAny();
  const verdict = await ctx.captcha.verify(response ?? '', ctx.caller.ipAddress ?? '');
  if (verdict === 'unavailable') throw new ServiceBusyError(RETRY_AFTER_SECONDS);
  if (verdict === 'failed') errors.add('captcha', 'NOT_ALLOWED', 'The captcha was not solved. Please try again.');
  errors.throwIfAny();
}
