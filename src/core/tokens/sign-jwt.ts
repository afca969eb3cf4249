/**
 * Signs a JWT (JWS Compact Serialization, RFC 7515 section 7.1) on the calling thread. jose does everything else with
 * tokens, but signs in WebCrypto's thread pool, and that round trip costs a sign-in more than the signature itself.
 */
import { constants, createHmac, type KeyObject, sign } from 'node:crypto';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';

export type JwtHeader = { alg: JwtAlgorithm; typ: string; kid?: string };

/** The signed token. The key must match `header.alg`: a private key, or a secret key for HS256. */
export function signJwt(header: JwtHeader, claims: Record<string, unknown>, key: KeyObject): string {
  const input = `${encodeJwtPart(header)}.${encodeJwtPart(claims)}`;
  return `${input}.${signatureOf(header.alg, input, key).toString('base64url')}`;
}

/** RFC 7518 section 3; RFC 8037 section 3.1 for EdDSA. The salt of PS256 is as long as its hash. */
function signatureOf(algorithm: JwtAlgorithm, input: string, key: KeyObject): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(input).digest();
  if (algorithm === 'EdDSA') return sign(null, Buffer.from(input), key);
  const padding = algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363', ...padding });
}

/** A header or claims as part of a token: JSON in base64url without padding. */
export function encodeJwtPart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
