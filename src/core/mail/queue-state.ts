/** How the mail queue is doing, for `latchkey doctor` and metrics. */
import type { Database } from '#outside/database.ts';
import { MAIL_DEAD_LETTER, MAIL_QUEUE } from './outbox.ts';

export type MailQueueState = {
  /** Emails that are due, being sent, or tried again later. Not those that are only to be sent at a later time. */
  waiting: number;
  /** How long ago the oldest of them was queued, in seconds; null if none is waiting. */
  oldestSeconds: number | null;
  /** Emails that were given up: refused for good, or tried for hours. */
  dead: number;
};

/** Two index scans of the queue; changes nothing. Fails if the queue does not exist yet. */
export async function readMailQueue(database: Pick<Database, 'query'>): Promise<MailQueueState> {
  const [row] = await database.query<MailQueueState>(READ_MAIL_QUEUE, [MAIL_QUEUE, MAIL_DEAD_LETTER]);
  return row ?? { waiting: 0, oldestSeconds: null, dead: 0 };
}

const READ_MAIL_QUEUE = {
  name: 'read-mail-queue',
  text: `
    SELECT count(*) FILTER (WHERE name = $1)::int AS waiting,
           extract(epoch FROM now() - min(created_on) FILTER (WHERE name = $1))::float8 AS "oldestSeconds",
           count(*) FILTER (WHERE name = $2)::int AS dead
      FROM pgboss.job
     WHERE name IN ($1, $2) AND state < 'completed' AND (name = $2 OR state <> 'created' OR start_after <= now())`,
};
