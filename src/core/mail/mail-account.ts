/** Which account an email is about, for the audit log: jobs contain only the id of what they are rendered from. */
import type { Ctx } from '#core/context.ts';
import type { MailJob } from './outbox.ts';

/** The account; null for an invitation, whose reader may not have one, and for what has been deleted. */
export async function accountOfMail(ctx: Pick<Ctx, 'db'>, job: MailJob): Promise<string | null> {
  if ('userId' in job) return job.userId;
  const select = { userId: true } as const;
  if ('challengeId' in job) {
    return (await ctx.db.challenge.findUnique({ where: { id: job.challengeId }, select }))?.userId ?? null;
  }
  if ('sessionId' in job) {
    return (await ctx.db.session.findUnique({ where: { id: job.sessionId }, select }))?.userId ?? null;
  }
  return null;
}
