/**
 * Resend codes: what a client is given after the right password of an account that is not verified, so that it can ask
 * for the email again without knowing the address (people sign in with username or phone, too).
 *
 * The code is the user's id, encrypted, and again a UUID. Nothing is stored, and it is worth nothing but an email to the
 * owner, within the budgets of emails. It has no end of its own: once the address is verified no proof goes out.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Ctx } from '#core/context.ts';

/** AES over single blocks: a permutation of all of them, under a key of ours, so that nobody else can name one. */
const CIPHER = 'aes-256-ecb';
/** A UUID of any version and the usual variant (RFC 9562 section 4): imported people bring ids of their own. */
const UUID = /^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$/;

export function resendCodeOf(ctx: Pick<Ctx, 'secrets'>, userId: string): string {
  const cipher = createCipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return walk(userId.replaceAll('-', ''), (block) => cipher.update(block, 'hex', 'hex'));
}

/** The id that was encrypted; for a UUID that is no code of ours, one that no user has; null for anything else. */
export function userIdOfResendCode(ctx: Pick<Ctx, 'secrets'>, code: string): string | null {
  const hex = code.toLowerCase().replaceAll('-', '');
  if (!UUID.test(hex)) return null;
  const decipher = createDecipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return walk(hex, (block) => decipher.update(block, 'hex', 'hex'));
}

/**
 * Steps on until the block is a UUID again, which makes the permutation of blocks one of UUIDs («cycle walking», Black
 * and Rogaway 2002). One block in eight is one.
 */
function walk(start: string, step: (block: string) => string): string {
  let block = start;
  do block = step(block);
  while (!UUID.test(block));
  return block.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
