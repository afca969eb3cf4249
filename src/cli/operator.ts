/**
 * What use cases get when an operator runs a command on the machine itself. Whoever can do that has the database and
 * the secret, so there is nothing left to ask them for; only the commands may build this.
 */
import { type Ctx, contextWithoutRequest, type Parts } from '#core/context.ts';

/** One for each command; the record shows `operator` as its origin, and no address. */
export function operatorContext(parts: Parts): Ctx {
  return contextWithoutRequest(parts, 'operator');
}
