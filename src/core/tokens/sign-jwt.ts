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
  const data = Buffer.from(input);
  if (algorithm === 'EdDSA') return sign(null, data, key);
  if (algorithm === 'ES256') return concatenated(sign('sha256', data, key));
  const padding = algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return sign('sha256', data, { key, ...padding });
}

/**
 * The two numbers of an ECDSA signature, 32 bytes each (RFC 7518 section 3.4), out of DER (RFC 3279 section 2.2.3).
 * node can write this format itself, but takes twice as long for a signature if it gets any option beside the key.
 */
function concatenated(der: Buffer): Buffer {
  const firstEnd = R_START + (der[R_START - 1] ?? 0);
  // DER writes no leading zeros, except one before a number that would look negative.
  const [r, s] = [der.subarray(R_START, firstEnd).subarray(-32), der.subarray(firstEnd + 2).subarray(-32)];
  const signature = Buffer.alloc(64);
  r.copy(signature, 32 - r.length);
  s.copy(signature, 64 - s.length);
  return signature;
}

/** After the tag and length of the sequence, and those of its first number. */
const R_START = 4;

/** A header or claims as part of a token: JSON in base64url without padding. */
export function encodeJwtPart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
