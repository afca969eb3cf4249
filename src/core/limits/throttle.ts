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
import { hmac } from '#core/secrets.ts';
import { CLOCK_TOLERANCE_SECONDS, secondsAfter, secondsBetween } from '#core/time.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import { type BudgetName, ruleOf } from './budgets.ts';

/** A budget of the table, applied to one account, address, network, or the like. */
export type Budget = {
  name: BudgetName;
  /** Whose budget it is. Stored only as a keyed digest. */
  of: string;
  /** The account for which a refusal is recorded, if known. */
  subjectId?: string | null;
};

/**
 * SQL conditions and values for a stored row `t` and the row `excluded` that is being inserted; $1 is now. A window or
 * a wait that ends later than one that begins now dates from before the clock was set back, and counts as over.
 */
const LATEST = `interval '${CLOCK_TOLERANCE_SECONDS} seconds'`;
const IS_RUNNING = `(t.expires_at > $1 AND t.expires_at <= excluded.expires_at + ${LATEST})`;
const waitEnds = (row: string) =>
  `$1::timestamptz + make_interval(secs => CASE WHEN ${row}.max_wait > 0 THEN ${row}.max_wait ELSE ${row}.seconds END)`;

/**
 * Takes one from each budget, unless one of them is blocked, and returns those taken. $1: now, $2–$5: the budgets; $6:
 * watched ones, which are returned if they are blocked. If someone else blocks a budget at the same moment, it is
 * missing from the result. Every statement here commits by itself and locks its rows in the order of their keys, so
 * there are no deadlocks.
 */
const RESERVE = {
  name: 'reserve-budgets',
  text: `
    WITH wanted AS (
      SELECT * FROM unnest($2::text[], $3::int[], $4::int[], $5::int[]) AS w (key, capacity, max_wait, seconds)
    ), taken AS (
    INSERT INTO throttles AS t (key, count, capacity, max_wait, blocked_until, expires_at)
    SELECT key, 1, capacity, max_wait,
           CASE WHEN capacity > 1 THEN NULL WHEN max_wait > 0 THEN $1::timestamptz + interval '1 second'
                ELSE $1::timestamptz + make_interval(secs => seconds) END,
           $1::timestamptz + make_interval(secs => seconds)
      FROM wanted
     WHERE NOT EXISTS (SELECT 1 FROM throttles b JOIN wanted w ON w.key = b.key
                        WHERE b.blocked_until > $1::timestamptz AND b.blocked_until <= ${waitEnds('w')} + ${LATEST})
     ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
      capacity = excluded.capacity,
      max_wait = excluded.max_wait,
      count = CASE WHEN ${IS_RUNNING} THEN t.count + 1 ELSE 1 END,
      blocked_until = CASE
        WHEN NOT ${IS_RUNNING} THEN excluded.blocked_until
        WHEN t.count + 1 < excluded.capacity THEN NULL
        WHEN excluded.max_wait > 0 THEN $1::timestamptz
          + make_interval(secs => least(excluded.max_wait, power(2, least(t.count + 1 - excluded.capacity, 20))))
        ELSE t.expires_at END,
      -- The window starts with the first attempt; once waits grow, it restarts with each attempt.
      expires_at = CASE WHEN NOT ${IS_RUNNING} OR (excluded.max_wait > 0 AND t.count + 1 >= excluded.capacity)
                        THEN excluded.expires_at ELSE t.expires_at END
      WHERE t.blocked_until IS NULL OR t.blocked_until <= $1
         OR t.blocked_until > ${LATEST} + CASE WHEN excluded.max_wait > 0
              THEN $1::timestamptz + make_interval(secs => excluded.max_wait) ELSE excluded.expires_at END
    RETURNING key, count, blocked_until, succeeded_at)
    SELECT key, count, blocked_until AS "blockedUntil", succeeded_at AS "succeededAt" FROM taken
    UNION ALL
    SELECT key, count, blocked_until, succeeded_at FROM throttles
     WHERE key = ANY($6::text[]) AND blocked_until > $1::timestamptz`,
};

/** Which of the budgets refuse, until when, and whether this is the first refusal in their window. $1: now. */
const REFUSE = {
  name: 'refuse-budgets',
  text: `
    WITH blocked AS (
      SELECT t.key, t.blocked_until, w.seconds
        FROM throttles t JOIN unnest($2::text[], $3::int[]) AS w (key, seconds) ON w.key = t.key
       WHERE t.blocked_until > $1::timestamptz),
    due AS (
      SELECT t.key FROM throttles t JOIN blocked b ON b.key = t.key
       WHERE t.refused_at IS NULL OR t.refused_at <= $1::timestamptz - make_interval(secs => b.seconds)
          OR t.refused_at > $1::timestamptz + ${LATEST}
       ORDER BY t.key FOR UPDATE OF t),
    noted AS (
      UPDATE throttles t SET refused_at = $1::timestamptz FROM due WHERE t.key = due.key RETURNING t.key)
    SELECT key, blocked_until AS "blockedUntil", EXISTS (SELECT 1 FROM noted n WHERE n.key = blocked.key) AS "isFirst"
      FROM blocked`,
};

