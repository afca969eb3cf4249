/**
 * Emails to be sent. A job is queued in the same transaction as the change it is about, so neither exists without the
 * other. A job contains ids, never a code, a token, or an address; the email is rendered when it is sent.
 */
import { fromPrisma, type PgBoss } from 'pg-boss';
import { DAY_SECONDS } from '#core/time.ts';
import type { PrismaDb } from '#outside/database.ts';

/** What the owner of an account is notified of that cannot be undone with a link. */
export type SecurityNoticeKind = 'recovery_code_used' | 'password_suspended';

/** Every email, with the ids it is rendered from. */
export type MailJob =
  | { mail: 'verify-email'; challengeId: string }
  /** `isSecured`: its owner has just undone a change, and the password is void for that reason. */
  | { mail: 'reset-password'; challengeId: string; isSecured?: boolean }
  | { mail: 'invitation'; invitationId: string; generation: number }
  | { mail: 'already-registered'; userId: string }
  | { mail: 'password-changed'; userId: string; at: string; signedOut?: 'everywhere' | 'elsewhere' | 'nowhere' }
  | { mail: 'change-email'; challengeId: string }
  | { mail: 'email-change-notice'; challengeId: string; event: 'requested' | 'changed'; at: string }
  | { mail: 'account-deletion'; challengeId: string }
  | {
      mail: 'owner-change';
      userId: string;
      organizationId: string;
      ownerId: string;
      event: 'added' | 'removed';
      at: string;
    }
  | {
      mail: 'identifiers-changed';
      userId: string;
      changed: 'username' | 'phone' | 'both';
      /** Whether there was a former one, which is held for its owner. */
      isHeld: boolean;
      at: string;
    }
  | { mail: 'reset-second-factors'; challengeId: string }
  /** `locale`: the language that the request asked for; otherwise that of the account. */
  | { mail: 'sign-in-with-email'; challengeId: string; locale?: string }
  | { mail: 'security-change'; challengeId: string }
  | { mail: 'security-notice'; userId: string; notice: SecurityNoticeKind; at: string; left?: number }
  | { mail: 'session-replayed'; sessionId: string; at: string }
  | { mail: 'session-elsewhere'; sessionId: string; isRefused: boolean; at: string }
  | { mail: 'new-device'; sessionId: string; at: string }
  | { mail: 'many-failures'; userId: string; at: string }
  | { mail: 'sign-in-after-failures'; sessionId: string; failures: number; at: string };

/** How long an email that was given up can be sent again. */
const DEAD_LETTER_DAYS = 14;

/** The current transaction, as in a context. */
type Transaction = { db: PrismaDb; afterCommit: (action: () => void) => void };

export type Outbox = {
  /** Queues an email in the current transaction; with `afterSeconds`, not to be sent before. */
  queue: (tx: Transaction, job: MailJob, options?: { afterSeconds?: number }) => Promise<void>;
};

export const MAIL_QUEUE = 'mail';
/**
 * Keeps emails that were given up, so that an operator can inspect them and send them again. A job holds ids only, so
 * it prolongs no code and no link: an email whose challenge has ended is dropped when it is sent again.
 */
export const MAIL_DEAD_LETTER = 'mail-dead-letter';

/** A job, and the trace in which it was queued, if there are traces (W3C Trace Context). */
export type QueuedMail = MailJob & { traceparent?: string };

/**
 * @param wake tells the worker of this process that an email is waiting
 * @param traceparent the current trace
 */
export function createOutbox(boss: PgBoss, wake: () => void, traceparent: () => string | null = () => null): Outbox {
  return {
    queue: async (tx, job, { afterSeconds = 0 } = {}) => {
      const trace = traceparent();
      const queued: QueuedMail = trace === null ? job : { ...job, traceparent: trace };
      await boss.send(MAIL_QUEUE, queued, { db: fromPrisma(tx.db), startAfter: afterSeconds });
      tx.afterCommit(wake);
    },
  };
}

/** Creates the queues, or updates the options of existing ones. */
export async function createMailQueues(boss: PgBoss, retryDelaySeconds: number): Promise<void> {
  const kept = { retentionSeconds: DEAD_LETTER_DAYS * DAY_SECONDS };
  await boss.createQueue(MAIL_DEAD_LETTER, kept);
  await boss.updateQueue(MAIL_DEAD_LETTER, kept);
  const options = {
    retryLimit: 40,
    retryDelay: retryDelaySeconds,
    retryBackoff: true,
    retryDelayMax: 900,
    // Longer than sending any email takes. If the process is killed while sending, the email is retried after that.
    expireInSeconds: 180,
    deadLetter: MAIL_DEAD_LETTER,
  };
  await boss.createQueue(MAIL_QUEUE, options);
  await boss.updateQueue(MAIL_QUEUE, options);
}
