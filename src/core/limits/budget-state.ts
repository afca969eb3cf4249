/** What budgets have counted, and when they give again. */
import type { Ctx } from '#core/context.ts';
import { type Budget, endOfWait, keyOf, keysOf } from './budget.ts';
import { COUNT, EXHAUSTED } from './throttle-statements.ts';

/** The count of a budget in its current window; 0 when nothing was counted. */
export async function countOf(ctx: Ctx, budget: Budget): Promise<number> {
  const [row] = await ctx.database.query<{ count: number }>(COUNT, [keyOf(ctx, budget), ctx.clock()]);
  return row?.count ?? 0;
}

/** Like `countOf`, and resets the count on commit; of several transactions at once, only one gets the count. */
export async function takeCount(tx: Ctx, budget: Budget): Promise<number> {
  const [row] = await tx.db.$queryRaw<{ count: number }[]>`
    DELETE FROM throttles WHERE key = ${keyOf(tx, budget)}
    RETURNING CASE WHEN expires_at > ${tx.clock()}::timestamptz THEN count ELSE 0 END AS count`;
  return row?.count ?? 0;
}

/** When the next reservation of these budgets would succeed; now if it would already. */
export async function availableAt(ctx: Ctx, budgets: readonly Budget[]): Promise<Date> {
  const keys = keysOf(ctx, budgets);
  const rows = await ctx.db.throttle.findMany({
    where: { key: { in: keys } },
    select: { key: true, blockedUntil: true },
  });
  const now = ctx.clock();
  const ends = budgets.map((budget, i) => {
    const { blockedUntil = null } = rows.find(({ key }) => key === keys[i]) ?? {};
    return endOfWait(budget, blockedUntil, now);
  });
  return new Date(Math.max(now.getTime(), ...ends));
}

/** Which budgets refuse someone now, and how many of each. For operators: `latchkey doctor`. */
export async function exhaustedBudgets(
  ctx: Pick<Ctx, 'database'>,
  now: Date,
): Promise<{ name: string; count: number }[]> {
  return ctx.database.query<{ name: string; count: number }>(EXHAUSTED, [now]);
}
