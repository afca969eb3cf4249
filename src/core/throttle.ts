/**
 * Budgets: what may happen only so often, counted in the database, so that every face, alias and replica draws on one.
 *
 * A budget is *reserved* before the costly or dangerous step and given back when the step turned out harmless; so
 * parallel attempts cannot run past it. One upsert takes several budgets at once. What must survive a refusal is
 * written here, outside any transaction that may roll back. OWASP Authentication Cheat Sheet, «Protect Against
 * Automated Attacks»; NIST SP 800-63B-4 section 3.2.2.
 */
import { isIPv6 } from 'node:net';
import { TooManyAttemptsError } from '#errors.ts';
import type { Ctx } from './context.ts';
import { hmac } from './secrets.ts';

/** `limit` in `windowSeconds`; past it a wait until the window's end or, with `maxWaitSeconds`, of 1, 2, 4 … seconds. */
export type BudgetRule = { name: string; limit: number; windowSeconds: number; maxWaitSeconds?: number };

/** A rule and whom or what it counts. */
export type Budget = { rule: BudgetRule; of: string };

type Row = { key: string; blockedUntil: Date | null };

/**
 * Takes one from each budget unless one of them is blocked, and gives those it took from. $1: now. The rows are locked
 * in the order of their keys, here and below: two statements never wait for each other.
 */
const RESERVE = {
  name: 'reserve-budgets',
  text: `
    WITH held AS (
      SELECT blocked_until FROM throttles WHERE key = ANY($2::text[]) ORDER BY key COLLATE "C" FOR UPDATE
    )
    INSERT INTO throttles AS t (key, count, capacity, max_wait, blocked_until, expires_at)
    SELECT key, 1, capacity, max_wait,
           CASE WHEN capacity > 1 THEN NULL WHEN max_wait > 0 THEN $1::timestamptz + interval '1 second'
                ELSE $1::timestamptz + make_interval(secs => seconds) END,
           $1::timestamptz + make_interval(secs => seconds)
      FROM unnest($2::text[], $3::int[], $4::int[], $5::int[]) AS budget(key, capacity, max_wait, seconds)
     WHERE NOT EXISTS (SELECT FROM held WHERE blocked_until > $1)
    ON CONFLICT (key) DO UPDATE SET
      capacity = excluded.capacity,
      max_wait = excluded.max_wait,
      count = CASE WHEN t.expires_at <= $1 THEN 1 ELSE t.count + 1 END,
      blocked_until = CASE
        WHEN t.expires_at <= $1 THEN excluded.blocked_until
        WHEN t.count + 1 < excluded.capacity THEN NULL
        WHEN excluded.max_wait > 0 THEN $1::timestamptz
          + make_interval(secs => least(excluded.max_wait, power(2, least(t.count + 1 - excluded.capacity, 20))))
        ELSE t.expires_at END,
      -- The window starts with the first attempt; once waits are growing, it starts again with each.
      expires_at = CASE WHEN t.expires_at <= $1 OR (excluded.max_wait > 0 AND t.count + 1 >= excluded.capacity)
                        THEN excluded.expires_at ELSE t.expires_at END
      WHERE t.blocked_until IS NULL OR t.blocked_until <= $1
    RETURNING key, blocked_until AS "blockedUntil"`,
};

/** Forgets the budgets $1; takes one reservation back from each of $2, and the wait it made, but no other. */
const SETTLE = {
  name: 'settle-budgets',
  text: `
    WITH held AS (
      SELECT key FROM throttles WHERE key = ANY($1::text[] || $2::text[]) ORDER BY key COLLATE "C" FOR UPDATE
    ), cleared AS (
      DELETE FROM throttles t USING held WHERE t.key = held.key AND t.key = ANY($1::text[])
    )
    UPDATE throttles t SET count = greatest(t.count - 1, 0),
                           blocked_until = CASE WHEN t.count - 1 < t.capacity THEN NULL ELSE t.blocked_until END
      FROM held WHERE t.key = held.key AND t.key = ANY($2::text[])`,
};

/**
 * Takes one from each budget, or fails with TooManyAttemptsError and takes none.
 * Gives, for each budget, until when its next reservation would be refused (null: not at all).
 */
export async function reserve(ctx: Ctx, budgets: readonly Budget[]): Promise<(Date | null)[]> {
  const now = ctx.clock();
  // In the order of their keys, as the rows are locked.
  const rows = budgets
    .map((budget) => ({ ...budget.rule, key: keyOf(ctx, budget) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const taken = await ctx.database.query<Row>(RESERVE, [
    now,
    rows.map((row) => row.key),
    rows.map((row) => row.limit),
    rows.map((row) => row.maxWaitSeconds ?? 0),
    rows.map((row) => row.windowSeconds),
  ]);
  if (taken.length < rows.length) {
    const takenKeys = taken.map((row) => row.key);
    if (takenKeys.length > 0) await ctx.database.query(SETTLE, [[], takenKeys]);
    const refused = rows.map((row) => row.key).filter((key) => !takenKeys.includes(key));
    throw new TooManyAttemptsError(secondsUntil(now, await blockedUntil(ctx, refused)));
  }
  const until = new Map(taken.map((row) => [row.key, row.blockedUntil]));
  return budgets.map((budget) => until.get(keyOf(ctx, budget)) ?? null);
}

/** Undoes one reservation of each budget; waits that others have earned stay. */
export async function giveBack(ctx: Ctx, budgets: readonly Budget[]): Promise<void> {
  await settle(ctx, [], budgets);
}

/** Forgets what was counted, after a success that proves the owner; `shared` budgets get their one reservation back. */
export async function settle(ctx: Ctx, owned: readonly Budget[], shared: readonly Budget[]): Promise<void> {
  const keysOf = (list: readonly Budget[]) => list.map((budget) => keyOf(ctx, budget));
  await ctx.database.query(SETTLE, [keysOf(owned), keysOf(shared)]);
}

/** Until when the next reservation of these budgets would be refused; now when it would not. */
export async function availableAt(ctx: Ctx, budgets: readonly Budget[]): Promise<Date> {
  return (
    (await blockedUntil(
      ctx,
      budgets.map((budget) => keyOf(ctx, budget)),
    )) ?? ctx.clock()
  );
}

/** The network an address belongs to for counting: the address itself (IPv4) or its /64 (IPv6, RFC 6177). */
export function networkOf(ipAddress: string): string {
  if (!isIPv6(ipAddress)) return ipAddress;
  const [head = '', tail] = (ipAddress.split('%')[0] ?? '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [
    ...left,
    ...Array(tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)).fill('0'),
    ...right,
  ];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function keyOf(ctx: Ctx, budget: Budget): string {
  return `${budget.rule.name}:${hmac(ctx.secrets.throttleKey, `${budget.rule.name}:${budget.of}`).toString('base64url')}`;
}

async function blockedUntil(ctx: Ctx, keys: readonly string[]): Promise<Date | null> {
  const rows = await ctx.db.throttle.findMany({ where: { key: { in: [...keys] } }, select: { blockedUntil: true } });
  const now = ctx.clock();
  const times = rows.map((row) => row.blockedUntil).filter((time) => time !== null && time > now);
  return times.reduce<Date | null>((latest, time) => (latest === null || (time ?? now) > latest ? time : latest), null);
}

function secondsUntil(now: Date, until: Date | null): number {
  return Math.max(1, Math.ceil(((until ?? now).getTime() - now.getTime()) / 1000));
}
