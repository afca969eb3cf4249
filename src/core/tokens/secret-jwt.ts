/**
 * JWTs that only this service reads: signed with the secret that is derived for refresh tokens, not by the key ring.
 */
import type { JWTPayload } from 'jose';
import { acceptedSecrets, type Secrets } from '#core/secrets.ts';
import { type JwtRules, readJwt } from './read-jwt.ts';

/** The claims; null for a token that is refused or has expired. */
export async function readSecretJwt(
  { secrets }: { secrets: Secrets },
  token: string,
  rules: JwtRules,
): Promise<JWTPayload | null> {
  for (const { refreshToken } of acceptedSecrets(secrets)) {
    const claims = await readJwt(token, async () => ({ algorithm: 'HS256', key: refreshToken }), rules);
    if (typeof claims !== 'string') return claims;
  }
  return null;
}
