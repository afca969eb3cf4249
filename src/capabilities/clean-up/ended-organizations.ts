/** Organizations whose deletion nobody undid in time: deleted for good, with all that belongs to them. */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';

/** Deletes some of them, for the clean-up; gives their number. A group waits for its organizations. */
export async function removeOrganizations(ctx: Ctx): Promise<number> {
  const isDue = () => ({ deletesAt: { lte: ctx.clock() }, children: { none: {} } });
  const due = await ctx.db.organization.findMany({ where: isDue(), select: { id: true }, take: 20 });
  let removed = 0;
  // A transaction each: one with very many members holds up no other.
  for (const { id } of due) {
    removed += await inTransaction(ctx, async (tx) => {
      // Asked again in the statement that deletes: it may have been restored meanwhile.
      const { count } = await tx.db.organization.deleteMany({ where: { id, ...isDue() } });
      if (count === 1) await audit(tx, 'purge_organization.completed', null, { organizationId: id });
      return count;
    });
  }
  return removed;
}
