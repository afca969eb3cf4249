/** Counts what the budgets refuse in this process, since it started: for metrics. */
export type Refusals = {
  count: (budget: string) => void;
  /** By the name of the budget; 0 for those that have refused nothing yet. */
  counts: () => ReadonlyMap<string, number>;
};

/** @param budgets the names of the table in budgets.ts */
export function createRefusals(budgets: readonly string[]): Refusals {
  const counts = new Map(budgets.map((name) => [name, 0]));
  return {
    count: (budget) => {
      counts.set(budget, (counts.get(budget) ?? 0) + 1);
    },
    counts: () => counts,
  };
}
