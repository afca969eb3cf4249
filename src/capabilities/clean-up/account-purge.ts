/**
 * The end of deleted accounts: when the time of grace is over, everything personal goes.
 *
 * The row takes sessions, proofs, memberships and, by finding nothing to render, emails that still wait with it; budgets
 * name nobody. Organizations whose only member it was go too. The record stays, without IP address and program,
 * and says of the account no more than an id that leads nowhere.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { Prisma } from '#generated/prisma/client.ts';

/** At once, so that a run after a long pause is no burden. */
const BATCH = 100;

/**
 * Removes accounts whose time has come, each in a transaction of its own; gives their number, 0 when none is left. One
 * that fails is logged and does not keep the others. For a scheduled job, on as many replicas as may be.
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
      ctx.log.error({ err: error, userId: id }, 'account not deleted, to be tried again');
    }
  }
  return purged;
}

/** False when it was undone, or another replica was first. */
async function purge(ctx: Ctx, userId: string): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    // Whoever undoes it takes the row too, and then finds it gone or is seen here.
    const [user] = await tx.db.$queryRaw<{ email: string }[]>`
      SELECT email FROM users WHERE id = ${userId}::uuid AND deletes_at <= ${tx.clock()}::timestamptz FOR UPDATE`;
    if (user === undefined) return false;
    await leaveOrganizations(tx, userId);
    // An address is personal also where somebody else wrote it down.
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

/** Organizations of nobody else go; of one that would be left without an owner, the member of longest standing is. */
async function leaveOrganizations(tx: Ctx, userId: string): Promise<void> {
  const owned = Prisma.sql`SELECT organization_id FROM memberships WHERE user_id = ${userId}::uuid AND role = 'OWNER'`;
  // Held first and looked at then: nobody joins one that is going.
  await tx.db.$queryRaw`SELECT 1 FROM organizations WHERE id IN (${owned}) ORDER BY id FOR UPDATE`;
  const left = await tx.db.$queryRaw<{ id: string; isAlone: boolean }[]>`
    SELECT o.id, NOT EXISTS (SELECT 1 FROM memberships m
                              WHERE m.organization_id = o.id AND m.user_id <> ${userId}::uuid) AS "isAlone"
      FROM organizations o WHERE o.id IN (${owned})`;
  const alone = left.filter(({ isAlone }) => isAlone).map(({ id }) => id);
  // A group may go while organizations in it stay.
  await tx.db.organization.updateMany({ where: { parentId: { in: alone } }, data: { parentId: null } });
  await tx.db.organization.deleteMany({ where: { id: { in: alone } } });
  for (const organizationId of alone) await audit(tx, 'purge_organization.completed', null, { organizationId });
  for (const { id } of left.filter(({ isAlone }) => !isAlone)) await keepOwned(tx, id, userId);
}

/** The other owners may have left during the grace. */
async function keepOwned(tx: Ctx, organizationId: string, leaverId: string): Promise<void> {
  const others = { organizationId, userId: { not: leaverId } };
  if ((await tx.db.membership.count({ where: { ...others, role: 'OWNER' } })) > 0) return;
  const heir = await tx.db.membership.findFirst({
    where: others,
    // Who stays and can sign in, then in the order of the enum: OWNER, ADMIN, MEMBER.
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
}
