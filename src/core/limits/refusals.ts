/** Counts what the budgets refuse in this process, since it started: for metrics. */
import { BUDGET_NAMES, type BudgetName } from './budgets.ts';

export type Refusals = {
  count: (name: BudgetName) => void;
  /** Every budget of the table, also those that have refused nothing yet. */
  counts: () => Readonly<Record<BudgetName, number>>;
};

export function createRefusals(): Refusals {
  const counts = Object.fromEntries(BUDGET_NAMES.map((name) => [name, 0])) as Record<BudgetName, number>;
  return {
    count: (name) => {
      counts[name] += 1;
    },
    counts: () => ({ ...counts }),
  };
}