/** The count of a budget in its current window. */
const COUNT = { name: 'count-of-budget', text: 'SELECT count FROM throttles WHERE key = $1 AND expires_at > $2' };

/**
 * Resets the budgets $2, and gives back one reservation of the others in $1 with the wait it caused. $3: now, $4:
 * whether it is because of a success. Returns the count of $5, which is none of them.
 */
const SETTLE = {
  name: 'settle-budgets',
  text: `
    WITH held AS (SELECT key FROM throttles WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE
    ), settled AS (
      UPDATE throttles t SET
        count = CASE WHEN t.key = ANY($2::text[]) THEN 0 ELSE greatest(t.count - 1, 0) END,
        blocked_until = CASE WHEN t.key = ANY($2) OR t.count - 1 < t.capacity THEN NULL ELSE t.blocked_until END,
        expires_at = CASE WHEN t.key = ANY($2) THEN $3::timestamptz ELSE t.expires_at END,
        succeeded_at = CASE WHEN $4::boolean AND t.key <> ALL($2) THEN $3::timestamptz ELSE t.succeeded_at END
        FROM held WHERE t.key = held.key)
    SELECT count FROM throttles WHERE key = $5 AND expires_at > $3::timestamptz`,
};

type Row = { key: string; blockedUntil: Date | null };
type Taken = Row & { count: number; succeededAt: Date | null };

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
  const keys = keysOf(ctx, budgets);
  const watchedKeys = keysOf(ctx, watched);
  const rules = budgets.map(({ name }) => ruleOf(name));
  const rows = await ctx.database.query<Taken>(RESERVE, [
    now,
    keys,
    rules.map(({ limit }) => limit),
    rules.map(({ maxWaitSeconds = 0 }) => maxWaitSeconds),
    rules.map(({ windowSeconds }) => windowSeconds),
    watchedKeys,
  ]);
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
  const { limit, maxWaitSeconds = 0, windowSeconds } = ruleOf(budget.name);
  const values = [ctx.clock(), [keyOf(ctx, budget)], [limit], [maxWaitSeconds], [windowSeconds], []];
  return (await ctx.database.query<Taken>(RESERVE, values)).length > 0;
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
  const ownedKeys = keysOf(ctx, owned);
  const keys = [...ownedKeys, ...keysOf(ctx, shared)];
  const values = [keys, ownedKeys, ctx.clock(), isSuccess, counted && keyOf(ctx, counted)];
  const [row] = await ctx.database.query<{ count: number }>(SETTLE, values);
  return row?.count ?? 0;
}

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

/** In milliseconds since 1970. A wait from before the clock was set back is not longer than one that begins now. */
function endOfWait({ name }: Budget, blockedUntil: Date | null, now: Date): number {
  const { maxWaitSeconds, windowSeconds } = ruleOf(name);
  const latest = secondsAfter(now, maxWaitSeconds ?? windowSeconds);
  return blockedUntil === null ? 0 : Math.min(blockedUntil.getTime(), latest.getTime());
}

/** Which budgets refuse someone now, and how many of each. For operators: `latchkey doctor`. */
export async function exhaustedBudgets(
  ctx: Pick<Ctx, 'database'>,
  now: Date,
): Promise<{ name: string; count: number }[]> {
  return ctx.database.query<{ name: string; count: number }>(EXHAUSTED, [now]);
}

const EXHAUSTED = {
  name: 'exhausted-budgets',
  text: `SELECT split_part(key, ':', 1) AS name, count(*)::int AS count FROM throttles
          WHERE blocked_until > $1::timestamptz GROUP BY 1 ORDER BY 1`,
};

function keysOf(ctx: Ctx, budgets: readonly Budget[]): string[] {
  return budgets.map((budget) => keyOf(ctx, budget));
}

function keyOf(ctx: Ctx, { name, of }: Budget): string {
  return `${name}:${hmac(ctx.secrets.throttleKey, `${name}:${of}`).toString('base64url')}`;
}

function secondsUntil(now: Date, until: Date): number {
  return Math.max(1, Math.ceil(secondsBetween(now, until)));
}
