/**
 * Compares passwords with hashes that other systems made: bcrypt, scrypt (RFC 7914), PBKDF2 (RFC 8018). Everything here
 * is synchronous and takes long; it belongs into a hash slot's thread.
 */
import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import type { ForeignHash } from './stored-hash.ts';

/** Whether it is the password that was hashed, as the system that hashed it would have said. */
export function verifyForeignHash(hash: ForeignHash, password: string): boolean {
  switch (hash.kind) {
    case 'bcrypt':
      // bcrypt knows 72 bytes of a password and in C none behind a NUL: the first is how those systems checked too, the
      // second would let a part of a password in.
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
