/**
 * Takes from the budgets of budgets.ts. They are counted in the database, so that every face, GraphQL alias, and
 * replica shares one count.
 *
 * A budget is *reserved* before the costly or dangerous step and given back when the step turned out harmless, so
 * parallel attempts cannot exceed it. Counts must survive a refusal, so they are written outside any transaction that
 * may roll back. See the OWASP Authentication Cheat Sheet, "Protect Against Automated Attacks", and NIST SP 800-63B-4
 * section 3.2.2.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { secondsBetween } from '#core/time.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import { type Budget, endOfWait, entryOf, keyOf, keysOf } from './budget.ts';
import { ruleOf } from './budgets.ts';
import { REFUSE } from './throttle-statements.ts';

type Row = { key: string; blockedUntil: Date | null };

/** The state of a budget after one was taken from it. */
export type Reserved = {
  /** How many are taken in this window. */
  count: number;
  /** Until when the next reservation would be refused; null if it would not be. */
  blockedUntil: Date | null;
  /** When `settle` last returned one because of a success; null if it never did. */
  succeededAt: Date | null;
};

/**
 * Takes one from each budget. If one is blocked, takes none and fails with TooManyAttemptsError.
 * @param watched others that are only looked at
 * @returns the state of each budget, and which of the watched ones are exhausted
 */
export async function reserve(
  ctx: Ctx,
  budgets: readonly Budget[],
  watched: readonly Budget[] = [],
): Promise<{ states: Reserved[]; exhausted: Budget[] }> {
  const now = ctx.clock();
  const entries = budgets.map((budget) => entryOf(ctx, budget));
  const keys = entries.map(({ key }) => key);
  const watchedKeys = keysOf(ctx, watched);
  const rows = await ctx.budgetLedger.take({ entries, watched: watchedKeys });
  const found = new Map(rows.map(({ key, ...state }) => [key, state]));
  const states = keys.map((key) => found.get(key)).filter((state) => state !== undefined);
  if (states.length === budgets.length) {
    return { states, exhausted: watched.filter((_, at) => found.has(watchedKeys[at] ?? '')) };
  }
  await giveBack(
    ctx,
    budgets.filter((_, at) => found.has(keys[at] ?? '')),
  );
  throw await refusalOf(ctx, budgets, now);
}

/** The error for exhausted budgets; the first refusal of each in its window goes to the audit log. */
async function refusalOf(ctx: Ctx, budgets: readonly Budget[], now: Date): Promise<TooManyAttemptsError> {
  const windows = budgets.map(({ name }) => ruleOf(name).windowSeconds);
  const values = [now, keysOf(ctx, budgets), windows];
  const rows = await ctx.database.query<Row & { isFirst: boolean }>(REFUSE, values);
  let needsEmail = false;
  for (const budget of budgets) {
    const row = rows.find(({ key }) => key === keyOf(ctx, budget));
    if (row === undefined) continue;
    const { refusal, requiresEmailProof } = ruleOf(budget.name);
    ctx.refusals.count(budget.name);
    if (row.isFirst && refusal !== undefined) await audit(ctx, refusal, budget.subjectId ?? null);
    needsEmail ||= requiresEmailProof ?? false;
  }
  const ends = budgets.map((budget) => {
    const { blockedUntil = null } = rows.find(({ key }) => key === keyOf(ctx, budget)) ?? {};
    return endOfWait(budget, blockedUntil, now);
  });
  const latest = Math.max(now.getTime(), ...ends);
  return new TooManyAttemptsError(secondsUntil(now, new Date(latest)), { requiresEmailProof: needsEmail });
}

/**
 * Runs at most as many `work` at once, in this process, as the budget allows: many good attempts at once wait for each
 * other and are not mistaken for many bad ones.
 */
export function inTurnOf<T>(ctx: Ctx, { name, of }: Budget, work: () => Promise<T>): Promise<T> {
  return ctx.keyedQueue.run(`${name} ${of}`, ruleOf(name).limit, work);
}

/** Records that an exhausted budget made a difference, where it does not refuse by itself. */
export async function noteExhausted(ctx: Ctx, budget: Budget): Promise<void> {
  await refusalOf(ctx, [budget], ctx.clock());
}

/** Takes one from a budget. False if it is exhausted; nobody is refused, so nothing is recorded. */
export async function takeOne(ctx: Ctx, budget: Budget): Promise<boolean> {
  return (await ctx.budgetLedger.take({ entries: [entryOf(ctx, budget)], watched: [] })).length > 0;
}

/** Gives back one reservation of each budget; waits caused by other attempts stay. */
export async function giveBack(ctx: Ctx, budgets: readonly Budget[]): Promise<void> {
  await update(ctx, [], budgets, false);
}

/**
 * After a success that proves the owner: resets the `owned` budgets and gives back one reservation of the `shared`.
 * @returns the count of another budget, as `countOf`
 */
export async function settle(
  ctx: Ctx,
  owned: readonly Budget[],
  shared: readonly Budget[],
  counted: Budget | null = null,
): Promise<number> {
  return update(ctx, owned, shared, true, counted);
}

async function update(
  ctx: Ctx,
  owned: readonly Budget[],
  shared: readonly Budget[],
  isSuccess: boolean,
  counted: Budget | null = null,
): Promise<number> {
  if (owned.length + shared.length === 0 && counted === null) return 0;
  return ctx.budgetLedger.settle({
    owned: keysOf(ctx, owned),
    shared: keysOf(ctx, shared),
    isSuccess,
    counted: counted && keyOf(ctx, counted),
  });
}

function secondsUntil(now: Date, until: Date): number {
  return Math.max(1, Math.ceil(secondsBetween(now, until)));
}
