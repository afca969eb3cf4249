/**
 * Asking a captcha provider whether a puzzle was solved. Turnstile, hCaptcha and reCAPTCHA have one protocol: a form
 * with the secret and the answer of the widget goes to `siteverify`, JSON with `success` comes back.
 */
import type { CaptchaConfig, CaptchaProvider } from '#config/config.ts';
import type { Log } from './log.ts';

/** `unavailable`: the provider does not answer, or will not answer us, so nobody can tell who solved what. */
export type CaptchaVerdict = 'passed' | 'failed' | 'unavailable';

export type Captcha = {
  /** @param response what the widget gave to the client; good for one question */
  verify: (response: string, ipAddress: string | null) => Promise<CaptchaVerdict>;
};

const VERIFY_URLS: Record<CaptchaProvider, string> = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};

const TIMEOUT_MS = 3000;
/** reCAPTCHA v3 asks nobody anything and tells how human a visit looked, from 0 to 1; Google's own threshold. */
const MIN_RECAPTCHA_SCORE = 0.5;
/** What can be wrong with an answer; every other code is a fault of the provider or of our settings. */
const ANSWER_ERRORS = [
  'missing-input-response',
  'invalid-input-response',
  'timeout-or-duplicate',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
];

/** Null where no provider is configured. */
export function createCaptcha(config: CaptchaConfig | null, log: Log): Captcha | null {
  if (config === null) return null;
  return {
    verify: async (response, ipAddress) => {
      try {
        return verdictOf(config, log, await ask(config, response, ipAddress));
      } catch (error) {
        log.error({ err: error, provider: config.provider }, 'captcha provider does not answer');
        return 'unavailable';
      }
    },
  };
}

async function ask({ provider, secret, verifyUrl }: CaptchaConfig, response: string, remoteip: string | null) {
  const answer = await fetch(verifyUrl ?? VERIFY_URLS[provider], {
    method: 'POST',
    body: new URLSearchParams({ secret, response, ...(remoteip !== null && { remoteip }) }),
    // The secret goes where it was meant to go, and nowhere else.
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
  log.error({ provider, errorCodes }, 'captcha provider refuses to answer');
  return 'unavailable';
}
