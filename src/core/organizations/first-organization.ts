/**
 * Where somebody belongs once their address is verified: the organization they were invited to or registered into, or
 * else one of their own, with a project to begin with. Not before: an address that somebody else typed joins nothing.
 */
import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';
import { takeInvitation } from './invitation.ts';

const NAME_LENGTH = 64;

/** Whether somebody who registers may name this organization as theirs. */
export async function isOpenOrganization(ctx: Ctx, organizationId: string): Promise<boolean> {
  const isOpen = { openRegistration: true, suspendedAt: null, deletesAt: null };
  return (await ctx.db.organization.count({ where: { id: organizationId, ...isOpen } })) === 1;
}

/**
 * Makes the user a member of the organization they were invited to or registered into, or the owner of a new one. Call
 * it in the transaction that verifies the address, with the user's row locked: it happens once. Gives the user as updated.
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
  // The organization was closed or the invitation ended since, or none was named.
  const own = await makeOwnOrganization(tx, user);
  return tx.db.user.update({ where: { id: user.id }, data: { tenantId: own.id } });
}

/** Accepts the invitation that was named at registration, in whichever generation it is by now; gives its organization. */
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

/** The rows of an organization of one's own, for imports that write many together. The organization goes first. */
export function ownOrganizationOf(owner: Pick<User, 'id' | 'name'>, now: Date) {
  const times = { createdAt: now, updatedAt: now };
  const name = [...owner.name].slice(0, NAME_LENGTH).join('').trim();
  const organizationId = uuid();
  return {
    // Names repeat, slugs do not: 40 random bits tell the organizations of two people of one name apart.
    organization: { id: organizationId, name, slug: `${slugOf(name)}-${randomBytes(5).toString('hex')}`, ...times },
    membership: { userId: owner.id, organizationId, role: 'OWNER' as const, ...times },
    project: { organizationId, name: 'Default', isDefault: true, ...times },
  };
}

/** A name as it can stand in an address: lower-case letters, digits and hyphens; `team` when nothing is left of it. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
      .replace(/^-+|-+$/g, '') || 'team'
  );
}
