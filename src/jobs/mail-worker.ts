/**
 * Sends the emails in the outbox: takes a job, renders the email from the current rows, and passes it to the mailer. An
 * email whose code or link has ended in the meantime is dropped. If the mail server is down, the job is retried for
 * hours with growing pauses; then it waits in the dead letter queue for an operator.
 */
import type { PgBoss } from 'pg-boss';
import { contextWithoutRequest, type Parts } from '#core/context.ts';
import { MAIL_QUEUE, type MailJob } from '#core/mail/outbox.ts';
import type { Mailer } from '#outside/mailer.ts';
import { renderMail } from './render-mail.ts';

export type MailWorker = { wake: () => void; stop: () => Promise<void> };

/** Starts taking jobs; `wake` checks the queue immediately instead of at the next poll. */
export async function startMailWorker(boss: PgBoss, parts: Parts, mailer: Mailer): Promise<MailWorker> {
  let workerId = '';
  const wake = () => boss.notifyWorker(workerId);
  workerId = await boss.work<MailJob>(MAIL_QUEUE, { pollingIntervalSeconds: 1, batchSize: 1 }, async ([job]) => {
    if (job === undefined) return;
    // There may be more; without this, a backlog would be sent at one email per second.
    wake();
    await sendMail(parts, mailer, job);
  });
  return { wake, stop: () => boss.offWork(MAIL_QUEUE, { wait: true }) };
}

/** Fails if the mail server does not accept the email; the queue then retries. */
async function sendMail(parts: Parts, mailer: Mailer, job: { id: string; data: MailJob }): Promise<void> {
  const about = { mail: job.data.mail, jobId: job.id };
  const mail = await renderMail(contextWithoutRequest(parts, 'schedule'), job.data);
  if (mail === null) {
    parts.log.info(about, 'email dropped: it is no longer relevant');
    return;
  }
  await mailer.send(mail).catch((error: Error) => {
    parts.log.warn({ ...about, reason: error.message }, 'email not sent; will retry');
    throw error;
  });
}
