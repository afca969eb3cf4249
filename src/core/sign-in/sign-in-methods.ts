/** Which ways to sign in are open (SIGN_IN_METHODS). */
import type { Ctx } from '#core/context.ts';
import type { FirstFactor } from '#core/tokens/authentication-claims.ts';
import { ForbiddenError } from '#errors.ts';

/** Fails with ForbiddenError. */
export function requireOpenMethod({ config }: Pick<Ctx, 'config'>, method: FirstFactor): void {
  if (!config.signInMethods.includes(method)) throw new ForbiddenError('SIGN_IN_METHOD_OFF');
}
