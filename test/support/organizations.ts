/** Organizations and people in them, put into the database as they would be after a longer story. */
import type { MembershipRole } from '#generated/prisma/client.ts';
import type { Latchkey, Person, Sending } from './latchkey.ts';

export type Tenant = {
  id: string;
  slug: string;
  projectId: string;
  /** Membership ids by person. */
  memberships: ReadonlyMap<string, string>;
};

let tenants = 0;

/** An organization with these members, in this order, and a default project. */
export async function tenant(
  latchkey: Latchkey,
  members: readonly (readonly [Person, MembershipRole])[],
  parentId: string | null = null,
): Promise<Tenant> {
  const { prisma } = latchkey.app.parts.database;
  const times = { createdAt: new Date(), updatedAt: new Date() };
  const slug = `tenant-${process.pid}-${++tenants}`;
  const { id, projects } = await prisma.organization.create({
    data: {
      name: `Tenant ${tenants}`,
      slug,
      parentId,
      ...times,
      projects: { create: { name: 'Default', isDefault: true, ...times } },
    },
    include: { projects: true },
  });
  const memberships = new Map<string, string>();
  for (const [{ id: userId }, role] of members) {
    const row = await prisma.membership.create({ data: { userId, organizationId: id, role, ...times } });
    memberships.set(userId, row.id);
  }
  return { id, slug, projectId: projects[0]?.id ?? '', memberships };
}

/** Sent by this person, acting in this organization if one is named. */
export function by(person: Person, organizationId?: string): Sending {
  const headers = organizationId === undefined ? {} : { headers: { 'x-organization-id': organizationId } };
  return { bearer: person.accessToken, ...headers };
}

/** Someone who belongs nowhere: the team that verifying the address made is taken away again. */
export async function loner(latchkey: Latchkey): Promise<Person> {
  const person = await latchkey.person();
  await latchkey.app.parts.database.prisma.organization.deleteMany({
    where: { memberships: { some: { userId: person.id } } },
  });
  return person;
}

/** The code of the only top-level error, for refusals. */
export function refusalOf(result: {
  errors?: readonly { extensions?: Record<string, unknown> | undefined }[] | undefined;
}) {
  return result.errors?.[0]?.extensions?.['code'];
}
