/**
 * Recovery codes: ten single-use codes for someone who has lost their second factor.
 *
 * A code has 120 random bits, so a plain SHA-256 digest protects it (OWASP ASVS 5.0 section 6.5.2; NIST SP 800-63B-4
 * section 4.2.1.1 asks for 64), it costs no password hash to check one, and it outlives a rotation of SECRET.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Ctx } from '#core/context.ts';

const CODES = 10;
/** Characters of a code: 5 bits each. */
const LENGTH = 24;
/** Crockford's base32: without I, L, O, and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code that a person typed, as it is looked up. */
export type RecoveryMatch = { kind: 'recovery_code'; id: string };

/** Replaces all codes of the person with ten new ones, `ABCD-EFGH-…`. They are shown once. Call it in a transaction. */
export async function replaceRecoveryCodes(tx: Ctx, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await removeRecoveryCodes(tx, userId);
  const createdAt = tx.clock();
  await tx.db.recoveryCode.createMany({ data: codes.map((code) => ({ userId, digest: digestOf(code), createdAt })) });
  return codes.map((code) => (code.match(/.{4}/g) ?? []).join('-'));
}

export async function removeRecoveryCodes(tx: Ctx, userId: string): Promise<void> {
  await tx.db.recoveryCode.deleteMany({ where: { userId } });
}

/** Null for anything that is not an unused code of this person. */
export async function matchRecoveryCode(ctx: Ctx, userId: string, typed: string): Promise<RecoveryMatch | null> {
  const where = { userId, usedAt: null, digest: digestOf(canonical(typed)) };
  const found = await ctx.db.recoveryCode.findFirst({ where, select: { id: true } });
  return found && { kind: 'recovery_code', id: found.id };
}

/** Uses it up; false if someone else was faster. Call it in a transaction. */
export async function spendRecoveryCode(tx: Ctx, { id }: RecoveryMatch): Promise<boolean> {
  const { count } = await tx.db.recoveryCode.updateMany({ where: { id, usedAt: null }, data: { usedAt: tx.clock() } });
  return count === 1;
}

export function countRecoveryCodes(ctx: Ctx, userId: string): Promise<number> {
  return ctx.db.recoveryCode.count({ where: { userId, usedAt: null } });
}

function newCode(): string {
  return [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** As people type it: with or without dashes, in any case, O for 0 and I or L for 1. */
function canonical(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}

function digestOf(code: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(code).digest());
}
