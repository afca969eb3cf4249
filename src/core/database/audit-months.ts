/**
 * The audit log is a partitioned table with one partition for each month (UTC). The functions that create and drop them
 * are in the database (migration `audit_by_month`), because the service may not have the right to change the schema.
 */
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';

/**
 * Creates the missing partitions for this month and the next three. Returns their names. Safe on any number of
 * replicas, but not within a longer transaction: until it ends, nobody else reads or writes events.
 */
export async function makeAuditMonths({ db, clock, log }: { db: PrismaDb; clock: Clock; log: Log }): Promise<string[]> {
  const [row] = await db.$queryRaw<{ made: string[] }[]>`SELECT make_audit_months(${clock()}::timestamptz) AS made`;
  const made = row?.made ?? [];
  if (made.length > 0) log.info({ made }, 'created months of the audit log');
  return made;
}

export type AuditMonths = {
  /** The end of the last month that has a partition. */
  end: Date;
  /** Whether there are events after it. They are stored like all others, but not by month. */
  hasLaterEvents: boolean;
};

/** How far ahead there are partitions; null if the database was not migrated yet. */
export async function readAuditMonths(database: Database): Promise<AuditMonths | null> {
  const [table] = await database.query<{ isPartitioned: boolean }>(IS_PARTITIONED, []);
  if (!table?.isPartitioned) return null;
  const [months] = await database.query<AuditMonths>(MONTHS, []);
  return months ?? null;
}

const IS_PARTITIONED = {
  name: 'audit-is-partitioned',
  text: `SELECT to_regprocedure('audit_parts()') IS NOT NULL AS "isPartitioned"`,
};
const MONTHS = {
  name: 'audit-months',
  text: `
    SELECT starts AS "end", EXISTS (SELECT FROM audit_events WHERE occurred_at >= starts) AS "hasLaterEvents"
      FROM audit_parts() WHERE ends = 'infinity'`,
};
