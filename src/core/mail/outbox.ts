/**
 * Mail that must leave: a job queued in the same transaction as what it tells about, so neither exists without the
 * other. A job carries ids, never a code, a token or an address; the email is rendered when it is sent.
 */
import { fromPrisma, type PgBoss } from 'pg-boss';
import type { Ctx } from '#core/context.ts';

/** Every email there is, with the ids it is rendered from. */
export type MailJob =
  | { mail: 'verify-email'; challengeId: string }
  | { mail: 'reset-password'; challengeId: string }
  | { mail: 'invitation'; invitationId: string; generation: number }
  | { mail: 'already-registered'; userId: string }
  | { mail: 'password-changed'; userId: string; at: string; signedOut?: 'everywhere' | 'elsewhere' | 'nowhere' }
  | { mail: 'change-email'; challengeId: string }
  | { mail: 'email-change-notice'; challengeId: string; event: 'requested' | 'changed'; at: string }
  | { mail: 'account-deletion'; challengeId: string }
  | { mail: 'session-replayed'; sessionId: string; at: string }
  | { mail: 'sign-in-after-failures'; sessionId: string; failures: number; at: string };

export type Outbox = {
  /** Queues an email in the transaction under way. */
  queue: (tx: Ctx, job: MailJob) => Promise<void>;
};

export const MAIL_QUEUE = 'mail';
/** Where mails end that could not be sent for hours, for an operator to look at and send again. */
export const MAIL_DEAD_LETTER = 'mail-dead-letter';

/** @param wake tells the worker of this process that there is something to do */
export function createOutbox(boss: PgBoss, wake: () => void): Outbox {
  return {
    queue: async (tx, job) => {
      await boss.send(MAIL_QUEUE, job, { db: fromPrisma(tx.db) });
      tx.afterCommit(wake);
    },
  };
}

/** Makes the queues, also on a database that has them. */
export async function createMailQueues(boss: PgBoss, retryDelaySeconds: number): Promise<void> {
  await boss.createQueue(MAIL_DEAD_LETTER);
  const options = {
    retryLimit: 40,
    retryDelay: retryDelaySeconds,
    retryBackoff: true,
    retryDelayMax: 900,
    // Longer than any email takes; after a kill -9 the email that was being sent is taken up again then.
    expireInSeconds: 180,
    deadLetter: MAIL_DEAD_LETTER,
  };
  await boss.createQueue(MAIL_QUEUE, options);
  await boss.updateQueue(MAIL_QUEUE, options);
}
