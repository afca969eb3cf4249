/** Deadlines that a restored backup brings back, although someone may have canceled them since. */
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import type { ChallengePurpose } from '#core/proofs/challenge-purpose.ts';
import { secondsAfter } from '#core/time.ts';

/** An intruder may have requested the removal, and the owner's objection is lost. The owner can request it again. */
export async function cancelFactorResets({ db }: Ctx, at: Date): Promise<number> {
  const requested = 'second_factor_reset.requested' satisfies AuditEventName;
  return db.$executeRaw`
    UPDATE users u SET factors_reset_at = NULL
     WHERE u.factors_reset_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM audit_events e
                        WHERE e.subject_id = u.id AND e.occurred_at > ${at}::timestamptz AND e.name = ${requested})`;
}

/** The grace period begins again, and the owners get the email with the undo link again. */
export async function postponeAccountDeletions(tx: Ctx, at: Date): Promise<number> {
  const until = secondsAfter(tx.clock(), tx.config.accountDeletionGraceSeconds);
  const requested = 'delete_account.requested' satisfies AuditEventName;
  const postponed = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE users u SET deletes_at = ${until}::timestamptz
     WHERE u.deletes_at < ${until}::timestamptz AND u.created_at <= ${at}::timestamptz
       AND NOT EXISTS (SELECT 1 FROM audit_events e
                        WHERE e.subject_id = u.id AND e.occurred_at > ${at}::timestamptz AND e.name = ${requested})
    RETURNING u.id`;
  const purpose = 'undo-account-deletion' satisfies ChallengePurpose;
  const links = await tx.db.challenge.updateManyAndReturn({
    where: { purpose, userId: { in: postponed.map(({ id }) => id) }, consumedAt: null, replacedAt: null },
    data: { expiresAt: until },
    select: { id: true },
  });
  for (const { id } of links) await tx.outbox.queue(tx, { mail: 'account-deletion', challengeId: id });
  return postponed.length;
}

export async function postponeOrganizationDeletions({ db, clock, config }: Ctx, at: Date): Promise<number> {
  const until = secondsAfter(clock(), config.organizationDeletionGraceSeconds);
  const where = { deletesAt: { lt: until }, createdAt: { lte: at }, updatedAt: { lte: at } };
  return (await db.organization.updateMany({ where, data: { deletesAt: until } })).count;
}
