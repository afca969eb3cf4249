/**
 * Whether callers may learn that an email address has an account. The documented REST APIs have always revealed it;
 * GraphQL reveals it only if the operator wants that (OWASP Authentication Cheat Sheet, "Authentication and Error
 * Messages").
 */
import type { Ctx } from '#core/context.ts';
import type { Budget } from '#core/limits/budget.ts';
import { networkOf } from '#core/limits/network.ts';

/** The API that the client uses. */
export type Face = 'graphql' | 'rest';

/** The budget for asking whether addresses have accounts, so that nobody can try a whole list. */
export function discoveryBudget({ caller }: Pick<Ctx, 'caller'>): Budget {
  return { name: 'email-availability', of: networkOf(caller.ipAddress) };
}

/** Whether an answer of this API may reveal that an address has an account (ACCOUNT_DISCOVERY). */
export function revealsAccounts({ config }: Pick<Ctx, 'config'>, face: Face): boolean {
  if (config.accountDiscovery === 'reveal') return true;
  return config.accountDiscovery === 'conceal' && face === 'rest';
}
