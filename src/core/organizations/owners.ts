/** Ownership changes hands in the open: every owner is told of it by email, and so is the person it concerns. */
import type { Ctx } from '#core/context.ts';

/** More owners than any organization should have; a change of an owner does not become a mass mailing. */
const MAX_TOLD = 100;

export type OwnerChange = {
  organizationId: string;
  /** Who became an owner, or is one no longer. */
  ownerId: string;
  event: 'added' | 'removed';
};

/** Queues the emails, to the owners as they are now and to `ownerId`. Call it after the change, in its transaction. */
export async function tellOwners(tx: Ctx, { organizationId, ownerId, event }: OwnerChange): Promise<void> {
  const owners = await tx.db.membership.findMany({
    where: { organizationId, role: 'OWNER', userId: { not: ownerId } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { userId: true },
    take: MAX_TOLD,
  });
  const at = tx.clock().toISOString();
  for (const userId of [ownerId, ...owners.map((owner) => owner.userId)]) {
    await tx.outbox.queue(tx, { mail: 'owner-change', userId, organizationId, ownerId, event, at });
  }
}
