/**
 * A stored key of the ring: the public key in the clear, the private key encrypted with SECRET (JWE, RFC 7516: dir +
 * A256GCM), so that nobody can sign with a dump of the database.
 */
import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';
import { reseal, seal, unseal } from '#core/sealed-text.ts';
import { acceptedSecrets, type Secrets } from '#core/secrets.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { SigningKey } from '#generated/prisma/client.ts';

export type VerifyingKey = CryptoKey | Uint8Array;

/** A stored key, ready for use. `signing` is null if SECRET does not decrypt it; the key can then only verify. */
export type OpenKey = {
  kid: string;
  algorithm: JwtAlgorithm;
  signing: KeyObject | null;
  verifying: VerifyingKey;
  /** Null for a symmetric key, which must stay secret. */
  publicJwk: JWK | null;
};

/** A new key, before it is stored. */
export type NewKey = Pick<SigningKey, 'id' | 'algorithm' | 'privateJwe'> & { publicJwk?: JWK & { kid: string } };

/** The stored keys cannot be decrypted: the process must not start, and must not overwrite them. */
export class KeyRingLockedError extends OperatorError {
  constructor() {
    super(
      'The signing keys in the database cannot be decrypted with this SECRET. Use the SECRET they were created with, or set it as SECRET_PREVIOUS. Nothing was changed.',
    );
  }
}

/** The format of every `kid` of this service: a JWK thumbprint (RFC 7638). Anything else is not looked up. */
export const KEY_ID = /^[A-Za-z0-9_-]{43}$/;

/** Of RSA keys: as strong as the other kinds, 128 bits (NIST SP 800-57 part 1 section 5.6.1). */
const RSA_BITS = 3072;

/** A new key: a 256-bit elliptic curve or 3072-bit RSA key pair, or 256 random bits for HS256. */
export async function generateKey(algorithm: JwtAlgorithm, secrets: Secrets): Promise<NewKey> {
  if (algorithm === 'HS256') {
    const jwk: JWK = { kty: 'oct', k: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url') };
    return {
      id: await calculateJwkThumbprint(jwk),
      algorithm,
      privateJwe: await seal(JSON.stringify(jwk), secrets.keyEncryption),
    };
  }
  const pair = await generateKeyPair(algorithm, { extractable: true, modulusLength: RSA_BITS });
  const jwk = await exportJWK(pair.publicKey);
  const id = await calculateJwkThumbprint(jwk);
  const privateJwe = await seal(JSON.stringify(await exportJWK(pair.privateKey)), secrets.keyEncryption);
  return { id, algorithm, privateJwe, publicJwk: { ...jwk, kid: id, alg: algorithm, use: 'sig' } };
}

/** Decrypts a stored key. Fails with KeyRingLockedError if a symmetric key cannot be decrypted with either secret. */
export async function openKey(row: SigningKey, secrets: Secrets): Promise<OpenKey> {
  const algorithm = row.algorithm as JwtAlgorithm;
  const publicJwk = row.publicJwk as JWK | null;
  const opened = await unseal(row.privateJwe, ...acceptedSecrets(secrets).map(({ keyEncryption }) => keyEncryption));
  const privateJwk = opened === null ? null : (JSON.parse(opened) as JWK);
  const verifyingJwk = publicJwk ?? privateJwk;
  if (verifyingJwk === null) throw new KeyRingLockedError();
  return {
    kid: row.id,
    algorithm,
    signing: privateJwk && signingKey(privateJwk),
    verifying: await importJWK(verifyingJwk, algorithm),
    publicJwk,
  };
}

/**
 * The private key encrypted with the current secret; null if it is already. Fails with KeyRingLockedError if neither
 * secret decrypts it.
 */
export async function resealKey({ privateJwe }: SigningKey, secrets: Secrets): Promise<string | null> {
  const resealed = await reseal(privateJwe, secrets.keyEncryption, secrets.previous?.keyEncryption);
  if (resealed === 'unreadable') throw new KeyRingLockedError();
  return resealed;
}

function signingKey(jwk: JWK): KeyObject {
  if (jwk.kty === 'oct') return createSecretKey(jwk.k ?? '', 'base64url');
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
