/**
 * Detects that the database is older than what this service has already seen of it: a backup was restored, or a standby
 * was promoted before it had received everything. The audit log only grows, so a missing event gives it away. Without
 * `latchkey restored`, everything that was revoked in between works again.
 */

import type { AuditEventName } from '#core/audit-event-names.ts';
import { secondsAfter } from '#core/time.ts';
import type { Database } from '#outside/database.ts';
import type { Mark } from '#outside/high-water-mark.ts';

/** Events that explain an older database. The clock of the operator's machine may be a few minutes behind. */
const EXPLANATIONS: readonly AuditEventName[] = ['restore_backup.completed', 'import_all.completed'];

export async function newestEvent(database: Pick<Database, 'query'>): Promise<Mark | null> {
  const [row] = await database.query<Mark>(NEWEST_EVENT, []);
  return row ?? null;
}

/** Whether an event that was in the database is missing. Events that AUDIT_RETENTION removes do not count. */
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
