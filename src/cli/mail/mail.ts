/** Emails that are waiting or could not be delivered: `latchkey mail list` and `retry`. */
import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { MAIL_DEAD_LETTER, MAIL_QUEUE, type MailJob } from '#core/mail/outbox.ts';
import { command, JSON_OPTION } from '../command.ts';
import { withParts } from '../open.ts';
import { say, sayJson, tableOf } from '../terminal.ts';
import { momentOf } from '../users/user-output.ts';

export const mailList = command({
  name: 'mail list',
  summary: 'list emails that are waiting to be sent, and those that were given up',
  options: JSON_OPTION,
  details: `
An email is given up when the mail server has refused it for hours. The queue contains no addresses and no codes: an
email is written when it is sent. With --json: {"mails": [{"id", "mail", "state": "waiting" or "given up", "queuedAt",
"attempts", "lastError"}]}.`,
  run: async ({ terminal, options }) => {
    const mails = await withParts(terminal, async ({ boss }) => [
      ...(await read(boss, MAIL_DEAD_LETTER, 'given up')),
      ...(await read(boss, MAIL_QUEUE, 'waiting')),
    ]);
    if (options.json) {
      sayJson(terminal, { mails });
      return 0;
    }
    const rows = mails.map(({ id, mail, state, queuedAt, attempts, lastError }) => [
      id,
      mail,
      state,
      momentOf(queuedAt),
      String(attempts),
      lastError,
    ]);
    say(
      terminal,
      rows.length === 0
        ? 'No emails are waiting or were given up.'
        : tableOf(['ID', 'EMAIL', 'STATE', 'QUEUED', 'ATTEMPTS', 'LAST ERROR'], rows),
    );
    return 0;
  },
});

export const mailRetry = command({
  name: 'mail retry',
  summary: 'queue the emails that were given up again',
  options: JSON_OPTION,
  details: `
Use this when the mail server works again. The service sends them, and drops emails whose code or link has expired.
With --json: {"queued": NUMBER}.`,
  run: async ({ terminal, options }) => {
    const queued = await withParts(terminal, async ({ boss }) => {
      let moved = 0;
      for (let count = await boss.redrive(MAIL_DEAD_LETTER); count > 0; count = await boss.redrive(MAIL_DEAD_LETTER)) {
        moved += count;
      }
      return moved;
    });
    if (options.json) sayJson(terminal, { queued });
    else say(terminal, `Emails queued again: ${queued}.`);
    return 0;
  },
});

async function read(boss: PgBoss, queue: string, state: 'waiting' | 'given up') {
  const jobs = await boss.findJobs<MailJob>(queue, { queued: true });
  return jobs.map((job) => ({
    id: job.id,
    mail: job.data.mail,
    state,
    queuedAt: job.sourceCreatedOn ?? job.createdOn,
    attempts: (job.sourceRetryCount ?? job.retryCount) + (state === 'waiting' ? 0 : 1),
    lastError: errorOf(job),
  }));
}

/** The last answer of the mail server. Addresses in it are masked before it is stored. */
function errorOf(job: JobWithMetadata<MailJob>): string | null {
  const output: { message?: unknown } | null = job.sourceOutput ?? job.output;
  return typeof output?.message === 'string' ? output.message : null;
}
