/**
 * The context of use cases when an operator runs a command. Someone who can run commands on the machine has the
 * database and the secret already, so further authentication would protect nothing. Only commands may create it.
 */
import { type Ctx, contextWithoutRequest, type Parts } from '#core/context.ts';

/** One per command. The audit log shows `operator` as the origin, and no IP address. */
export function operatorContext(parts: Parts): Ctx {
  return contextWithoutRequest(parts, 'operator');
}
