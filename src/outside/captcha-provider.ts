/**
 * Asks a captcha provider whether a captcha was solved. Turnstile, hCaptcha, and reCAPTCHA share one protocol: a form
 * with the secret and the response of the widget is sent to `siteverify`, which returns JSON with `success`.
 */
import type { CaptchaConfig, CaptchaProvider } from '#config/abuse-control/captcha-settings.ts';
import type { Log } from './log.ts';

/** `unavailable`: the provider did not respond, or rejected our request, so the result is unknown. */
export type CaptchaVerdict = 'passed' | 'failed' | 'unavailable';

export type Captcha = {
  /** @param response what the widget gave to the client; valid only once */
  verify: (response: string, ipAddress: string | null) => Promise<CaptchaVerdict>;
};

const VERIFY_URLS: Record<CaptchaProvider, string> = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};

const TIMEOUT_MS = 3000;
/**
 * reCAPTCHA v3 asks no questions, but rates how human a visit looks, from 0 to 1. This is Google's default threshold.
 */
const MIN_RECAPTCHA_SCORE = 0.5;
/** Errors caused by the response; every other code is a problem of the provider or of our settings. */
const ANSWER_ERRORS = [
  'missing-input-response',
  'invalid-input-response',
  'timeout-or-duplicate',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
];

/** Null if no provider is configured. */
export function createCaptcha(config: CaptchaConfig | null, log: Log): Captcha | null {
  if (config === null) return null;
  return {
    verify: async (response, ipAddress) => {
      try {
        return verdictOf(config, log, await ask(config, response, ipAddress));
      } catch (error) {
        log.error({ err: error, provider: config.provider }, 'the captcha provider does not respond');
        return 'unavailable';
      }
    },
  };
}

async function ask({ provider, secret, verifyUrl }: CaptchaConfig, response: string, remoteip: string | null) {
  const answer = await fetch(verifyUrl ?? VERIFY_URLS[provider], {
    method: 'POST',
    body: new URLSearchParams({ secret, response, ...(remoteip !== null && { remoteip }) }),
    // Do not follow redirects: the secret must go only to the configured URL.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return (await answer.json()) as unknown;
}

function verdictOf({ provider }: CaptchaConfig, log: Log, answer: unknown): CaptchaVerdict {
  const { success, score, 'error-codes': codes } = (answer ?? {}) as Record<string, unknown>;
  if (success === true) {
    return provider === 'recaptcha' && typeof score === 'number' && score < MIN_RECAPTCHA_SCORE ? 'failed' : 'passed';
  }
  const errorCodes = Array.isArray(codes) ? codes : [];
  if (success === false && errorCodes.every((code) => ANSWER_ERRORS.includes(code))) return 'failed';
  log.error({ provider, errorCodes }, 'the captcha provider rejected the request');
  return 'unavailable';
}
