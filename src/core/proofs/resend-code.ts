/**
 * Resend codes. A client gets one after the correct password of an unverified account, so that it can request the
 * verification email again without knowing the address: people also sign in with a username or phone number.
 *
 * The code is the user's id, encrypted to another UUID. Nothing is stored. All it can do is send an email to the owner,
 * within the limits for emails. It does not expire, but once the address is verified, no more emails are sent.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Ctx } from '#core/context.ts';

/** AES on a single block is a permutation; ECB is safe for one block. Without the key, nobody can compute a code. */
const CIPHER = 'aes-256-ecb';
/** A UUID of any version and the usual variant (RFC 9562 section 4): imported users keep their own ids. */
const UUID = /^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$/;

export function resendCodeOf(ctx: Pick<Ctx, 'secrets'>, userId: string): string {
  const cipher = createCipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return walk(userId.replaceAll('-', ''), (block) => cipher.update(block, 'hex', 'hex'));
}

/** The user id in a code. For a UUID that is not a resend code, an id that no user has; null for anything else. */
export function userIdOfResendCode(ctx: Pick<Ctx, 'secrets'>, code: string): string | null {
  const hex = code.toLowerCase().replaceAll('-', '');
  if (!UUID.test(hex)) return null;
  const decipher = createDecipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return walk(hex, (block) => decipher.update(block, 'hex', 'hex'));
}

/**
 * Encrypts repeatedly until the block is a UUID again. This turns the permutation of blocks into a permutation of UUIDs
 * ("cycle walking", Black and Rogaway 2002). One block in eight is a UUID, so it takes eight steps on average.
 */
function walk(start: string, step: (block: string) => string): string {
  let block = start;
  do block = step(block);
  while (!UUID.test(block));
  return block.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
