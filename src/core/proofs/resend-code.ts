/**
 * Resend codes. A client gets one after the correct password of an unverified account, so that it can request the
 * verification email again without knowing the address: people also sign in with a username or phone number.
 *
 * The code is the user's id, turned into another UUID. Nothing is stored. All it can do is send an email to the owner,
 * within the limits for emails. It is valid until SECRET changes, but once the address is verified, no more emails are
 * sent.
 */
import type { KeyObject } from 'node:crypto';
import type { Ctx } from '#core/context.ts';
import { hmac } from '#core/secrets.ts';

/** A UUID of any version and the usual variant (RFC 9562 section 4): imported users keep their own ids. */
const UUID = /^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$/;
/** As many as FF1 has (NIST SP 800-38G). Four already make a permutation that looks random. */
const ROUNDS = 10;

/** The resend code of a user. */
export function resendCodeOf(ctx: Pick<Ctx, 'secrets'>, userId: string): string {
  return walk(userId.replaceAll('-', ''), (block) => permuted(ctx.secrets.resendCode, block));
}

/** The user id in a code. For a UUID that is not a resend code, an id that no user has; null for anything else. */
export function userIdOfResendCode(ctx: Pick<Ctx, 'secrets'>, code: string): string | null {
  const hex = code.toLowerCase().replaceAll('-', '');
  if (!UUID.test(hex)) return null;
  // The inverse of a Feistel network is the same network with the halves exchanged and the rounds in reverse order.
  return walk(hex, (block) => exchanged(permuted(ctx.secrets.resendCode, exchanged(block), -1)));
}

/** A Feistel network (Luby and Rackoff 1988) over 128 bits, whose round function is HMAC-SHA256. */
function permuted(key: KeyObject, block: string, direction: 1 | -1 = 1): string {
  let [left, right] = [BigInt(`0x${block.slice(0, 16)}`), BigInt(`0x${block.slice(16)}`)];
  for (let step = 0; step < ROUNDS; step++) {
    const round = direction === 1 ? step : ROUNDS - 1 - step;
    [left, right] = [right, left ^ hmac(key, `${round} ${hexOf(right)}`).readBigUInt64BE()];
  }
  return hexOf(left) + hexOf(right);
}

function hexOf(half: bigint): string {
  return half.toString(16).padStart(16, '0');
}

function exchanged(block: string): string {
  return block.slice(16) + block.slice(0, 16);
}

/**
 * Permutes repeatedly until the block is a UUID again. This turns the permutation of blocks into a permutation of UUIDs
 * ("cycle walking", Black and Rogaway 2002). One block in eight is a UUID, so it takes eight steps on average.
 */
function walk(start: string, step: (block: string) => string): string {
  let block = start;
  do block = step(block);
  while (!UUID.test(block));
  return block.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
