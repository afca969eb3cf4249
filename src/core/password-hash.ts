/** Hashing within the bounded slots of the process. Never inside a transaction: a hash takes longer than any query. */
import type { Ctx } from './context.ts';
import { normalisePassword } from './password.ts';
import { type Budget, giveBack } from './throttle.ts';

/** The Argon2id PHC string of an accepted password. Fails with ServiceBusyError. */
export async function hashPassword(ctx: Ctx, password: string): Promise<string> {
  return ctx.passwordHasher.hash(password);
}

/**
 * Whether the password is the one that was hashed. A missing hash (unknown, password-less account) costs the same and
 * never matches. Fails with ServiceBusyError, and then gives the reserved budgets back: nothing was tried.
 */
export async function verifyPassword(ctx: Ctx, hash: string | null, password: string, reserved: readonly Budget[]) {
  return ctx.passwordHasher.verify(hash, normalisePassword(password)).catch(async (error) => {
    await giveBack(ctx, reserved);
    throw error;
  });
}
