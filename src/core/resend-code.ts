/**
 * Resend codes: what a client is given after the right password of an account that is not verified, so that it can ask
 * for the mail again without knowing the address (people sign in with username or phone, too).
 *
 * The code is the user's id, encrypted, and again a UUID. Nothing is stored, and it is worth nothing but a mail to the
 * owner, within the budgets of mails. It has no end of its own: once the address is verified no proof goes out.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Ctx } from './context.ts';

/** AES over single blocks: a permutation of all of them, under a key of ours, so that nobody else can name one. */
const CIPHER = 'aes-256-ecb';
/** Version and variant of an id (RFC 9562 section 5.7), and of a code (section 5.8: whatever its maker likes). */
const [ID, CODE] = [/^.{12}7.{3}[89ab]/, /^.{12}8.{3}[89ab]/];

/** @param userId UUID version 7 */
export function resendCodeOf(ctx: Pick<Ctx, 'secrets'>, userId: string): string {
  const cipher = createCipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return asUuid(
    walk(userId.replaceAll('-', ''), (block) => cipher.update(block, 'hex', 'hex')),
    '8',
  );
}

/** The id that was encrypted; for a code we did not make, one that no user has; null for what cannot be a code. */
export function userIdOfResendCode(ctx: Pick<Ctx, 'secrets'>, code: string): string | null {
  const hex = code.toLowerCase().replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/.test(hex) || !CODE.test(hex)) return null;
  const decipher = createDecipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return asUuid(
    walk(withVersion(hex, '7'), (block) => decipher.update(block, 'hex', 'hex')),
    '7',
  );
}

/**
 * Steps on until the block has the bits of an id again, which makes the permutation of blocks one of ids («cycle
 * walking», Black and Rogaway 2002). One block in 64 has them.
 */
function walk(start: string, step: (block: string) => string): string {
  let block = start;
  do block = step(block);
  while (!ID.test(block));
  return block;
}

function withVersion(hex: string, version: '7' | '8'): string {
  return hex.slice(0, 12) + version + hex.slice(13);
}

function asUuid(hex: string, version: '7' | '8'): string {
  return withVersion(hex, version).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
