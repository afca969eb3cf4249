/**
 * Reads a JWT that this service signed, and nothing that merely resembles one.
 *
 * jose checks the signature and the claims, and is lenient about the text: padding, blanks, unused bits of base64url, a
 * byte order mark, and repeated members all pass. One session would then have any number of tokens that look different
 * to a cache, a log, or a list of revoked ones. Every token of this service has exactly one spelling, so anything else
 * is refused before a key is looked up (RFC 7515 section 2, RFC 8725 section 3.9).
 */
import { errors, type JWTPayload, jwtVerify, type KeyObject } from 'jose';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';
import { encodeJwtPart, type JwtHeader } from './sign-jwt.ts';
import type { VerifyingKey } from './signing-key.ts';

/** Longer than any token of this service (TOKEN_CLAIMS have a limit), shorter than what node accepts as a header. */
const MAX_LENGTH = 6144;
/** How far the clock of the replica that issued a token may be ahead. */
const MAX_SKEW_SECONDS = 60;
/** The end of the year 9999. */
const LATEST_TIME = 253_402_300_799;
const HEADER_MEMBERS = new Set<string>(['alg', 'typ', 'kid'] satisfies (keyof JwtHeader)[]);

export type JwtRules = {
  /** Exactly the `typ` of the header (RFC 8725 section 3.11). */
  type: string;
  now: Date;
  /** The claims that must be there. */
  requiredClaims: string[];
  issuer?: string;
  /** One of these, if there are several. */
  audience?: string | string[];
  /** Accepts a token that has expired, to end its session. */
  evenExpired?: boolean;
};

export type JwtKey = { algorithm: JwtAlgorithm; key: VerifyingKey | KeyObject };

/**
 * The claims of a token. Returns 'expired' or 'invalid' for one that is refused; expired ones have a valid signature.
 * @param keyFor returns the key for the `kid` of the header; null if there is none. Nothing else in a header is
 * trusted: no jku, jwk, x5c, or x5u is ever followed, and a header that has one is refused.
 */
export async function readJwt(
  token: string,
  keyFor: (kid: string) => Promise<JwtKey | null>,
  { type, now, evenExpired = false, ...claimRules }: JwtRules,
): Promise<JWTPayload | 'expired' | 'invalid'> {
  const written = parseJwt(token, now);
  if (written === null || written.header['typ'] !== type) return 'invalid';
  const kid = written.header['kid'] ?? '';
  const found = typeof kid === 'string' ? await keyFor(kid) : null;
  if (found === null) return 'invalid';
  try {
    const { payload } = await jwtVerify(token, found.key, {
      ...claimRules,
      algorithms: [found.algorithm],
      currentDate: evenExpired ? new Date(0) : now,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    if (error instanceof errors.JOSEError) return 'invalid';
    throw error;
  }
}

type Members = Record<string, unknown>;

/**
 * Header and claims, unverified, of a text that is written exactly as `signJwt` writes, with times that can be; null
 * for any other.
 */
export function parseJwt(token: string, now: Date): { header: Members; claims: Members } | null {
  if (token.length > MAX_LENGTH) return null;
  const [head = '', body = '', signature = '', ...others] = token.split('.');
  const header = membersOf(head);
  const claims = membersOf(body);
  if (header === null || claims === null || others.length > 0) return null;
  const isCanonical = signature !== '' && Buffer.from(signature, 'base64url').toString('base64url') === signature;
  const hasOnlyOurs = Object.keys(header).every((name) => HEADER_MEMBERS.has(name));
  return isCanonical && hasOnlyOurs && hasPlausibleTimes(claims, now) ? { header, claims } : null;
}

/**
 * The members of an encoded JSON object; null if writing them again gives another text. That covers the base64url, the
 * UTF-8, a byte order mark, white space, repeated members, and numbers that JavaScript cannot represent, such as 1e400.
 */
function membersOf(part: string): Members | null {
  try {
    const members: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof members !== 'object' || members === null || Array.isArray(members)) return null;
    return encodeJwtPart(members) === part ? (members as Members) : null;
  } catch {
    return null;
  }
}

/** Whether every time is a whole number of seconds that a date can represent, and the token is not from the future. */
function hasPlausibleTimes({ iat, exp, nbf }: Members, now: Date): boolean {
  const times = [iat, exp, nbf].filter((time) => time !== undefined);
  if (!times.every(isTime)) return false;
  if (isTime(iat) && iat > now.getTime() / 1000 + MAX_SKEW_SECONDS) return false;
  return !(isTime(iat) && isTime(exp)) || iat <= exp;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LATEST_TIME;
}
