/**
 * Wraps weak hashes of other systems in Argon2id, so that a dump of the database gives them away no sooner than ours.
 * A wrapped hash is the hash of the other system without its key, and behind it the Argon2id hash of that key: to check
 * a password, the key is computed as the other system did, and compared by Argon2id. At the next sign-in, an ordinary
 * hash takes its place.
 *
 * What is weak follows the OWASP Password Storage Cheat Sheet. Strong ones stay as they are, because wrapping costs the
 * import one hash a person. So does Argon2 with less memory than ours, which is still slow to try on many machines.
 */
import { type ForeignHash, MAX_HASH_LENGTH, type StoredHash, toBase64, WRAPPED } from './stored-hash.ts';

const BCRYPT_MIN_COST = 10;
const PBKDF2_MIN_ITERATIONS = { sha1: 1_300_000, sha256: 600_000, sha512: 210_000 } as const;
/** The least of the equivalent settings: N = 2^13, r = 8, p = 10, which is 8 MiB for each of ten lanes. */
const SCRYPT_MIN_BYTES = 128 * 2 ** 13 * 8;
const SCRYPT_MIN_BYTES_PASSES = 10 * SCRYPT_MIN_BYTES;

/** Whether the hash is one that should not be stored as it is. */
export function isWeakForeignHash(hash: StoredHash): hash is ForeignHash {
  switch (hash.kind) {
    case 'bcrypt':
      return Number(/\$(\d\d)\$/.exec(hash.text)?.[1]) < BCRYPT_MIN_COST;
    case 'pbkdf2':
      return hash.iterations < PBKDF2_MIN_ITERATIONS[hash.digest];
    case 'scrypt': {
      const bytes = 128 * hash.cost.N * hash.cost.r;
      return bytes < SCRYPT_MIN_BYTES || bytes * hash.cost.p < SCRYPT_MIN_BYTES_PASSES;
    }
    default:
      return false;
  }
}

/** What is hashed again: the key, as text. */
export function keyTextOf(hash: ForeignHash): string {
  return hash.kind === 'bcrypt' ? hash.text.slice(-BCRYPT_KEY_LENGTH) : toBase64(hash.key);
}

/**
 * The text to store.
 * @param phc the hash of the other system
 * @param outer the Argon2id hash of its key
 * @returns null if it would be too long
 */
export function wrappedHash(phc: string, hash: ForeignHash, outer: string): string | null {
  const text = `${WRAPPED}${withoutKey(phc, hash)}${outer}`;
  return text.length <= MAX_HASH_LENGTH ? text : null;
}

const BCRYPT_KEY_LENGTH = 31;

/** Blank, and as long as it was: how long it is decides how the key of a password is computed. */
function withoutKey(phc: string, hash: ForeignHash): string {
  if (hash.kind === 'bcrypt') return phc.slice(0, -BCRYPT_KEY_LENGTH) + '.'.repeat(BCRYPT_KEY_LENGTH);
  return phc.slice(0, phc.lastIndexOf('$') + 1) + toBase64(Buffer.alloc(hash.key.length));
}
