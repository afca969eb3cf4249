/** Permanently deletes organizations whose deletion was not undone in time, with everything in them. */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';

/** Deletes a batch and returns its size. A group is deleted after its organizations. */
export async function removeOrganizations(ctx: Ctx): Promise<number> {
  const isDue = () => ({ deletesAt: { lte: ctx.clock() }, children: { none: {} } });
  const due = await ctx.db.organization.findMany({ where: isDue(), select: { id: true }, take: 20 });
  let removed = 0;
  // One transaction each, so that an organization with many members does not hold up the others.
  for (const { id } of due) {
    removed += await inTransaction(ctx, async (tx) => {
      // Checked again in the statement that deletes: it may have been restored in the meantime.
      const { count } = await tx.db.organization.deleteMany({ where: { id, ...isDue() } });
      if (count === 1) await audit(tx, 'purge_organization.completed', null, { organizationId: id });
      return count;
    });
  }
  return removed;
}
