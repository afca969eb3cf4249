/** Which ways to sign in are open (SIGN_IN_METHODS). */
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

type Method = Config['signInMethods'][number];

export function isOpenMethod({ config }: Pick<Ctx, 'config'>, method: Method): boolean {
  return config.signInMethods.includes(method);
}

/** Fails with ForbiddenError. */
export function requireOpenMethod(ctx: Pick<Ctx, 'config'>, method: Method): void {
  if (!isOpenMethod(ctx, method)) throw new ForbiddenError('SIGN_IN_METHOD_OFF');
}
