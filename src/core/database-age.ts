/**
 * Notices a database that is older than what was seen of it: a restored backup, or a standby that was promoted before
 * it had everything. The audit log only grows, so an event that was there and is not anymore says so. Without
 * `latchkey restored`, what was revoked since then works again.
 */
import type { Database } from '#outside/database.ts';
import type { Mark } from '#outside/high-water-mark.ts';
import type { AuditEventName } from './audit-event-names.ts';
import { secondsAfter } from './time.ts';

/** After these, an older database is meant to be one. The machine of the operator may be behind by a few minutes. */
const EXPLANATIONS: readonly AuditEventName[] = ['restore_backup.completed', 'import_all.completed'];

export async function newestEvent(database: Pick<Database, 'query'>): Promise<Mark | null> {
  const [row] = await database.query<Mark>(NEWEST_EVENT, []);
  return row ?? null;
}

/** Whether the database has lost an event that it had. Those that AUDIT_RETENTION has removed do not count. */
export async function hasLost(
  database: Pick<Database, 'query'>,
  mark: Mark,
  { now, auditRetentionSeconds }: { now: Date; auditRetentionSeconds: number },
): Promise<boolean> {
  if (secondsAfter(mark.occurredAt, auditRetentionSeconds) <= now) return false;
  const [row] = await database.query<{ isLost: boolean }>(LOST, [mark.id, mark.occurredAt, EXPLANATIONS]);
  return row?.isLost === true;
}

const NEWEST_EVENT = {
  name: 'newest-event',
  text: `SELECT id::text AS id, occurred_at AS "occurredAt" FROM audit_events ORDER BY occurred_at DESC, id DESC LIMIT 1`,
};
const LOST = {
  name: 'lost-event',
  text: `
    SELECT NOT EXISTS (SELECT 1 FROM audit_events WHERE id = $1::uuid AND occurred_at = $2)
       AND NOT EXISTS (SELECT 1 FROM audit_events WHERE occurred_at > $2 - interval '5 minutes' AND name = ANY($3)) AS "isLost"`,
};
