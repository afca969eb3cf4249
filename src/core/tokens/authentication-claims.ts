/**
 * How someone authenticated, as access tokens say it (RFC 9068 section 2.2.1) and sessions store it. Other services can
 * use it to ask for a step-up (RFC 9470).
 */
import type { Session } from '#generated/prisma/client.ts';

/** How someone shows who they are before any second factor. */
export type FirstFactor = 'password' | 'email' | 'legacy-password';

/** The first factor of a session that a legacy password opened (core/second-factors/legacy-password.ts). */
export const LEGACY_PASSWORD = 'legacy-password' satisfies FirstFactor;

/** A second factor, as sessions record it. */
export type SessionFactor = 'totp' | 'recovery_code';

/** The value of a first factor in `amr`. RFC 8176 has none for email, which is never a second factor either. */
const AMR_OF: Record<FirstFactor, string> = { password: 'pwd', email: 'email', 'legacy-password': 'pwd' };

/** The claim `amr` (RFC 8176) after a first factor. */
export function amrOf(method: FirstFactor): string[] {
  return [AMR_OF[method]];
}

/** The claim `amr` that a session began with. */
export function firstAmrOf({ method }: Pick<Session, 'method'>): string[] {
  return amrOf(method === 'email' ? 'email' : 'password');
}

/** The claim `amr` of a session, also of one from before it was stored. */
export function amrOfSession(session: Pick<Session, 'amr' | 'method'>): string[] {
  return session.amr.length > 0 ? session.amr : firstAmrOf(session);
}

/** The claim `amr` after another proof: each value once. */
export function withAmr(amr: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...amr, ...more])];
}

/**
 * What a second factor adds to `amr`: `otp` for codes of an app and for recovery codes, `mfa` because there are two.
 */
export const SECOND_FACTOR_AMR = ['otp', 'mfa'] as const;

/** The claim `acr`: the authenticator assurance level (NIST SP 800-63B-4) that the session has reached. */
export function assuranceOf({ secondFactorAt }: Pick<Session, 'secondFactorAt'>): 'aal1' | 'aal2' {
  return secondFactorAt === null ? 'aal1' : 'aal2';
}
