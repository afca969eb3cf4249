/**
 * The audit log is a partitioned table: the events of a month (UTC) are a table of their own. What makes and drops
 * these tables is in the database (migration `audit_by_month`), because the service may have no right to change the
 * schema.
 */
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';

/**
 * Makes what is missing of this month and the next three. Returns the names of the new tables. Safe on any number of
 * replicas, but not in a transaction that goes on: until it ends, nobody else reads or writes events.
 */
export async function makeAuditMonths({ db, clock, log }: { db: PrismaDb; clock: Clock; log: Log }): Promise<string[]> {
  const [row] = await db.$queryRaw<{ made: string[] }[]>`SELECT make_audit_months(${clock()}::timestamptz) AS made`;
  const made = row?.made ?? [];
  if (made.length > 0) log.info({ made }, 'months of the audit log made');
  return made;
}

export type AuditMonths = {
  /** The end of the last month that was made. */
  end: Date;
  /** Whether there are events after it. They are kept like all others, but not by month. */
  hasLaterEvents: boolean;
};

/** How far ahead months are made; null if the database was not migrated yet. */
export async function readAuditMonths(database: Database): Promise<AuditMonths | null> {
  const [table] = await database.query<{ isDivided: boolean }>(IS_DIVIDED, []);
  if (!table?.isDivided) return null;
  const [months] = await database.query<AuditMonths>(MONTHS, []);
  return months ?? null;
}

const IS_DIVIDED = {
  name: 'audit-is-divided',
  text: `SELECT to_regprocedure('audit_parts()') IS NOT NULL AS "isDivided"`,
};
const MONTHS = {
  name: 'audit-months',
  text: `
    SELECT starts AS "end", EXISTS (SELECT FROM audit_events WHERE occurred_at >= starts) AS "hasLaterEvents"
      FROM audit_parts() WHERE ends = 'infinity'`,
};
