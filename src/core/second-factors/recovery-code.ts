/**
 * Recovery codes: ten single-use codes for someone who has lost their second factor.
 *
 * A code has 140 random bits, so a plain SHA-256 digest protects it (OWASP ASVS 5.0, 6.5.2 and 11.5.1; NIST SP
 * 800-63B-4 section 4.2.1.1 asks for 64), it costs no password hash to check one, and it outlives a rotation of SECRET.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Ctx } from '#core/context.ts';
import { sha256 } from '#core/secrets.ts';
import { base32Of, canonicalBase32 } from './base32.ts';

const CODES = 10;
/** Characters of a code: 5 bits each. */
const LENGTH = 28;

/** A code that a person typed, as it is looked up. */
export type RecoveryMatch = { kind: 'recovery_code'; id: string };

/** A new seed for ten codes: 256 random bits. */
export const newRecoverySeed = () => randomBytes(32).toString('base64url');

/**
 * Replaces all codes of the person with ten new ones, `ABCD-EFGH-…`. They are shown once. Call it in a transaction.
 * @param seed what they are made from, if the same ones may have to be shown again
 */
export async function replaceRecoveryCodes(tx: Ctx, userId: string, seed = newRecoverySeed()): Promise<string[]> {
  const codes = codesOf(seed);
  await removeRecoveryCodes(tx, userId);
  const createdAt = tx.clock();
  await tx.db.recoveryCode.createMany({ data: codes.map((code) => ({ userId, digest: sha256(code), createdAt })) });
  return codes.map(spelled);
}

/** The codes of a seed, if they are those of the person and none has been used; otherwise null. */
export async function findRecoveryCodes(ctx: Ctx, userId: string, seed: string): Promise<string[] | null> {
  const codes = codesOf(seed);
  const where = { userId, usedAt: null, digest: { in: codes.map(sha256) } };
  return (await ctx.db.recoveryCode.count({ where })) === CODES ? codes.map(spelled) : null;
}

/** Removes all codes of the person. */
export async function removeRecoveryCodes(tx: Ctx, userId: string): Promise<void> {
  await tx.db.recoveryCode.deleteMany({ where: { userId } });
}

/** Null for anything that is not an unused code of this person. */
export async function matchRecoveryCode(ctx: Ctx, userId: string, typed: string): Promise<RecoveryMatch | null> {
  const where = { userId, usedAt: null, digest: sha256(canonicalBase32(typed)) };
  const found = await ctx.db.recoveryCode.findFirst({ where, select: { id: true } });
  return found && { kind: 'recovery_code', id: found.id };
}

/** Uses it up; false if someone else was faster. Call it in a transaction. */
export async function spendRecoveryCode(tx: Ctx, { id }: RecoveryMatch): Promise<boolean> {
  const { count } = await tx.db.recoveryCode.updateMany({ where: { id, usedAt: null }, data: { usedAt: tx.clock() } });
  return count === 1;
}

/** How many codes of the person have not been used. */
export function countRecoveryCodes(ctx: Ctx, userId: string): Promise<number> {
  return ctx.db.recoveryCode.count({ where: { userId, usedAt: null } });
}

function codesOf(seed: string): string[] {
  return Array.from({ length: CODES }, (_, index) => {
    return base32Of(createHmac('sha256', seed).update(`recovery code ${index}`).digest().subarray(0, LENGTH));
  });
}

const spelled = (code: string) => (code.match(/.{4}/g) ?? []).join('-');
