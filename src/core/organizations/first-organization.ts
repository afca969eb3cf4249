/**
 * The organization someone joins once their address is verified: the one they were invited to or registered in, or else
 * one of their own, with a first project. Not before, because anyone can register someone else's address.
 */
import { v7 as uuid } from 'uuid';
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { USABLE_ORGANIZATION } from '#core/usable.ts';
import type { User } from '#generated/prisma/client.ts';
import { takeInvitation } from './invitation.ts';
import { randomSlug } from './plain-slug.ts';

const NAME_LENGTH = 64;

/** Whether people may register in this organization. */
export async function isOpenOrganization(ctx: Ctx, organizationId: string): Promise<boolean> {
  const where = { id: organizationId, openRegistration: true, ...USABLE_ORGANIZATION };
  return (await ctx.db.organization.count({ where })) === 1;
}

/**
 * Makes the user a member of the organization they were invited to or registered in, or the owner of a new one. Call it
 * in the transaction that verifies the address, with the user's row locked, so that it happens once. Returns the
 * updated user.
 */
export async function joinFirstOrganization(tx: Ctx, user: User): Promise<User> {
  const invitedTo = await acceptNamedInvitation(tx, user);
  if (invitedTo !== null) return tx.db.user.update({ where: { id: user.id }, data: { tenantId: invitedTo } });
  if (user.tenantId !== null && (await isOpenOrganization(tx, user.tenantId))) {
    const now = tx.clock();
    const membership = { userId: user.id, organizationId: user.tenantId, role: 'MEMBER' as const };
    await tx.db.membership.createMany({
      data: [{ ...membership, createdAt: now, updatedAt: now }],
      skipDuplicates: true,
    });
    await audit(tx, 'join_organization.completed', user.id, { organizationId: user.tenantId });
    return user;
  }
  // The organization was closed or the invitation ended in the meantime, or none was named.
  const own = await makeOwnOrganization(tx, user);
  return tx.db.user.update({ where: { id: user.id }, data: { tenantId: own.id } });
}

/** Accepts the invitation named at registration, whatever its current generation. Returns its organization, or null. */
async function acceptNamedInvitation(tx: Ctx, user: User): Promise<string | null> {
  if (user.invitationId === null) return null;
  const invitation = await tx.db.invitation.findUnique({ where: { id: user.invitationId } });
  if (invitation === null || (await takeInvitation(tx, invitation, user)) === null) return null;
  const { organizationId } = invitation;
  await audit(tx, 'accept_invitation.completed', user.id, { organizationId });
  return organizationId;
}

async function makeOwnOrganization(tx: Ctx, owner: User): Promise<{ id: string }> {
  const { organization, membership, project } = ownOrganizationOf(owner, tx.clock());
  await tx.db.organization.create({ data: organization });
  await tx.db.membership.create({ data: membership });
  await tx.db.project.create({ data: project });
  await audit(tx, 'create_organization.completed', owner.id, { organizationId: organization.id });
  return organization;
}

/** The rows of a new organization of the owner, also for imports that write many at once. Insert in this order. */
export function ownOrganizationOf(owner: Pick<User, 'id' | 'name'>, now: Date) {
  const times = { createdAt: now, updatedAt: now };
  const name = [...owner.name].slice(0, NAME_LENGTH).join('').trim();
  const organizationId = uuid();
  return {
    organization: { id: organizationId, name, slug: randomSlug(name), ...times },
    membership: { userId: owner.id, organizationId, role: 'OWNER' as const, ...times },
    project: { organizationId, name: 'Default', isDefault: true, ...times },
  };
}
