/**
 * Sends the emails in the outbox: takes a job, renders the email from the current rows, and passes it to the mailer. An
 * email whose code or link has ended in the meantime is dropped. What the mail server refuses for good waits in the
 * dead letter queue for an operator. If the server is down or says "later", the job is retried for hours with growing
 * pauses; then it waits there as well.
 *
 * Several lanes send at once, as a mail server answers slowly. Emails to one address leave one after the other and in
 * the order in which they were queued, so that of two codes the newer one arrives last.
 */
import { LRUCache } from 'lru-cache';
import type { JobResult, JobWithMetadata, PgBoss } from 'pg-boss';
import { audit } from '#core/audit.ts';
import { contextWithoutRequest, inTransaction, type Parts } from '#core/context.ts';
import { createKeyedQueue } from '#core/limits/keyed-queue.ts';
import type { Mail } from '#core/mail/mail.ts';
import { accountOfMail } from '#core/mail/mail-account.ts';
import { MAIL_QUEUE, type QueuedMail } from '#core/mail/outbox.ts';
import { MailNotSentError } from '#errors/mail-not-sent-error.ts';
import type { Mailer } from '#outside/mail/mailer.ts';
import { renderMail } from './render-mail.ts';

export type MailWorker = { wake: () => void; stop: () => Promise<void> };

type Job = JobWithMetadata<QueuedMail>;

/** How often an idle lane looks, for emails that are to be tried again. */
const POLL_MS = 1000;
/** Lanes do not look by themselves: they are woken. */
const NEVER_SECONDS = 24 * 3600;
/** Emails that the server has accepted and that could not be noted as sent, because the database was away. */
const MAX_REMEMBERED = 10_000;

/** Starts taking jobs; `wake` checks the queue immediately instead of at the next poll. */
export async function startMailWorker(boss: PgBoss, parts: Parts, mailer: Mailer): Promise<MailWorker> {
  const lanes: string[] = [];
  const busy = new Set<number>();
  const deliver = tracedDelivery(parts, createDelivery(parts, mailer));
  let isStopped = false;
  const wakeLane = (lane: number) => boss.notifyWorker(lanes[lane] ?? '');
  const wake = () => {
    const idle = lanes.findIndex((_, lane) => !busy.has(lane));
    if (idle !== -1) wakeLane(idle);
    else if (lanes.length < mailer.connections && !isStopped) void openLane();
  };
  const options = {
    batchSize: 1,
    includeMetadata: true,
    perJobResults: true,
    pollingIntervalSeconds: NEVER_SECONDS,
  } as const;
  /** Looks at once, on a connection to the database. So there are only as many lanes as there was work for. */
  const openLane = async () => {
    const lane = lanes.push('') - 1;
    lanes[lane] = await boss.work(MAIL_QUEUE, options, async ([job]: Job[]) => {
      if (job === undefined) return [];
      busy.add(lane);
      // There may be more, for another lane now and for this one afterwards.
      wake();
      wakeLane(lane);
      try {
        return [await deliver(job)];
      } finally {
        busy.delete(lane);
      }
    });
  };
  await openLane();
  const poll = setInterval(wake, POLL_MS).unref();
  return {
    wake,
    stop: async () => {
      isStopped = true;
      clearInterval(poll);
      await boss.offWork(MAIL_QUEUE, { wait: true });
    },
  };
}

/** In the trace of the request that queued the email, if there are traces. */
function tracedDelivery({ tracing }: Parts, deliver: (job: Job) => Promise<JobResult>): typeof deliver {
  if (tracing === null) return deliver;
  return (job) => tracing.continued(job.data.traceparent, `send ${job.data.mail}`, () => deliver(job));
}

/** Sends the email of a job. What the server does not accept is a result, not an error. */
function createDelivery(parts: Parts, mailer: Mailer): (job: Job) => Promise<JobResult> {
  const rendering = createKeyedQueue();
  const sending = createKeyedQueue();
  const accepted = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  async function send(job: Job, mail: Mail): Promise<JobResult> {
    // The id of the first job: it stays the same through retries, crashes, and `mail retry`.
    const messageId = job.sourceRootId ?? job.id;
    try {
      const send = () => mailer.send(mail, messageId);
      await (parts.tracing?.span('SMTP', send) ?? send());
      accepted.set(job.id, true);
      parts.metrics?.emailHandled(job.data.mail, 'sent');
      return { id: job.id, status: 'completed' };
    } catch (error) {
      if (!(error instanceof MailNotSentError)) throw error;
      return fail(parts, job, error);
    }
  }

  return async (job) => {
    if (accepted.has(job.id)) return { id: job.id, status: 'completed' };
    // One at a time, so that emails queue for their address in the order in which they were taken.
    const queued = await rendering.run('', 1, async () => {
      const mail = await renderMail(contextWithoutRequest(parts, 'schedule'), job.data);
      return mail && { sent: sending.run(mail.to, 1, () => send(job, mail)) };
    });
    if (queued !== null) return queued.sent;
    parts.metrics?.emailHandled(job.data.mail, 'dropped');
    parts.log.info({ mail: job.data.mail, jobId: job.id }, 'email dropped: it is no longer relevant');
    return { id: job.id, status: 'completed' };
  };
}

/** Retried later, unless the server refused it for good: then it is recorded and waits for an operator. */
async function fail(parts: Parts, job: Job, error: MailNotSentError): Promise<JobResult> {
  const about = { mail: job.data.mail, jobId: job.id, reason: error.message };
  const output = { message: error.message };
  parts.metrics?.emailHandled(job.data.mail, error.isFinal ? 'refused' : 'delayed');
  if (!error.isFinal) {
    parts.log.warn(about, 'email not sent; will retry');
    return { id: job.id, status: 'failed', output };
  }
  parts.log.warn(about, 'email refused for good; not tried again');
  await inTransaction(contextWithoutRequest(parts, 'schedule'), async (tx) =>
    audit(tx, 'email.refused', await accountOfMail(tx, job.data)),
  );
  return { id: job.id, status: 'deadletter', output };
}
