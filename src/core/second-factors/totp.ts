/**
 * One-time codes of authenticator apps (TOTP, RFC 6238): SHA-1, six digits, 30 seconds, and a secret of 160 bits, which
 * is what the apps accept.
 *
 * A code counts in its own step and in the one after it, so it lives between 30 and 60 seconds (OWASP ASVS 5.0 section
 * 6.5.5). For an app whose clock was ahead at set-up, codes are expected one step ahead (RFC 6238 section 6), so that a
 * phone may be 30 seconds wrong in either direction while two codes are valid at any time, not three.
 */
import { Secret, TOTP } from 'otpauth';

const STEP_SECONDS = 30;
/** RFC 4226 section 4, requirement R6. */
const SECRET_BYTES = 20;

/** A new shared secret, in base32 (RFC 4648). */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The URI that an authenticator app reads from a QR code. */
export function otpauthUri(secret: string, account: { issuer: string; label: string }): string {
  return totpOf(secret, account).toString();
}

/** The steps whose codes are accepted now, the current one first. */
export function acceptedSteps(now: Date, drift: number): readonly [current: number, previous: number] {
  const current = Math.floor(now.getTime() / 1000 / STEP_SECONDS) + drift;
  return [current, current - 1];
}

/** The first of the steps whose code this is; null if it is none of theirs. */
export function stepOfCode(secret: string, code: string, steps: readonly number[]): number | null {
  const totp = totpOf(secret);
  const isOf = (step: number) => {
    return totp.validate({ token: code, timestamp: step * STEP_SECONDS * 1000, window: 0 }) !== null;
  };
  // All of them are computed, so that the time does not depend on which one it is.
  const [matching] = steps.filter(isOf);
  return matching ?? null;
}

function totpOf(secret: string, account: { issuer: string; label: string } = { issuer: '', label: '' }): TOTP {
  return new TOTP({ ...account, algorithm: 'SHA1', digits: 6, period: STEP_SECONDS, secret });
}
