/**
 * Whether callers may learn that an email address has an account. The documented REST APIs have always revealed it;
 * GraphQL reveals it only if the operator wants that (OWASP Authentication Cheat Sheet, "Authentication and Error
 * Messages").
 */
import type { Ctx } from '#core/context.ts';
import { type Budget, networkOf } from '#core/limits/throttle.ts';

/** The API that the client uses. */
export type Face = 'graphql' | 'rest';

/** 30 addresses from one network within 5 minutes, then waits of 1, 2, 4 … 300 s. */
const BY_NETWORK = {
  name: 'email-availability',
  limit: 30,
  windowSeconds: 300,
  maxWaitSeconds: 300,
  refusal: 'discovery.throttled',
} as const;

/** The budget for asking whether addresses have accounts, so that nobody can try a whole list. */
export function discoveryBudget({ caller }: Pick<Ctx, 'caller'>): Budget {
  return { rule: BY_NETWORK, of: networkOf(caller.ipAddress) };
}

export function tellsAccounts({ config }: Pick<Ctx, 'config'>, face: Face): boolean {
  if (config.accountDiscovery === 'reveal') return true;
  return config.accountDiscovery === 'conceal' && face === 'rest';
}
