/**
 * Deletes all personal data of deleted accounts when their grace period is over.
 *
 * Sessions, challenges, and memberships are deleted with the row of the account. Waiting emails are dropped, because
 * nothing is left to render, and budgets contain no names. Organizations in which the person was the only member
 * are deleted too. The audit log stays, without IP addresses and user agents, and with an id that no longer exists.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { notifyOwners } from '#core/organizations/owners.ts';
import { logFault } from '#errors/outage.ts';
import { Prisma } from '#generated/prisma/client.ts';

/** Accounts per run, so that a run after a long pause does not overload the database. */
const BATCH = 100;

/**
 * Removes accounts that are due, each in its own transaction. Returns their number, 0 when none is left. A failure is
 * logged and does not stop the others. For a scheduled job; safe on any number of replicas.
 */
export async function purgeDeletedAccounts(ctx: Ctx): Promise<number> {
  const due = await ctx.db.user.findMany({
    where: { deletesAt: { lte: ctx.clock() } },
    orderBy: { deletesAt: 'asc' },
    take: BATCH,
    select: { id: true },
  });
  let purged = 0;
  for (const { id } of due) {
    try {
      if (await purge(ctx, id)) purged += 1;
    } catch (error) {
      logFault(ctx.log, error, { userId: id }, 'could not delete the account; will retry');
    }
  }
  return purged;
}

/** False if the deletion was undone, or another replica was first. */
async function purge(ctx: Ctx, userId: string): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    // Undoing the deletion locks the row too: either it finds the row gone, or it is visible here.
    const [user] = await tx.db.$queryRaw<{ email: string }[]>`
      SELECT email FROM users WHERE id = ${userId}::uuid AND deletes_at <= ${tx.clock()}::timestamptz FOR UPDATE`;
    if (user === undefined) return false;
    await leaveOrganizations(tx, userId);
    // An email address is personal data even where someone else entered it.
    await tx.db.invitation.deleteMany({ where: { email: user.email } });
    await audit(tx, 'delete_account.completed', userId);
    await tx.db.$executeRaw`
      UPDATE audit_events SET ip_address = NULL, user_agent = NULL
       WHERE (actor_id = ${userId}::uuid OR (subject_id = ${userId}::uuid AND actor_id IS NULL))
         AND (ip_address IS NOT NULL OR user_agent IS NOT NULL)`;
    await tx.db.user.delete({ where: { id: userId } });
    return true;
  });
}

/** Deletes organizations without other members. Where others would be left without an owner, the heir becomes it. */
async function leaveOrganizations(tx: Ctx, userId: string): Promise<void> {
  const owned = Prisma.sql`SELECT organization_id FROM memberships WHERE user_id = ${userId}::uuid AND role = 'OWNER'`;
  // Lock first, then check, so that nobody joins an organization that is being deleted.
  await tx.db.$queryRaw`SELECT 1 FROM organizations WHERE id IN (${owned}) ORDER BY id FOR UPDATE`;
  const left = await tx.db.$queryRaw<{ id: string; isAlone: boolean }[]>`
    SELECT o.id, NOT EXISTS (SELECT 1 FROM memberships m
                              WHERE m.organization_id = o.id AND m.user_id <> ${userId}::uuid) AS "isAlone"
      FROM organizations o WHERE o.id IN (${owned})`;
  const alone = left.filter(({ isAlone }) => isAlone).map(({ id }) => id);
  // A group may be deleted while its organizations stay.
  await tx.db.organization.updateMany({ where: { parentId: { in: alone } }, data: { parentId: null } });
  await tx.db.organization.deleteMany({ where: { id: { in: alone } } });
  for (const organizationId of alone) await audit(tx, 'purge_organization.completed', null, { organizationId });
  for (const { id } of left.filter(({ isAlone }) => !isAlone)) await keepOwned(tx, id, userId);
}

/** If the other owners left during the grace period, the best-placed member inherits. Those who stay are notified. */
async function keepOwned(tx: Ctx, organizationId: string, leaverId: string): Promise<void> {
  const wasOwner = { organizationId, ownerId: leaverId, event: 'removed' } as const;
  const others = { organizationId, userId: { not: leaverId } };
  if ((await tx.db.membership.count({ where: { ...others, role: 'OWNER' } })) > 0) return notifyOwners(tx, wasOwner);
  const heir = await tx.db.membership.findFirst({
    where: others,
    // First the members who can sign in and are not being deleted, then in the order of the enum: OWNER, ADMIN, MEMBER.
    orderBy: [
      { user: { deletesAt: { sort: 'asc', nulls: 'first' } } },
      { user: { disabledAt: { sort: 'asc', nulls: 'first' } } },
      { role: 'asc' },
      { createdAt: 'asc' },
      { id: 'asc' },
    ],
  });
  if (heir === null) return;
  await tx.db.membership.update({ where: { id: heir.id }, data: { role: 'OWNER', updatedAt: tx.clock() } });
  await audit(tx, 'transfer_ownership.completed', heir.userId, { organizationId });
  await notifyOwners(tx, wasOwner);
  await notifyOwners(tx, { organizationId, ownerId: heir.userId, event: 'added' });
}
