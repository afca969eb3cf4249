/** The captcha that is asked for before an email to someone. */
import type { Environment } from '../environment.ts';

export type CaptchaProvider = 'turnstile' | 'hcaptcha' | 'recaptcha';

/** `verifyUrl`: null for the default of the provider. */
export type CaptchaConfig = { provider: CaptchaProvider; secret: string; verifyUrl: string | null };

/** Null if no captcha is required. */
export function captchaOf(env: Environment, isProduction: boolean): CaptchaConfig | null {
  const provider = env.oneOf('CAPTCHA_PROVIDER', 'none', ['none', 'turnstile', 'hcaptcha', 'recaptcha']);
  const secret = env.text('CAPTCHA_SECRET');
  const verifyUrl = env.url('CAPTCHA_VERIFY_URL', ['https:', 'http:']) ?? null;
  if (isProduction && verifyUrl?.startsWith('http:')) {
    env.problem('CAPTCHA_VERIFY_URL', 'must start with https:// in production: the secret is sent there');
  }
  if (provider === 'none') {
    if (secret !== undefined) env.problem('CAPTCHA_SECRET', 'needs CAPTCHA_PROVIDER');
    if (verifyUrl !== null) env.problem('CAPTCHA_VERIFY_URL', 'needs CAPTCHA_PROVIDER');
    return null;
  }
  if (!env.isGiven('CAPTCHA_SECRET')) env.problem('CAPTCHA_SECRET', 'is required with CAPTCHA_PROVIDER');
  return { provider, secret: secret ?? '', verifyUrl };
}
