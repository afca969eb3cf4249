/** Which ways to sign in are open (SIGN_IN_METHODS). */
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

/** Fails with ForbiddenError. */
export function requireOpenMethod({ config }: Pick<Ctx, 'config'>, method: Config['signInMethods'][number]): void {
  if (!config.signInMethods.includes(method)) throw new ForbiddenError('SIGN_IN_METHOD_OFF');
}
