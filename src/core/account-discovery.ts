/**
 * Whether somebody who asks may learn that an address has an account. The documented REST APIs have always told; GraphQL
 * tells only where the operator wants it (OWASP Authentication Cheat Sheet, «Authentication and Error Messages»).
 */
import type { Ctx } from './context.ts';

/** Which kind of client asks. */
export type Face = 'graphql' | 'rest';

export function tellsAccounts({ config }: Pick<Ctx, 'config'>, face: Face): boolean {
  if (config.accountDiscovery === 'reveal') return true;
  return config.accountDiscovery === 'conceal' && face === 'rest';
}
