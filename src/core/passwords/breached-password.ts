/**
 * Refuses new passwords that are known from data breaches (OWASP ASVS 5.0, 6.2.12; NIST SP 800-63B-4, section 3.1.1.2),
 * if the operator has switched that on. Used wherever someone chooses a password, after everything else has been
 * checked and right before it is hashed.
 *
 * A server that does not answer never keeps anyone from choosing a password: the lists of the service have refused the
 * worst ones by then. Nor does the budget, which only bounds how often anyone can make us ask.
 */
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { networkOf } from '#core/limits/network.ts';
import { reserve } from '#core/limits/throttle.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import type { NormalizedPassword } from './password.ts';

/** Fails with ValidationError. Never call it in a transaction: it waits for another server. */
export async function refuseBreachedPassword(
  ctx: Ctx,
  field: { name: string; password: NormalizedPassword },
): Promise<void> {
  if (ctx.breachedPasswords === null || !(await mayAsk(ctx))) return;
  if ((await ctx.breachedPasswords.has(field.password)) !== true) return;
  const errors = collectFieldErrors();
  errors.add(field.name, 'BREACHED', 'This password is known from a data breach. Choose another one.');
  errors.throwIfAny();
}

/** Operators are on the machine itself; they could ask the server without us. */
async function mayAsk(ctx: Ctx): Promise<boolean> {
  if (ctx.origin !== 'request') return true;
  try {
    await reserve(ctx, [
      { name: 'breach-check', of: networkOf(ctx.caller.ipAddress) },
      { name: 'breach-check-service', of: 'all' },
    ]);
    return true;
  } catch (refusal) {
    if (refusal instanceof TooManyAttemptsError) return false;
    throw refusal;
  }
}
