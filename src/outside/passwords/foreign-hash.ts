/**
 * Compares passwords with hashes made by other systems: bcrypt, scrypt (RFC 7914), and PBKDF2 (RFC 8018). Everything
 * here is synchronous and slow; call it only in the thread of a hash slot.
 */
import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import type { ForeignHash } from './stored-hash.ts';
import { keyTextOf } from './wrapped-hash.ts';

/** Whether it is the password that was hashed, according to the rules of the system that hashed it. */
export function verifyForeignHash(hash: ForeignHash, password: string): boolean {
  const computed = foreignKeyOf(hash, password);
  return computed !== null && isEqual(Buffer.from(keyTextOf(hash)), Buffer.from(computed));
}

/** The key that the other system would have stored for this password, as `keyTextOf` has it; null if it could not. */
export function foreignKeyOf(hash: ForeignHash, password: string): string | null {
  switch (hash.kind) {
    case 'bcrypt': {
      // bcrypt uses only 72 bytes of a password, which is how those systems checked too. Implementations in C also stop
      // at a NUL, which would let part of a password sign in.
      if (password.includes('\0')) return null;
      const typed = hash.isOfDigest ? createHash('sha256').update(password).digest('hex') : password;
      const text = hashSync(typed, hash.text.slice(0, -keyTextOf(hash).length));
      return keyTextOf({ ...hash, text });
    }
    case 'scrypt': {
      const { N, r, p } = hash.cost;
      const maxmem = 128 * r * (N + p + 2) + 1024;
      return keyTextOf({ ...hash, key: scryptSync(password, hash.salt, hash.key.length, { N, r, p, maxmem }) });
    }
    case 'pbkdf2': {
      const { salt, iterations, digest } = hash;
      return keyTextOf({ ...hash, key: pbkdf2Sync(password, salt, iterations, hash.key.length, digest) });
    }
  }
}

function isEqual(stored: Buffer, computed: Buffer): boolean {
  return stored.length === computed.length && timingSafeEqual(stored, computed);
}
