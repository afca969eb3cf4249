/**
 * The key pairs that sign access tokens. They live in the database, the private halves encrypted under SECRET
 * (JWE, RFC 7516: dir + A256GCM), so that all replicas share one ring and a dump of the database signs nothing.
 *
 * A ring holds the key that signs and those that signed before; a verifier finds its key by `kid` (RFC 7517).
 */
import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import {
  CompactEncrypt,
  type CryptoKey,
  calculateJwkThumbprint,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { JwtAlgorithm } from '#config.ts';
import { OperatorError } from '#errors.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { Secrets } from './secrets.ts';

type VerifyingKey = CryptoKey | Uint8Array;

export type KeyRing = {
  /** The key that signs now. */
  signer: () => { kid: string; algorithm: JwtAlgorithm; key: KeyObject };
  /** The key of that name that may verify, or null. An unknown name makes the ring look into the database once in a while. */
  verifier: (kid: string) => Promise<{ algorithm: JwtAlgorithm; key: VerifyingKey } | null>;
  /** The public halves, as served at /.well-known/jwks.json (RFC 7517). */
  jwks: () => { keys: JWK[] };
};

/** The stored keys cannot be opened: the process must not start, and must not overwrite them. */
export class KeyRingLockedError extends OperatorError {
  constructor() {
    super(
      'The signing keys in the database cannot be decrypted with this SECRET. Start with the SECRET they were made with; nothing was changed.',
    );
  }
}

/** Fails when the database has keys already: a new secret could not open them. */
export async function requireNoKeys(database: Database, secretFile: string): Promise<void> {
  if ((await database.prisma.signingKey.count()) > 0) throw new SecretMissingError(secretFile);
}

export class SecretMissingError extends OperatorError {
  constructor(secretFile: string) {
    super(
      `The database holds keys, but their secret is missing: put ${secretFile} back or set SECRET; nothing was changed.`,
    );
  }
}

type Entry = {
  kid: string;
  algorithm: JwtAlgorithm;
  signing: KeyObject;
  verifying: VerifyingKey;
  publicJwk: JWK | null;
  isRetired: boolean;
};
type RingParts = { database: Database; secrets: Secrets; clock: Clock; algorithm: JwtAlgorithm };

/** How often at most an unknown `kid` makes the ring read the database, in milliseconds. */
const RELOAD_INTERVAL_MS = 1000;
/** Any number will do; it must be the same in every replica. */
const KEY_RING_LOCK = 7_215_001;

/** Reads the ring and makes its first key when there is none for the algorithm. Replicas that start together make one. */
export async function openKeyRing(parts: RingParts): Promise<KeyRing> {
  let entries = await readRing(parts);
  if (!entries.some((entry) => isActive(entry, parts.algorithm))) {
    await makeFirstKey(parts);
    entries = await readRing(parts);
  }
  let lastReload = 0;
  return {
    signer: () => {
      const entry = entries.findLast((candidate) => isActive(candidate, parts.algorithm));
      if (entry === undefined) throw new Error(`The key ring holds no active ${parts.algorithm} key.`);
      return { kid: entry.kid, algorithm: entry.algorithm, key: entry.signing };
    },
    verifier: async (kid) => {
      const now = parts.clock().getTime();
      if (!entries.some((entry) => entry.kid === kid) && now - lastReload >= RELOAD_INTERVAL_MS) {
        lastReload = now;
        entries = await readRing(parts);
      }
      const entry = entries.find((candidate) => candidate.kid === kid);
      return entry === undefined ? null : { algorithm: entry.algorithm, key: entry.verifying };
    },
    jwks: () => ({ keys: entries.flatMap((entry) => (entry.publicJwk === null ? [] : [entry.publicJwk])) }),
  };
}

function isActive(entry: Entry, algorithm: JwtAlgorithm): boolean {
  return entry.algorithm === algorithm && !entry.isRetired;
}

async function readRing(parts: RingParts): Promise<Entry[]> {
  const rows = await parts.database.prisma.signingKey.findMany({ orderBy: { activeAt: 'asc' } });
  return Promise.all(
    rows.map(async (row) => {
      const algorithm = row.algorithm as JwtAlgorithm;
      const privateJwk = await decryptJwk(row.privateJwe, parts.secrets);
      const publicJwk = row.publicJwk as JWK | null;
      return {
        kid: row.id,
        algorithm,
        signing: signingKey(privateJwk),
        verifying: await importJWK(publicJwk ?? privateJwk, algorithm),
        publicJwk,
        isRetired: row.retiredAt !== null && row.retiredAt <= parts.clock(),
      };
    }),
  );
}

function signingKey(jwk: JWK): KeyObject {
  if (jwk.kty === 'oct') return createSecretKey(jwk.k ?? '', 'base64url');
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

async function makeFirstKey(parts: RingParts): Promise<void> {
  const row = await makeKey(parts);
  await parts.database.prisma.$transaction(async (db) => {
    await db.$queryRaw`SELECT pg_advisory_xact_lock(${KEY_RING_LOCK}::bigint)::text`;
    const existing = await db.signingKey.count({ where: { algorithm: parts.algorithm, retiredAt: null } });
    if (existing === 0) await db.signingKey.create({ data: row });
  });
}

async function makeKey({ algorithm, secrets, clock }: RingParts) {
  const now = clock();
  if (algorithm === 'HS256') {
    const jwk: JWK = { kty: 'oct', k: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url') };
    const id = await calculateJwkThumbprint(jwk);
    return { id, algorithm, privateJwe: await encryptJwk(jwk, secrets), createdAt: now, activeAt: now };
  }
  const pair = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(pair.publicKey);
  const id = await calculateJwkThumbprint(jwk);
  const publicJwk = { ...jwk, kid: id, alg: algorithm, use: 'sig' };
  const privateJwe = await encryptJwk(await exportJWK(pair.privateKey), secrets);
  return { id, algorithm, publicJwk, privateJwe, createdAt: now, activeAt: now };
}

async function encryptJwk(jwk: JWK, secrets: Secrets): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(secrets.keyEncryption);
}

async function decryptJwk(jwe: string, secrets: Secrets): Promise<JWK> {
  try {
    const { plaintext } = await compactDecrypt(jwe, secrets.keyEncryption, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return JSON.parse(new TextDecoder().decode(plaintext)) as JWK;
  } catch {
    throw new KeyRingLockedError();
  }
}
