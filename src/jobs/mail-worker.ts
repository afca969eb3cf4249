/**
 * Sends what the outbox queues: takes a job, renders its mail from the rows as they are now, hands it to the mailer.
 * An email whose proof has ended meanwhile is dropped. A mail server that is down is tried again with growing pauses for
 * hours; then the job waits in the dead letter for an operator.
 */
import type { PgBoss } from 'pg-boss';
import { contextWithoutRequest, type Parts } from '#core/context.ts';
import { MAIL_QUEUE, type MailJob } from '#core/mail/outbox.ts';
import type { Mailer } from '#outside/mailer.ts';
import { renderMail } from './render-mail.ts';

export type MailWorker = { wake: () => void; stop: () => Promise<void> };

/** Starts taking jobs; `wake` looks at once instead of at the next poll. */
export async function startMailWorker(boss: PgBoss, parts: Parts, mailer: Mailer): Promise<MailWorker> {
  let workerId = '';
  const wake = () => boss.notifyWorker(workerId);
  workerId = await boss.work<MailJob>(MAIL_QUEUE, { pollingIntervalSeconds: 1, batchSize: 1 }, async ([job]) => {
    if (job === undefined) return;
    // Where there was one there may be more; without this a backlog would leave at one a second.
    wake();
    await sendMail(parts, mailer, job);
  });
  return { wake, stop: () => boss.offWork(MAIL_QUEUE, { wait: true }) };
}

/** Fails when the mail server does not take the email; the queue tries again. */
async function sendMail(parts: Parts, mailer: Mailer, job: { id: string; data: MailJob }): Promise<void> {
  const about = { mail: job.data.mail, jobId: job.id };
  const mail = await renderMail(contextWithoutRequest(parts, 'schedule'), job.data);
  if (mail === null) {
    parts.log.info(about, 'mail dropped: what it was about has ended');
    return;
  }
  await mailer.send(mail).catch((error: Error) => {
    parts.log.warn({ ...about, reason: error.message }, 'mail not sent, to be tried again');
    throw error;
  });
}
