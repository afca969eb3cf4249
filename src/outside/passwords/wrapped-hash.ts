/**
 * Wraps weak hashes in Argon2id, so that a dump of the database gives them away no sooner than ours. Most are of other
 * systems. A wrapped hash is the weak hash without its key, and behind it the Argon2id hash of that key: to check a
 * password, the key is computed as the other system did, and compared by Argon2id. At the next sign-in, an ordinary
 * hash takes its place.
 *
 * What is weak follows the OWASP Password Storage Cheat Sheet. Strong ones stay as they are, because wrapping costs one
 * hash a person.
 */
import { type HashCost, type InnerHash, MAX_HASH_LENGTH, type StoredHash, toBase64, WRAPPED } from './stored-hash.ts';

/** The least of the equivalent settings: 7 MiB, passed over five times. */
const ARGON2_MIN_KIB = 7168;
const ARGON2_MIN_KIB_PASSES = 5 * ARGON2_MIN_KIB;

const BCRYPT_MIN_COST = 10;
const PBKDF2_MIN_ITERATIONS = { sha1: 1_300_000, sha256: 600_000, sha512: 210_000 } as const;
/** The least of the equivalent settings: N = 2^13, r = 8, p = 10, which is 8 MiB for each of ten lanes. */
const SCRYPT_MIN_BYTES = 128 * 2 ** 13 * 8;
const SCRYPT_MIN_BYTES_PASSES = 10 * SCRYPT_MIN_BYTES;

/**
 * Whether the hash is one that should not be stored as it is.
 * @param own the cost of our hashes: one that costs as much gains nothing from another around it
 */
export function isWeakHash(hash: StoredHash, own: HashCost): hash is InnerHash {
  switch (hash.kind) {
    case 'argon2': {
      const passes = hash.memoryKib * hash.iterations;
      const isBelow = hash.memoryKib < ARGON2_MIN_KIB || passes < ARGON2_MIN_KIB_PASSES;
      return isBelow && passes < own.memoryKib * own.iterations;
    }
    case 'bcrypt':
      return Number(/\$(\d\d)\$/.exec(hash.text)?.[1]) < BCRYPT_MIN_COST;
    case 'pbkdf2':
      return hash.iterations < PBKDF2_MIN_ITERATIONS[hash.digest];
    case 'scrypt': {
      const bytes = 128 * hash.cost.N * hash.cost.r;
      return bytes < SCRYPT_MIN_BYTES || bytes * hash.cost.p < SCRYPT_MIN_BYTES_PASSES;
    }
    case 'wrapped':
      return false;
  }
}

/** What is hashed again: the key, as text. */
export function keyTextOf(hash: InnerHash): string {
  return hash.kind === 'bcrypt' ? hash.text.slice(-BCRYPT_KEY_LENGTH) : toBase64(hash.key);
}

/**
 * The text to store.
 * @param phc the weak hash
 * @param outer the Argon2id hash of its key
 * @returns null if it would be too long
 */
export function wrappedHash(phc: string, hash: InnerHash, outer: string): string | null {
  const text = `${WRAPPED}${withoutKey(phc, hash)}${outer}`;
  return text.length <= MAX_HASH_LENGTH ? text : null;
}

const BCRYPT_KEY_LENGTH = 31;

/** Blank, and as long as it was: how long it is decides how the key of a password is computed. */
function withoutKey(phc: string, hash: InnerHash): string {
  if (hash.kind === 'bcrypt') return phc.slice(0, -BCRYPT_KEY_LENGTH) + '.'.repeat(BCRYPT_KEY_LENGTH);
  return phc.slice(0, phc.lastIndexOf('$') + 1) + toBase64(Buffer.alloc(hash.key.length));
}
