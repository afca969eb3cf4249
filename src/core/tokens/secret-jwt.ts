/**
 * JWTs that only this service reads: signed with the secret that is derived for refresh tokens, not by the key ring.
 *
 * Such a token is valid if signing its claims again gives the same text, compared in constant time. That takes a tenth
 * of the time in which WebCrypto's thread pool verifies an HMAC.
 */
import type { JWTPayload } from 'jose';
import { isMadeWith, type Secrets } from '#core/secrets.ts';
import { type JwtRules, parseJwt } from './read-jwt.ts';
import { signJwt } from './sign-jwt.ts';

type SecretJwtRules = Pick<JwtRules, 'type' | 'now' | 'requiredClaims' | 'evenExpired'>;

/** The claims; null for a token that is refused or has expired. */
export function readSecretJwt(
  { secrets }: { secrets: Secrets },
  token: string,
  { type, now, requiredClaims, evenExpired = false }: SecretJwtRules,
): JWTPayload | null {
  const claims = parseJwt(token, now)?.claims;
  if (claims === undefined || !requiredClaims.every((name) => Object.hasOwn(claims, name))) return null;
  const isOurs = isMadeWith(
    secrets,
    ({ refreshToken }) => signJwt({ alg: 'HS256', typ: type }, claims, refreshToken),
    token,
  );
  const { exp, nbf } = claims;
  const seconds = now.getTime() / 1000;
  const isExpired = typeof exp === 'number' && exp <= seconds && !evenExpired;
  const isEarly = typeof nbf === 'number' && nbf > seconds;
  return isOurs && !isExpired && !isEarly ? claims : null;
}
