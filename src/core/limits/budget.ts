/** A budget in use, and the row of the database that counts it. */
import type { Ctx } from '#core/context.ts';
import { hmac } from '#core/secrets.ts';
import { secondsAfter } from '#core/time.ts';
import type { Entry } from './budget-ledger.ts';
import { type BudgetName, ruleOf } from './budgets.ts';

/** A budget of the table, applied to one account, address, network, or the like. */
export type Budget = {
  name: BudgetName;
  /** Whose budget it is. Stored only as a keyed digest. */
  of: string;
  /** The account for which a refusal is recorded, if known. */
  subjectId?: string | null;
};

/** The key of its row, which names nobody. */
export function keyOf(ctx: Ctx, { name, of }: Budget): string {
  return `${name}:${hmac(ctx.secrets.throttleKey, `${name}:${of}`).toString('base64url')}`;
}

export function keysOf(ctx: Ctx, budgets: readonly Budget[]): string[] {
  return budgets.map((budget) => keyOf(ctx, budget));
}

/** The key of its row, with the rule that the database applies. */
export function entryOf(ctx: Ctx, budget: Budget): Entry {
  const { limit, maxWaitSeconds = 0, windowSeconds } = ruleOf(budget.name);
  return { key: keyOf(ctx, budget), limit, maxWaitSeconds, windowSeconds };
}

/**
 * When a wait ends, in milliseconds since 1970; 0 without one. A wait from before the clock was set back is not longer
 * than one that begins now.
 */
export function endOfWait({ name }: Budget, blockedUntil: Date | null, now: Date): number {
  const { maxWaitSeconds, windowSeconds } = ruleOf(name);
  const latest = secondsAfter(now, maxWaitSeconds ?? windowSeconds);
  return blockedUntil === null ? 0 : Math.min(blockedUntil.getTime(), latest.getTime());
}
