/**
 * Compares passwords with hashes made by other systems: bcrypt, scrypt (RFC 7914), and PBKDF2 (RFC 8018). Everything
 * here is synchronous and slow; call it only in the thread of a hash slot.
 */
import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import type { ForeignHash } from './stored-hash.ts';

/** Whether it is the password that was hashed, according to the rules of the system that hashed it. */
export function verifyForeignHash(hash: ForeignHash, password: string): boolean {
  switch (hash.kind) {
    case 'bcrypt':
      // bcrypt uses only 72 bytes of a password, which is how those systems checked too. Implementations in C also stop
      // at a NUL, which would let part of a password sign in.
      if (password.includes('\0')) return false;
      return compareSync(hash.isOfDigest ? createHash('sha256').update(password).digest('hex') : password, hash.text);
    case 'scrypt': {
      const { N, r, p } = hash.cost;
      const maxmem = 128 * r * (N + p + 2) + 1024;
      return isEqual(hash.key, scryptSync(password, hash.salt, hash.key.length, { N, r, p, maxmem }));
    }
    case 'pbkdf2':
      return isEqual(hash.key, pbkdf2Sync(password, hash.salt, hash.iterations, hash.key.length, hash.digest));
  }
}

function isEqual(stored: Buffer, computed: Buffer): boolean {
  return stored.length === computed.length && timingSafeEqual(stored, computed);
}
