/**
 * Removes what is older than AUDIT_RETENTION from the audit log: a month as a whole, once its last event is that old.
 * So an event stays for up to a month longer. A table that is dropped costs the same, however many events it holds.
 */

import { type Ctx, inTransaction } from '#core/context.ts';
import { makeAuditMonths } from '#core/database/audit-months.ts';
import { secondsAfter } from '#core/time.ts';

const BATCH = 1000;

/** Makes the months ahead, and drops those that are over their time. Returns how many months that were. */
export async function turnAuditMonths(ctx: Ctx): Promise<number> {
  const made = await makeAuditMonths(ctx);
  const [row] = await ctx.db.$queryRaw<{ dropped: string[] }[]>`
    CALL drop_audit_months(${lastDay(ctx)}::timestamptz, NULL)`;
  const dropped = row?.dropped ?? [];
  if (dropped.length > 0) ctx.log.info({ dropped }, 'months of the audit log dropped');
  return made.length + dropped.length;
}

/**
 * Events in a part that is longer than a month are deleted one by one: those from before the audit log was divided, and
 * those that were written or imported when nobody had made their month. The database lets nothing else delete events.
 */
export async function removeAuditEvents(ctx: Ctx): Promise<number> {
  const before = lastDay(ctx);
  return inTransaction(ctx, async (tx) => {
    const [part] = await tx.db.$queryRaw<{ isLong: boolean }[]>`
      SELECT starts < ends - interval '31 days' AS "isLong" FROM audit_parts()
       WHERE starts < ${before}::timestamptz AND ends > ${before}::timestamptz`;
    if (!part?.isLong) return 0;
    await tx.db.$executeRaw`SET LOCAL latchkey.audit_retention = 'on'`;
    return tx.db.$executeRaw`
      DELETE FROM audit_events WHERE occurred_at < ${before}::timestamptz AND id IN (
        SELECT id FROM audit_events WHERE occurred_at < ${before}::timestamptz
         ORDER BY occurred_at, id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  });
}

function lastDay(ctx: Ctx): Date {
  return secondsAfter(ctx.clock(), -ctx.config.auditRetentionSeconds);
}
