/**
 * Takes from budgets and settles them. What is asked for in one turn of the event loop is taken by one statement, and
 * settled by one, so that people who sign in at once cost the database little more than one of them.
 *
 * Each attempt is counted by itself: it takes from all of its budgets, or from none. Of attempts that draw on the same
 * budget, only one is part of a statement with others; the rest have statements of their own, and wait for each other
 * in the database.
 */
import { together } from '#core/together.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { RESERVE, SETTLE } from './throttle-statements.ts';

/** A budget and its rule, by the key of its row. */
export type Entry = { key: string; limit: number; maxWaitSeconds: number; windowSeconds: number };

/** One attempt: takes one from each budget. The keys of others are only looked at. */
export type Taking = { entries: readonly Entry[]; watched: readonly string[] };

/** A budget that one was taken from, or a watched one that is blocked. */
export type Taken = { key: string; count: number; blockedUntil: Date | null; succeededAt: Date | null };

/** Budgets to reset, others to give back one of, and one whose count is asked for. */
export type Settling = {
  owned: readonly string[];
  shared: readonly string[];
  isSuccess: boolean;
  counted: string | null;
};

export type BudgetLedger = {
  /** What was taken; nothing if one of the budgets is blocked. If someone else blocks one meanwhile, it is missing. */
  take: (taking: Taking) => Promise<Taken[]>;
  /** The count that was asked for, in its current window; 0 when nothing was counted. */
  settle: (settling: Settling) => Promise<number>;
};

export function createBudgetLedger({
  database,
  clock,
  tracing,
}: {
  database: Pick<Database, 'query'>;
  clock: Clock;
  tracing: Tracing | null;
}): BudgetLedger {
  async function reserve(takings: readonly Taking[]): Promise<(taking: Taking) => Taken[]> {
    const entries = takings.flatMap((taking, attempt) => taking.entries.map((entry) => ({ ...entry, attempt })));
    const rows = await database.query<Taken & { isTaken: boolean }>(RESERVE, [
      clock(),
      entries.map(({ attempt }) => attempt),
      entries.map(({ key }) => key),
      entries.map(({ limit }) => limit),
      entries.map(({ maxWaitSeconds }) => maxWaitSeconds),
      entries.map(({ windowSeconds }) => windowSeconds),
      [...new Set(takings.flatMap(({ watched }) => watched))],
    ]);
    const taken = new Map<string, Taken>();
    const blocked = new Map<string, Taken>();
    for (const { isTaken, ...row } of rows) (isTaken ? taken : blocked).set(row.key, row);
    return ({ entries: own, watched }) => [
      ...own.flatMap(({ key }) => taken.get(key) ?? []),
      ...watched.flatMap((key) => blocked.get(key) ?? []),
    ];
  }

  const takeApart = async (takings: readonly Taking[]) => {
    const apart = withoutCommon(takings);
    const takenBy = await reserve([...apart]);
    return takings.map((taking) => (apart.has(taking) ? takenBy(taking) : null));
  };
  const takeIfApart = together({ answer: takeApart, tracing, name: RESERVE.name });

  const settle = async (settlings: readonly Settling[]) => {
    const entries = settlings.flatMap(({ owned, shared, isSuccess }) => [
      ...owned.map((key) => ({ key, isOwned: true, isSuccess })),
      ...shared.map((key) => ({ key, isOwned: false, isSuccess })),
    ]);
    const rows = await database.query<{ key: string; count: number }>(SETTLE, [
      clock(),
      entries.map(({ key }) => key),
      entries.map(({ isOwned }) => isOwned),
      entries.map(({ isSuccess }) => isSuccess),
      settlings.flatMap(({ counted }) => counted ?? []),
    ]);
    const counts = new Map(rows.map(({ key, count }) => [key, count]));
    return settlings.map(({ counted }) => counts.get(counted ?? '') ?? 0);
  };

  return {
    take: async (taking) => (await takeIfApart(taking)) ?? (await reserve([taking]))(taking),
    settle: together({ answer: settle, tracing, name: SETTLE.name }),
  };
}

/** Those that draw on no budget on which one before them draws. */
function withoutCommon(takings: readonly Taking[]): Set<Taking> {
  const drawnOn = new Set<string>();
  const apart = new Set<Taking>();
  for (const taking of takings) {
    if (taking.entries.some(({ key }) => drawnOn.has(key))) continue;
    for (const { key } of taking.entries) drawnOn.add(key);
    apart.add(taking);
  }
  return apart;
}
