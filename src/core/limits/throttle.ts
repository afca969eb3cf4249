/**
 * Budgets: what may happen only so often, counted in the database, so that every face, alias and replica draws on one.
 *
 * A budget is *reserved* before the costly or dangerous step and given back when the step turned out harmless; so
 * parallel attempts cannot run past it. What must survive a refusal is written here, outside any transaction that may
 * roll back. OWASP Authentication Cheat Sheet, «Protect Against Automated Attacks»; NIST SP 800-63B-4 section 3.2.2.
 */
import { isIPv6 } from 'node:net';
import type { Ctx } from '#core/context.ts';
import { hmac } from '#core/secrets.ts';
import { TooManyAttemptsError } from '#errors.ts';

/** `limit` in `windowSeconds`; past it a wait until the window's end or, with `maxWaitSeconds`, of 1, 2, 4 … seconds. */
export type BudgetRule = { name: string; limit: number; windowSeconds: number; maxWaitSeconds?: number };

/** A rule and whom or what it counts. */
export type Budget = { rule: BudgetRule; of: string };

type Row = { blockedUntil: Date | null };

/**
 * Takes one from a budget that is not blocked; gives no row when it is. $1: now. Each statement here touches one row
 * and commits on its own: with nothing held while waiting, there is no deadlock.
 */
const RESERVE = {
  name: 'reserve-budget',
  text: `
    INSERT INTO throttles AS t (key, count, capacity, max_wait, blocked_until, expires_at)
    VALUES ($2, 1, $3::int, $4::int,
            CASE WHEN $3::int > 1 THEN NULL WHEN $4::int > 0 THEN $1::timestamptz + interval '1 second'
                 ELSE $1::timestamptz + make_interval(secs => $5::int) END,
            $1::timestamptz + make_interval(secs => $5::int))
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
    RETURNING blocked_until AS "blockedUntil"`,
};

/** Forgets a budget. */
const CLEAR = { name: 'clear-budget', text: 'DELETE FROM throttles WHERE key = $1' };

/** Takes one reservation back, and the wait it made, but no other. */
const GIVE_BACK = {
  name: 'give-back-budget',
  text: `
    UPDATE throttles SET count = greatest(count - 1, 0),
                         blocked_until = CASE WHEN count - 1 < capacity THEN NULL ELSE blocked_until END
     WHERE key = $1`,
};

/**
 * Takes one from each budget in turn, or fails with TooManyAttemptsError at the first that is blocked and takes none.
 * Gives, for each budget, until when its next reservation would be refused (null: not at all).
 */
export async function reserve(ctx: Ctx, budgets: readonly Budget[]): Promise<(Date | null)[]> {
  const now = ctx.clock();
  const taken: (Date | null)[] = [];
  for (const budget of budgets) {
    const { limit, maxWaitSeconds = 0, windowSeconds } = budget.rule;
    const values = [now, keyOf(ctx, budget), limit, maxWaitSeconds, windowSeconds];
    const [row] = await ctx.database.query<Row>(RESERVE, values);
    if (row === undefined) {
      await giveBack(ctx, budgets.slice(0, taken.length));
      throw new TooManyAttemptsError(secondsUntil(now, await availableAt(ctx, [budget])));
    }
    taken.push(row.blockedUntil);
  }
  return taken;
}

/** Undoes one reservation of each budget; waits that others have earned stay. */
export async function giveBack(ctx: Ctx, budgets: readonly Budget[]): Promise<void> {
  await Promise.all(budgets.map((budget) => ctx.database.query(GIVE_BACK, [keyOf(ctx, budget)])));
}

/** Forgets what was counted, after a success that proves the owner; `shared` budgets get their one reservation back. */
export async function settle(ctx: Ctx, owned: readonly Budget[], shared: readonly Budget[]): Promise<void> {
  await Promise.all([...owned.map((budget) => ctx.database.query(CLEAR, [keyOf(ctx, budget)])), giveBack(ctx, shared)]);
}

/** Until when the next reservation of these budgets would be refused; now when it would not. */
export async function availableAt(ctx: Ctx, budgets: readonly Budget[]): Promise<Date> {
  const keys = budgets.map((budget) => keyOf(ctx, budget));
  const rows = await ctx.db.throttle.findMany({ where: { key: { in: keys } }, select: { blockedUntil: true } });
  return new Date(Math.max(ctx.clock().getTime(), ...rows.map((row) => row.blockedUntil?.getTime() ?? 0)));
}

/** The network an address belongs to for counting: the address itself (IPv4) or its /64 (IPv6, RFC 6177). */
export function networkOf(ipAddress: string | null): string {
  if (ipAddress === null) return 'none';
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

function secondsUntil(now: Date, until: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}
