/**
 * Which proofs of a session a token may claim. A proof that was given after the token was made does not count for it,
 * nor for anything that it is exchanged for: the owner gets new tokens with the proof, and a token that was stolen
 * before gains nothing. So access and refresh tokens say which proofs they may claim.
 */
import { fromNumericDate, numericDate } from '#core/time.ts';
import type { Session } from '#generated/prisma/client.ts';
import { amrOfSession, firstAmrOf, SECOND_FACTOR_AMR, withAmr } from './authentication-claims.ts';

/** In seconds since 1970. */
export type ClaimedProofs = {
  /** The claim `auth_time`: when the person had last authenticated; null in tokens from before it was issued. */
  authTime: number | null;
  /** The claim `mfa_time`: when they had last verified a second factor; null if they had not. */
  mfaTime: number | null;
};

/** The claims of a new token, always in this order: a refresh token is the same text each time. */
export function proofClaims({ authenticatedAt, secondFactorAt }: Pick<Session, 'authenticatedAt' | 'secondFactorAt'>) {
  return {
    auth_time: numericDate(authenticatedAt),
    ...(secondFactorAt && { mfa_time: numericDate(secondFactorAt) }),
  };
}

/** What a verified token claims. */
export function readProofClaims(claims: Readonly<Record<string, unknown>>): ClaimedProofs {
  return { authTime: timeIn(claims['auth_time']), mfaTime: timeIn(claims['mfa_time']) };
}

function timeIn(claim: unknown): number | null {
  return typeof claim === 'number' ? claim : null;
}

/** The session as the token may claim it. A token without these claims is an old one, from a sign-in. */
export function asClaimed(session: Session, { authTime, mfaTime }: ClaimedProofs): Session {
  const { authenticatedAt, secondFactorAt } = session;
  const claimed = authTime ?? numericDate(session.createdAt);
  const shownAt = secondFactorAt === null || mfaTime === null ? null : earlier(secondFactorAt, mfaTime);
  const isNewest = numericDate(authenticatedAt) <= claimed;
  const factor = shownAt === null ? [] : SECOND_FACTOR_AMR;
  return {
    ...session,
    authenticatedAt: earlier(authenticatedAt, claimed),
    secondFactorAt: shownAt,
    secondFactor: shownAt === null ? null : session.secondFactor,
    // What earlier proofs were is not kept: an older token claims the first one, and the second factor if it may.
    amr: withAmr(isNewest ? withoutSecondFactor(amrOfSession(session)) : firstAmrOf(session), factor),
  };
}

function withoutSecondFactor(amr: readonly string[]): string[] {
  return amr.filter((value) => !SECOND_FACTOR_AMR.some((each) => each === value));
}

function earlier(proof: Date, claimed: number): Date {
  return numericDate(proof) <= claimed ? proof : fromNumericDate(claimed);
}
