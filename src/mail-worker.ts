/**
 * Sends what the outbox queues: takes a job, renders its mail from the rows as they are now, hands it to the mailer.
 * A mail whose proof has ended meanwhile is dropped. A mail server that is down is tried again with growing pauses for
 * hours; then the job waits in the dead letter for an operator.
 */
import type { PgBoss } from 'pg-boss';
import { sessionReplayedEmail } from '#capabilities/refresh/session-replayed.email.ts';
import { alreadyRegisteredEmail } from '#capabilities/register/already-registered.email.ts';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { challengeCode, challengeToken, isLiveChallenge } from '#core/challenge.ts';
import type { Parts } from '#core/context.ts';
import { parseLocale } from '#core/locale.ts';
import { type Addressee, type Mail, mailedLink } from '#core/mail.ts';
import { MAIL_DEAD_LETTER, MAIL_QUEUE, type MailJob } from '#core/outbox.ts';
import type { User } from '#generated/prisma/client.ts';
import type { Mailer } from '#outside/mailer.ts';

export type MailWorker = { wake: () => void; stop: () => Promise<void> };

/** Makes the queues, also on a database that has them. */
export async function createMailQueues(boss: PgBoss, retryDelaySeconds: number): Promise<void> {
  await boss.createQueue(MAIL_DEAD_LETTER);
  const options = {
    retryLimit: 40,
    retryDelay: retryDelaySeconds,
    retryBackoff: true,
    retryDelayMax: 900,
    // Longer than any mail takes; after a kill -9 the mail that was being sent is taken up again then.
    expireInSeconds: 180,
    deadLetter: MAIL_DEAD_LETTER,
  };
  await boss.createQueue(MAIL_QUEUE, options);
  await boss.updateQueue(MAIL_QUEUE, options);
}

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

/** Fails when the mail server does not take the mail; the queue tries again. */
async function sendMail(parts: Parts, mailer: Mailer, job: { id: string; data: MailJob }): Promise<void> {
  const about = { mail: job.data.mail, jobId: job.id };
  const mail = await renderMail(parts, job.data);
  if (mail === null) {
    parts.log.info(about, 'mail dropped: what it was about has ended');
    return;
  }
  await mailer.send(mail).catch((error: Error) => {
    parts.log.warn({ ...about, reason: error.message }, 'mail not sent, to be tried again');
    throw error;
  });
}

/** The mail of a job, or null when it would be pointless by now. */
export async function renderMail(parts: Parts, job: MailJob): Promise<Mail | null> {
  switch (job.mail) {
    case 'verify-email':
    case 'reset-password':
      return renderChallenge(parts, job);
    case 'already-registered': {
      const user = await parts.database.prisma.user.findUnique({ where: { id: job.userId } });
      return user && alreadyRegisteredEmail({ ...addressed(user), publicUrl: parts.config.publicUrl });
    }
    case 'password-changed': {
      const user = await parts.database.prisma.user.findUnique({ where: { id: job.userId } });
      return (
        user &&
        passwordChangedEmail({
          ...addressed(user),
          at: new Date(job.at),
          signedOut: job.signedOut ?? 'everywhere',
          publicUrl: parts.config.publicUrl,
        })
      );
    }
    case 'session-replayed': {
      const found = await parts.database.prisma.session.findUnique({
        where: { id: job.sessionId },
        include: { user: true },
      });
      const device = { userAgent: found?.userAgent ?? null, ipAddress: found?.ipAddress ?? null };
      return found && sessionReplayedEmail({ ...addressed(found.user), at: new Date(job.at), ...device });
    }
  }
}

async function renderChallenge(
  parts: Parts,
  job: { mail: 'verify-email' | 'reset-password'; challengeId: string },
): Promise<Mail | null> {
  const found = await parts.database.prisma.challenge.findUnique({
    where: { id: job.challengeId },
    include: { user: true },
  });
  if (found === null || !isLiveChallenge(found, parts.clock())) return null;
  const to = { ...addressed(found.user), to: found.address };
  const code = challengeCode(parts.secrets, found);
  const link = mailedLink(parts.config.publicUrl, job.mail, challengeToken(parts.secrets, found), to.locale);
  // What is left by now: the mail may have waited for its server.
  const minutesTo = (end: Date) => Math.max(0, Math.ceil((end.getTime() - parts.clock().getTime()) / 60_000));
  const [codeMinutes, linkMinutes] = [minutesTo(found.codeExpiresAt), minutesTo(found.expiresAt)];
  return job.mail === 'verify-email'
    ? verifyEmailEmail({ ...to, code, link, codeMinutes, linkHours: Math.max(1, Math.round(linkMinutes / 60)) })
    : resetPasswordEmail({ ...to, code, link, codeMinutes, linkMinutes });
}

function addressed(user: User): Addressee {
  return { to: user.email, name: user.name, locale: parseLocale(user.locale) ?? 'en' };
}
