import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArchiveProjectDocument,
  CreateProjectDocument,
  OrganizationPartsDocument,
  RenameProjectDocument,
  UnarchiveProjectDocument,
} from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';

describe('projects', () => {
  let latchkey: Latchkey;
  let ada: Person;
  let ben: Person;
  let team: Tenant;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    [ada, ben] = await Promise.all([loner(latchkey), loner(latchkey)]);
    team = await tenant(latchkey, [
      [ada, 'ADMIN'],
      [ben, 'MEMBER'],
    ]);
  });
  afterAll(() => latchkey.close());

  const create = (who: Person, name: string) =>
    latchkey.send(CreateProjectDocument, { input: { name } }, by(who, team.id));

  test('are made, renamed, archived and taken out again, and listed with what they are', async () => {
    const created = (await create(ada, ' Apollo ')).data?.createProject;
    if (created?.__typename !== 'CreateProjectSuccess') throw new Error(created?.__typename);
    const { id: projectId } = created.project;
    expect(created.project).toMatchObject({ name: 'Apollo', isDefault: false, archivedAt: null });
    await latchkey.ask(RenameProjectDocument, { input: { projectId, name: 'Artemis' } }, by(ada));
    const archived = await latchkey.ask(ArchiveProjectDocument, { input: { projectId } }, by(ada));
    const again = await latchkey.ask(ArchiveProjectDocument, { input: { projectId } }, by(ada));
    expect(again).toEqual(archived);
    const { organization } = await latchkey.ask(OrganizationPartsDocument, { id: team.id }, by(ben));
    expect(organization?.projects.nodes).toMatchObject([
      { name: 'Default', isDefault: true, archivedAt: null },
      { name: 'Artemis', isDefault: false, archivedAt: expect.any(String), permissions: ['PROJECTS_READ'] },
    ]);
    const { unarchiveProject } = await latchkey.ask(UnarchiveProjectDocument, { input: { projectId } }, by(ada));
    expect(unarchiveProject).toMatchObject({ project: { archivedAt: null } });
    const { prisma } = latchkey.app.parts.database;
    const events = await prisma.auditEvent.findMany({ where: { organizationId: team.id }, orderBy: { id: 'asc' } });
    expect(events.map(({ name }) => name)).toEqual([
      'create_project.completed',
      'rename_project.completed',
      'archive_project.completed',
      'unarchive_project.completed',
    ]);
  });

  test('a name is taken once in an organization, also by one in the archive', async () => {
    expect((await create(ada, 'Default')).data?.createProject).toMatchObject({
      fieldErrors: [{ path: ['name'], code: 'ALREADY_TAKEN' }],
    });
    const answers = await Promise.all(Array.from({ length: 4 }, () => create(ada, 'Race')));
    expect(answers.map(({ data }) => data?.createProject.__typename).sort()).toEqual([
      'CreateProjectSuccess',
      ...Array(3).fill('ValidationError'),
    ]);
  });

  test('a role that is bound to a project gives there what concerns the project, and nothing of the organization', async () => {
    const { prisma } = latchkey.app.parts.database;
    const cyd = await loner(latchkey);
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const membership = await prisma.membership.create({
      data: { userId: cyd.id, organizationId: team.id, role: 'MEMBER', ...times },
    });
    const permissions = ['projects:create', 'projects:update', 'members:invite'];
    const role = await prisma.organizationRole.create({
      data: { organizationId: team.id, name: 'Builder', permissions, ...times },
    });
    await prisma.roleBinding.create({
      data: { membershipId: membership.id, roleId: role.id, projectId: team.projectId, createdAt: new Date() },
    });
    const { organization } = await latchkey.ask(OrganizationPartsDocument, { id: team.id }, by(cyd));
    const bound = organization?.projects.nodes.find((project) => project?.id === team.projectId);
    expect(bound?.permissions).toEqual(['PROJECTS_READ', 'PROJECTS_UPDATE']);
    expect(refusalOf(await create(cyd, 'Another'))).toBe('FORBIDDEN');
    const rename = { input: { projectId: team.projectId, name: 'Built' } };
    expect((await latchkey.ask(RenameProjectDocument, rename, by(cyd))).renameProject.__typename).toBe(
      'RenameProjectSuccess',
    );
  });

  test('a member sees them and changes none', async () => {
    expect(refusalOf(await create(ben, 'Mine'))).toBe('FORBIDDEN');
    const input = { projectId: team.projectId };
    expect(refusalOf(await latchkey.send(ArchiveProjectDocument, { input }, by(ben)))).toBe('FORBIDDEN');
  });
});
