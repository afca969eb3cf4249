/**
 * Budgets limit how often something may happen. They are counted in the database, so that every face, GraphQL alias,
 * and replica shares one count.
 *
 * A budget is *reserved* before the costly or dangerous step and given back when the step turned out harmless, so
 * parallel attempts cannot exceed it. Counts must survive a refusal, so they are written outside any transaction that
 * may roll back. See the OWASP Authentication Cheat Sheet, "Protect Against Automated Attacks", and NIST SP 800-63B-4
 * section 3.2.2.
 */
import { isIPv6 } from 'node:net';
import { type AuditEventName, audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { hmac } from '#core/secrets.ts';
import { secondsBetween } from '#core/time.ts';
import { TooManyAttemptsError } from '#errors.ts';

/**
 * At most `limit` in `windowSeconds`. Beyond it, callers wait until the window ends or, with `maxWaitSeconds`, for 1,
 * 2, 4 … seconds up to that maximum.
 */
export type BudgetRule = {
  name: string;
  limit: number;
  windowSeconds: number;
  maxWaitSeconds?: number;
  /** The audit event of a refusal. Recorded once per window, so that an attack cannot fill the disk. */
  refusal: AuditEventName & `${string}.throttled`;
};

/** A rule, applied to one account, address, network, or the like. */
export type Budget = {
  rule: BudgetRule;
  /** Whose budget it is. Stored only as a keyed digest. */
  of: string;
  /** The account for which a refusal is recorded, if known. */
  subjectId?: string | null;
};

type Row = { blockedUntil: Date | null };

/**
 * Takes one from a budget that is not blocked; returns no row when it is. $1: now. Each statement here touches one row
 * and commits on its own: nothing is locked while waiting, so there is no deadlock.
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
      -- The window starts with the first attempt; once waits grow, it restarts with each attempt.
      expires_at = CASE WHEN t.expires_at <= $1 OR (excluded.max_wait > 0 AND t.count + 1 >= excluded.capacity)
                        THEN excluded.expires_at ELSE t.expires_at END
      WHERE t.blocked_until IS NULL OR t.blocked_until <= $1
    RETURNING blocked_until AS "blockedUntil"`,
};

/** Until when an exhausted budget refuses ($1: now, $2: key), and whether this is its first refusal in $3 seconds. */
const REFUSE = {
  name: 'refuse-budget',
  text: `
    WITH noted AS (
      UPDATE throttles SET refused_at = $1::timestamptz
       WHERE key = $2 AND (refused_at IS NULL OR refused_at <= $1::timestamptz - make_interval(secs => $3::int))
      RETURNING 1)
    SELECT blocked_until AS "blockedUntil", EXISTS (SELECT 1 FROM noted) AS "isFirst" FROM throttles WHERE key = $2`,
};

/** The count of a budget in its current window. */
const COUNT = { name: 'count-of-budget', text: 'SELECT count FROM throttles WHERE key = $1 AND expires_at > $2' };

/** Resets a budget. */
const CLEAR = { name: 'clear-budget', text: 'DELETE FROM throttles WHERE key = $1' };

/** Gives back one reservation and the wait it caused, but no other. */
const GIVE_BACK = {
  name: 'give-back-budget',
  text: `
    UPDATE throttles SET count = greatest(count - 1, 0),
                         blocked_until = CASE WHEN count - 1 < capacity THEN NULL ELSE blocked_until END
     WHERE key = $1`,
};

/**
 * Takes one from each budget in turn. If one is blocked, takes none and fails with TooManyAttemptsError.
 * Returns, for each budget, until when its next reservation would be refused (null: it would not be).
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
      throw await refusalOf(ctx, budget, now);
    }
    taken.push(row.blockedUntil);
  }
  return taken;
}

/** The error for an exhausted budget; the first refusal in a window goes to the audit log. */
async function refusalOf(ctx: Ctx, budget: Budget, now: Date): Promise<TooManyAttemptsError> {
  const values = [now, keyOf(ctx, budget), budget.rule.windowSeconds];
  const [row] = await ctx.database.query<Row & { isFirst: boolean }>(REFUSE, values);
  if (row?.isFirst) await audit(ctx, budget.rule.refusal, budget.subjectId ?? null);
  return new TooManyAttemptsError(secondsUntil(now, row?.blockedUntil ?? now));
}

/** Gives back one reservation of each budget; waits caused by other attempts stay. */
export async function giveBack(ctx: Ctx, budgets: readonly Budget[]): Promise<void> {
  await Promise.all(budgets.map((budget) => ctx.database.query(GIVE_BACK, [keyOf(ctx, budget)])));
}

/** After a success that proves the owner: resets the `owned` budgets and gives back one reservation of the `shared`. */
export async function settle(ctx: Ctx, owned: readonly Budget[], shared: readonly Budget[]): Promise<void> {
  await Promise.all([...owned.map((budget) => ctx.database.query(CLEAR, [keyOf(ctx, budget)])), giveBack(ctx, shared)]);
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
  const keys = budgets.map((budget) => keyOf(ctx, budget));
  const rows = await ctx.db.throttle.findMany({ where: { key: { in: keys } }, select: { blockedUntil: true } });
  return new Date(Math.max(ctx.clock().getTime(), ...rows.map((row) => row.blockedUntil?.getTime() ?? 0)));
}

/** The network by which an IP address is counted: the address itself (IPv4) or its /64 (IPv6, RFC 6177). */
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
  return Math.max(1, Math.ceil(secondsBetween(now, until)));
}
