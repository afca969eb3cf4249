import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AssignRoleDocument,
  CreateRoleDocument,
  CurrentOrganizationDocument,
  DeleteRoleDocument,
  OrganizationPartsDocument,
  type Permission,
  RenameProjectDocument,
  UnassignRoleDocument,
  UpdateRoleDocument,
} from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';

describe('custom roles', () => {
  let latchkey: Latchkey;
  let ada: Person;
  let ben: Person;
  let cyd: Person;
  let team: Tenant;
  let foreign: Tenant;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    [ada, ben, cyd] = await Promise.all([loner(latchkey), loner(latchkey), loner(latchkey)]);
    team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
      [cyd, 'MEMBER'],
    ]);
    foreign = await tenant(latchkey, [[ada, 'OWNER']]);
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const idOf = ({ id }: Person) => team.memberships.get(id) ?? '';
  let names = 0;
  const create = (who: Person, permissions: Permission[], name = `Role ${++names}`, organizationId = team.id) =>
    latchkey.send(CreateRoleDocument, { input: { name, permissions } }, by(who, organizationId));
  async function role(who: Person, permissions: Permission[], organizationId = team.id): Promise<string> {
    const created = (await create(who, permissions, undefined, organizationId)).data?.createRole;
    if (created?.__typename !== 'CreateRoleSuccess') throw new Error(created?.__typename);
    return created.role.id;
  }
  const assign = (who: Person, roleId: string, membershipId: string, projectId?: string) =>
    latchkey.send(AssignRoleDocument, { input: { roleId, membershipId, projectId: projectId ?? null } }, by(who));
  const permissionsOf = async (who: Person) =>
    (await latchkey.ask(CurrentOrganizationDocument, {}, by(who, team.id))).currentOrganization?.permissions ?? [];

  test('given for the whole organization it adds to what the member may, from the next request on', async () => {
    const roleId = await role(ada, ['PROJECTS_CREATE', 'MEMBERS_INVITE']);
    expect(await permissionsOf(cyd)).not.toContain('PROJECTS_CREATE');
    await assign(ada, roleId, idOf(cyd));
    await assign(ada, roleId, idOf(cyd));
    expect(await prisma().roleBinding.count({ where: { roleId } })).toBe(1);
    expect(await permissionsOf(cyd)).toEqual(expect.arrayContaining(['PROJECTS_CREATE', 'MEMBERS_INVITE']));
    await latchkey.ask(UpdateRoleDocument, { input: { roleId, permissions: ['PROJECTS_CREATE'] } }, by(ada));
    expect(await permissionsOf(cyd)).not.toContain('MEMBERS_INVITE');
    const input = { roleId, membershipId: idOf(cyd) };
    expect((await latchkey.ask(UnassignRoleDocument, { input }, by(ada))).unassignRole).toMatchObject({
      wasAssigned: true,
    });
    expect((await latchkey.ask(UnassignRoleDocument, { input }, by(ada))).unassignRole).toMatchObject({
      wasAssigned: false,
    });
    expect(await permissionsOf(cyd)).not.toContain('PROJECTS_CREATE');
  });

  test('given for a project it counts there alone, and only what concerns a project', async () => {
    const roleId = await role(ada, ['PROJECTS_UPDATE', 'MEMBERS_REMOVE']);
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const other = await prisma().project.create({ data: { organizationId: team.id, name: 'Other', ...times } });
    await assign(ada, roleId, idOf(cyd), team.projectId);
    expect(await permissionsOf(cyd)).not.toContain('MEMBERS_REMOVE');
    expect(await permissionsOf(cyd)).not.toContain('PROJECTS_UPDATE');
    const rename = (projectId: string, name: string) =>
      latchkey.send(RenameProjectDocument, { input: { projectId, name } }, by(cyd, team.id));
    expect((await rename(team.projectId, 'Renamed')).data?.renameProject.__typename).toBe('RenameProjectSuccess');
    expect(refusalOf(await rename(other.id, 'Renamed too'))).toBe('FORBIDDEN');
    const { organization } = await latchkey.ask(OrganizationPartsDocument, { id: team.id }, by(cyd));
    const shown = new Map(organization?.projects.nodes.map(({ id, permissions }) => [id, permissions]));
    expect(shown.get(team.projectId)).toEqual(['PROJECTS_READ', 'PROJECTS_UPDATE']);
    expect(shown.get(other.id)).toEqual(['PROJECTS_READ']);
    const bindings = organization?.members.nodes.find(({ id }) => id === idOf(cyd))?.roleBindings.nodes;
    expect(bindings).toMatchObject([{ role: { id: roleId }, project: { id: team.projectId } }]);
    const deleted = await latchkey.ask(DeleteRoleDocument, { input: { roleId } }, by(ada));
    expect(deleted.deleteRole).toMatchObject({ roleId });
    expect(refusalOf(await rename(team.projectId, 'Again'))).toBe('FORBIDDEN');
  });

  test('nobody makes, changes, gives or takes a role that holds more than they may', async () => {
    expect(refusalOf(await create(ben, ['ORGANIZATION_DELETE']))).toBe('FORBIDDEN');
    expect(refusalOf(await create(cyd, ['PROJECTS_READ']))).toBe('FORBIDDEN');
    const strong = await role(ada, ['ORGANIZATION_DELETE']);
    const weak = await role(ben, ['PROJECTS_CREATE']);
    expect(refusalOf(await assign(ben, strong, idOf(ben)))).toBe('FORBIDDEN');
    const change = (roleId: string, permissions: Permission[]) =>
      latchkey.send(UpdateRoleDocument, { input: { roleId, permissions } }, by(ben));
    expect(refusalOf(await change(strong, []))).toBe('FORBIDDEN');
    expect(refusalOf(await change(weak, ['ORGANIZATION_TRANSFER']))).toBe('FORBIDDEN');
    expect(refusalOf(await latchkey.send(DeleteRoleDocument, { input: { roleId: strong } }, by(ben)))).toBe(
      'FORBIDDEN',
    );
    // Someone with roles:manage can pass on the permissions they have, and no others.
    const manager = await role(ada, ['ROLES_MANAGE']);
    await assign(ada, manager, idOf(cyd));
    expect(refusalOf(await create(cyd, ['MEMBERS_REMOVE']))).toBe('FORBIDDEN');
    expect(refusalOf(await assign(cyd, weak, idOf(cyd)))).toBe('FORBIDDEN');
    expect((await create(cyd, ['PROJECTS_READ'])).data?.createRole.__typename).toBe('CreateRoleSuccess');
  });

  test('role, member and project have to be of one organization', async () => {
    const [own, other] = [await role(ada, []), await role(ada, [], foreign.id)];
    const abroad = foreign.memberships.get(ada.id) ?? '';
    expect(refusalOf(await assign(ada, own, abroad))).toBe('FORBIDDEN');
    expect(refusalOf(await assign(ada, other, idOf(cyd)))).toBe('FORBIDDEN');
    expect(refusalOf(await assign(ada, own, idOf(cyd), foreign.projectId))).toBe('FORBIDDEN');
    expect(await prisma().roleBinding.count({ where: { roleId: { in: [own, other] } } })).toBe(0);
  });

  test('a name is taken once in an organization', async () => {
    expect((await create(ada, [], 'Editor')).data?.createRole.__typename).toBe('CreateRoleSuccess');
    expect((await create(ada, [], ' Editor ')).data?.createRole).toMatchObject({
      fieldErrors: [{ path: ['name'], code: 'ALREADY_TAKEN' }],
    });
    expect((await create(ada, [], 'Editor', foreign.id)).data?.createRole.__typename).toBe('CreateRoleSuccess');
  });
});
