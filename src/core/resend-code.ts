/**
 * Resend codes: what a client is given after the right password of an account that is not verified, so that it can ask
 * for the mail again without knowing the address (people sign in with username or phone, too).
 *
 * The code is the user's id, encrypted, in the form of a UUID. Nothing is stored, and it is worth nothing but a mail to
 * the owner, within the budgets of mails. It has no end of its own: once the address is verified no mail goes out.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { parse } from 'uuid';
import type { Ctx } from './context.ts';

/** AES over exactly one block: a permutation of the ids under a key of ours, so that nobody else can name one. */
const CIPHER = 'aes-256-ecb';

export function resendCodeOf(ctx: Pick<Ctx, 'secrets'>, userId: string): string {
  const cipher = createCipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return asUuid(Buffer.concat([cipher.update(parse(userId)), cipher.final()]));
}

/** The id that was encrypted; for a code we did not make, one that no user has; null for what is no UUID at all. */
export function userIdOfResendCode(ctx: Pick<Ctx, 'secrets'>, code: string): string | null {
  const hex = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(code) ? code.replaceAll('-', '') : null;
  if (hex === null) return null;
  const decipher = createDecipheriv(CIPHER, ctx.secrets.resendCode, null).setAutoPadding(false);
  return asUuid(Buffer.concat([decipher.update(Buffer.from(hex, 'hex')), decipher.final()]));
}

function asUuid(block: Buffer): string {
  return block.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
