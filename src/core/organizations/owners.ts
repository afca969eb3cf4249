/** Nobody becomes or stops being an owner in secret: every owner gets an email, and so does the person it concerns. */
import type { Ctx } from '#core/context.ts';

/** More owners than any organization should have: one change must not send emails to thousands. */
const MAX_NOTIFIED = 100;

export type OwnerChange = {
  organizationId: string;
  /** The person who became an owner, or no longer is one. */
  ownerId: string;
  event: 'added' | 'removed';
};

/** Queues the emails, to the owners as they are now and to `ownerId`. Call it after the change, in its transaction. */
export async function notifyOwners(tx: Ctx, { organizationId, ownerId, event }: OwnerChange): Promise<void> {
  const owners = await tx.db.membership.findMany({
    where: { organizationId, role: 'OWNER', userId: { not: ownerId } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { userId: true },
    take: MAX_NOTIFIED,
  });
  const at = tx.clock().toISOString();
  for (const userId of [ownerId, ...owners.map((owner) => owner.userId)]) {
    await tx.outbox.queue(tx, { mail: 'owner-change', userId, organizationId, ownerId, event, at });
  }
}
