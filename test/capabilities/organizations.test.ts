import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  CreateOrganizationDocument,
  CurrentOrganizationDocument,
  DeleteOrganizationDocument,
  LoginDocument,
  MeDocument,
  MyMembershipsDocument,
  OrganizationByIdDocument,
  OrganizationBySlugDocument,
  OrganizationMembersDocument,
  RefreshDocument,
  RegisterDocument,
  RestoreOrganizationDocument,
  SuspendOrganizationDocument,
  TransferOwnershipDocument,
  UnsuspendOrganizationDocument,
  UpdateOrganizationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, type Sending, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, tenant } from '../support/organizations.ts';

const UNKNOWN = '019302aa-0000-7000-8000-000000000000';

describe.each(ENGINES)('organizations on %s', (engine) => {
  let latchkey: Latchkey;
  let ada: Person;
  let ben: Person;
  let cyd: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    [ada, ben, cyd] = await Promise.all([loner(latchkey), loner(latchkey), loner(latchkey)]);
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const current = (person: Person, header?: string) =>
    latchkey.send(CurrentOrganizationDocument, {}, by(person, header));
  async function create(person: Person, name: string, groupId?: string) {
    const input = groupId === undefined ? { name } : { name, groupId };
    const { createOrganization } = await latchkey.ask(CreateOrganizationDocument, { input }, by(person));
    if (createOrganization.__typename !== 'CreateOrganizationSuccess') throw new Error(createOrganization.__typename);
    return createOrganization.organization;
  }

  describe('the effective organization', () => {
    test('a member acts where they are one, with the role and the permissions they have there', async () => {
      const { id } = await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'MEMBER'],
      ]);
      const owner = (await current(ada, id)).data?.currentOrganization;
      expect(owner).toMatchObject({ organization: { id }, role: 'OWNER' });
      expect(owner?.permissions).toContain('ORGANIZATION_DELETE');
      const member = (await current(ben, id)).data?.currentOrganization;
      expect(member?.role).toBe('MEMBER');
      expect(member?.permissions).toEqual(['ORGANIZATION_READ', 'MEMBERS_READ', 'PROJECTS_READ', 'ROLES_READ']);
    });

    test('OWNER and ADMIN of a group act in its organizations, its members do not', async () => {
      const [boss, deputy, clerk] = [await loner(latchkey), await loner(latchkey), await loner(latchkey)];
      const group = await tenant(latchkey, [
        [boss, 'OWNER'],
        [deputy, 'ADMIN'],
        [clerk, 'MEMBER'],
      ]);
      const { id } = await tenant(latchkey, [[ada, 'OWNER']], group.id);
      expect((await current(boss, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });
      expect((await current(deputy, id)).data?.currentOrganization).toMatchObject({ role: 'ADMIN' });
      expect(refusalOf(await current(clerk, id))).toBe('FORBIDDEN');
      // And not the other way round: an owner in the group's organization is nobody in the group.
      expect(refusalOf(await current(ada, group.id))).toBe('FORBIDDEN');
      await prisma().organization.update({ where: { id: group.id }, data: { suspendedAt: new Date() } });
      expect(refusalOf(await current(boss, id))).toBe('FORBIDDEN');
      expect((await current(ada, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });
    });

    test('a platform admin acts anywhere', async () => {
      const admin = await loner(latchkey);
      const { id } = await tenant(latchkey, [[ada, 'OWNER']]);
      expect(refusalOf(await current(admin, id))).toBe('FORBIDDEN');
      await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
      expect((await current(admin, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });
    });

    test('foreign, unknown, suspended and deleted organizations are refused alike', async () => {
      const [foreign, suspended, deleted] = [
        await tenant(latchkey, [[ada, 'OWNER']]),
        await tenant(latchkey, [[ben, 'OWNER']]),
        await tenant(latchkey, [[ben, 'OWNER']]),
      ];
      await prisma().organization.update({ where: { id: suspended.id }, data: { suspendedAt: new Date() } });
      await prisma().organization.update({
        where: { id: deleted.id },
        data: { deletesAt: new Date(Date.now() + 1e9) },
      });
      const refusals = [];
      const ids = [foreign.id, suspended.id, deleted.id, UNKNOWN, '00000000-0000-0000-0000-000000000000'];
      for (const id of ids) refusals.push(await current(ben, id));
      expect(refusals[0]?.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
      for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
    });

    test('a malformed header is BAD_REQUEST; the status is 400 and that of a refusal 403', async () => {
      const { id } = await tenant(latchkey, [[ada, 'OWNER']]);
      const post = async (header: string) => {
        const response = await latchkey.fetch('/graphql', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/graphql-response+json',
            authorization: `Bearer ${ben.accessToken}`,
            'x-organization-id': header,
          },
          body: JSON.stringify({ query: '{ currentOrganization { role } }' }),
        });
        return [response.status, refusalOf(await response.json())];
      };
      expect(await post(id)).toEqual([403, 'FORBIDDEN']);
      expect(await post('nonsense')).toEqual([400, 'BAD_REQUEST']);
      expect(await post(`${id}, ${id}`)).toEqual([400, 'BAD_REQUEST']);
      expect(await post(`${id}' OR true --`)).toEqual([400, 'BAD_REQUEST']);
    });

    test('without a header it is the only membership, and none where there are more or less', async () => {
      const person = await loner(latchkey);
      expect((await current(person)).data?.currentOrganization).toBeNull();
      const first = await tenant(latchkey, [[person, 'MEMBER']]);
      expect((await current(person)).data?.currentOrganization).toMatchObject({ organization: { id: first.id } });
      expect((await current(person, '')).data?.currentOrganization).toMatchObject({ organization: { id: first.id } });
      const second = await tenant(latchkey, [[person, 'MEMBER']]);
      expect((await current(person)).data?.currentOrganization).toBeNull();
      await prisma().organization.update({ where: { id: second.id }, data: { suspendedAt: new Date() } });
      expect((await current(person)).data?.currentOrganization).toMatchObject({ organization: { id: first.id } });
    });

    test('nobody acts nowhere: null without a header, UNAUTHENTICATED with one', async () => {
      expect((await latchkey.ask(CurrentOrganizationDocument, {})).currentOrganization).toBeNull();
      const sent = await latchkey.send(CurrentOrganizationDocument, {}, { headers: { 'x-organization-id': UNKNOWN } });
      expect(refusalOf(sent)).toBe('UNAUTHENTICATED');
    });

    test('authentication ignores the header', async () => {
      for (const header of [UNKNOWN, 'nonsense']) {
        const headers = { 'x-organization-id': header };
        const input = { identifier: ada.email, password: PASSWORD };
        const { login } = await latchkey.ask(LoginDocument, { input }, { headers });
        expect(login.__typename).toBe('LoginSuccess');
        expect((await latchkey.ask(MeDocument, {}, { bearer: ada.accessToken, headers })).me?.id).toBe(ada.id);
        const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: 'forged' } }, { headers });
        expect(refresh.__typename).toBe('SessionEndedError');
      }
    });
  });

  describe('making and changing', () => {
    test('the creator owns it, and it gets a default project and a unique slug', async () => {
      const person = await loner(latchkey);
      const [first, second] = [await create(person, '  Café Zoë  '), await create(person, 'Café Zoë')];
      expect(first).toMatchObject({ name: 'Café Zoë', slug: 'cafe-zoe', groupId: null });
      expect(second.slug).toMatch(/^cafe-zoe-[0-9a-f]{10}$/);
      const { me } = await latchkey.ask(MyMembershipsDocument, {}, by(person));
      expect(me?.memberships.nodes.map(({ role, organization }) => [role, organization.id])).toEqual([
        ['OWNER', first.id],
        ['OWNER', second.id],
      ]);
      expect(await prisma().project.count({ where: { organizationId: first.id, isDefault: true } })).toBe(1);
      const events = await prisma().auditEvent.findMany({ where: { organizationId: first.id } });
      expect(events).toMatchObject([{ name: 'create_organization.completed', actorId: person.id }]);
    });

    test('of one name at once each gets a slug of its own', async () => {
      const made = await Promise.all(Array.from({ length: 6 }, () => create(cyd, 'Twins & Co')));
      expect(new Set(made.map(({ slug }) => slug)).size).toBe(6);
    });

    test('names are one line of characters that can be shown', async () => {
      for (const name of ['', '   ', 'a\u0000b', 'a\nb', '\u202Egro', 'x'.repeat(101)]) {
        const { createOrganization } = await latchkey.ask(CreateOrganizationDocument, { input: { name } }, by(ada));
        expect(createOrganization.__typename, JSON.stringify(name)).toBe('ValidationError');
      }
    });

    test('in a group only its OWNER and ADMIN make organizations, and one level deep', async () => {
      const group = await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'MEMBER'],
      ]);
      const child = await create(ada, 'Child', group.id);
      expect(child.groupId).toBe(group.id);
      for (const [person, groupId] of [
        [ben, group.id],
        [cyd, group.id],
        [ada, UNKNOWN],
        [ada, 'nonsense'],
      ] as const) {
        const sent = await latchkey.send(CreateOrganizationDocument, { input: { name: 'X', groupId } }, by(person));
        expect(refusalOf(sent)).toBe('FORBIDDEN');
      }
      const input = { name: 'Grandchild', groupId: child.id };
      const { createOrganization } = await latchkey.ask(CreateOrganizationDocument, { input }, by(ada));
      expect(createOrganization).toMatchObject({
        __typename: 'ValidationError',
        fieldErrors: [{ path: ['groupId'], code: 'NOT_ALLOWED' }],
      });
    });

    test('one person owns only so many, also when asking for all at once', async () => {
      const person = await loner(latchkey);
      const inputs = Array.from({ length: 24 }, (_, i) => ({ name: `Many ${i}` }));
      const answers = await Promise.all(
        inputs.map((input) => latchkey.ask(CreateOrganizationDocument, { input }, by(person))),
      );
      const kinds = answers.map(({ createOrganization }) => createOrganization.__typename);
      expect(kinds.filter((kind) => kind === 'CreateOrganizationSuccess')).toHaveLength(20);
      expect(kinds.filter((kind) => kind === 'LimitReachedError')).toHaveLength(4);
    });

    test('a slug that was given up leads to its organization for 90 days and is nobody else’s', async () => {
      const [one, two] = [await tenant(latchkey, [[ada, 'OWNER']]), await tenant(latchkey, [[ada, 'OWNER']])];
      const update = async (organizationId: string, slug: string) =>
        (await latchkey.ask(UpdateOrganizationDocument, { input: { organizationId, slug } }, by(ada)))
          .updateOrganization;
      const bySlug = async (slug: string) =>
        (await latchkey.send(OrganizationBySlugDocument, { slug }, by(ada))).data?.organizationBySlug?.id;
      const fresh = `fresh-${one.slug}`;
      expect(await update(one.id, ` ${fresh.toUpperCase()} `)).toMatchObject({ organization: { slug: fresh } });
      expect(await bySlug(fresh)).toBe(one.id);
      expect(await bySlug(one.slug)).toBe(one.id);
      expect(await update(two.id, one.slug)).toMatchObject({ fieldErrors: [{ code: 'ALREADY_TAKEN' }] });
      expect(await update(two.id, fresh)).toMatchObject({ fieldErrors: [{ code: 'ALREADY_TAKEN' }] });
      // Its own it may take back.
      expect(await update(one.id, one.slug)).toMatchObject({ organization: { slug: one.slug } });
      expect(await bySlug(fresh)).toBe(one.id);
      const expired = { where: { slug: fresh }, data: { expiresAt: new Date(0) } };
      await prisma().formerSlug.update(expired);
      expect(refusalOf(await latchkey.send(OrganizationBySlugDocument, { slug: fresh }, by(ada)))).toBe('FORBIDDEN');
      const odd = await latchkey.send(OrganizationBySlugDocument, { slug: 'a\u0000b' }, by(ada));
      expect(refusalOf(odd)).toBe('FORBIDDEN');
      expect(await update(two.id, fresh)).toMatchObject({ organization: { slug: fresh } });
      expect(await update(two.id, 'Not A Slug')).toMatchObject({ fieldErrors: [{ code: 'INVALID_FORMAT' }] });
    });

    test('an organization keeps the last five slugs it gave up, so that renaming takes none away from others', async () => {
      const { id, slug } = await tenant(latchkey, [[ada, 'OWNER']]);
      for (let i = 1; i <= 7; i++) {
        const input = { organizationId: id, slug: `${slug}-${i}` };
        await latchkey.ask(UpdateOrganizationDocument, { input }, by(ada));
        latchkey.advance({ seconds: 1 });
      }
      const kept = await prisma().formerSlug.findMany({ where: { organizationId: id }, orderBy: { slug: 'asc' } });
      expect(kept.map((each) => each.slug)).toEqual([2, 3, 4, 5, 6].map((i) => `${slug}-${i}`));
    });

    test('of many who want one slug at once, one gets it', async () => {
      const all = await Promise.all(Array.from({ length: 5 }, () => tenant(latchkey, [[cyd, 'OWNER']])));
      const slug = `wanted-${process.pid}-${engine.slice(0, 3)}`;
      const answers = await Promise.all(
        all.map(({ id }) => latchkey.ask(UpdateOrganizationDocument, { input: { organizationId: id, slug } }, by(cyd))),
      );
      const kinds = answers.map(({ updateOrganization }) => updateOrganization.__typename).sort();
      expect(kinds).toEqual(['UpdateOrganizationSuccess', ...Array(4).fill('ValidationError')]);
    });

    test('without an id the effective one is changed; with two and no header the request says which', async () => {
      const person = await loner(latchkey);
      const one = await tenant(latchkey, [[person, 'OWNER']]);
      const rename = (name: string, header?: string) =>
        latchkey.send(UpdateOrganizationDocument, { input: { name, openRegistration: true } }, by(person, header));
      expect((await rename('Renamed')).data?.updateOrganization).toMatchObject({
        organization: { id: one.id, name: 'Renamed', openRegistration: true },
      });
      const two = await tenant(latchkey, [[person, 'OWNER']]);
      expect((await rename('Which')).data?.updateOrganization.__typename).toBe('OrganizationRequiredError');
      expect((await rename('Two', two.id)).data?.updateOrganization).toMatchObject({ organization: { id: two.id } });
    });
  });

  describe('the end', () => {
    test('a deleted organization refuses everyone at once, can be restored, and is gone after the grace', async () => {
      const person = await loner(latchkey);
      const { id } = await tenant(latchkey, [
        [person, 'OWNER'],
        [ben, 'MEMBER'],
      ]);
      await prisma().user.update({ where: { id: person.id }, data: { tenantId: id } });
      const input = { organizationId: id };
      const updatedAt = async () => (await prisma().organization.findUniqueOrThrow({ where: { id } })).updatedAt;
      const created = await updatedAt();
      latchkey.advance({ seconds: 1 });
      const { deleteOrganization } = await latchkey.ask(DeleteOrganizationDocument, { input }, by(person));
      expect(deleteOrganization).toMatchObject({ organization: { deletesAt: expect.any(String) } });
      const deleted = await updatedAt();
      expect(deleted.getTime()).toBeGreaterThan(created.getTime());
      latchkey.advance({ seconds: 1 });
      expect(refusalOf(await current(person, id))).toBe('FORBIDDEN');
      expect(refusalOf(await current(ben, id))).toBe('FORBIDDEN');
      expect(refusalOf(await latchkey.send(OrganizationByIdDocument, { id }, by(person)))).toBe('FORBIDDEN');
      expect(refusalOf(await latchkey.send(RestoreOrganizationDocument, { input }, by(ben)))).toBe('FORBIDDEN');
      const { restoreOrganization } = await latchkey.ask(RestoreOrganizationDocument, { input }, by(person));
      expect(restoreOrganization).toMatchObject({ organization: { deletesAt: null } });
      expect((await updatedAt()).getTime()).toBeGreaterThan(deleted.getTime());
      expect((await current(person, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });

      await latchkey.ask(DeleteOrganizationDocument, { input }, by(person));
      await cleanUp(latchkey.app.parts);
      const kept = await prisma().organization.findUnique({ where: { id } });
      const days = ((kept?.deletesAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(30);
      await prisma().organization.update({ where: { id }, data: { deletesAt: new Date(Date.now() - 1) } });
      expect(await cleanUp(latchkey.app.parts)).toMatchObject({ organizations: 1 });
      expect(await prisma().organization.count({ where: { id } })).toBe(0);
      expect(await prisma().membership.count({ where: { organizationId: id } })).toBe(0);
      const where = { organizationId: id, name: { contains: '_organization.' } };
      const names = (await prisma().auditEvent.findMany({ where, orderBy: { id: 'asc' } })).map(({ name }) => name);
      expect(names).toEqual([
        'delete_organization.completed',
        'restore_organization.completed',
        'delete_organization.completed',
        'purge_organization.completed',
      ]);
    });

    test('a group goes after its organizations', async () => {
      const group = await tenant(latchkey, [[ada, 'OWNER']]);
      await tenant(latchkey, [[ben, 'OWNER']], group.id);
      const input = { organizationId: group.id };
      const { deleteOrganization } = await latchkey.ask(DeleteOrganizationDocument, { input }, by(ada));
      expect(deleteOrganization.__typename).toBe('GroupNotEmptyError');
    });

    test('a platform admin suspends an organization, which takes effect with the next request, and lifts the suspension', async () => {
      const admin = await loner(latchkey);
      const { id } = await tenant(latchkey, [[ben, 'OWNER']]);
      const input = { organizationId: id };
      expect(refusalOf(await latchkey.send(SuspendOrganizationDocument, { input }, by(ben)))).toBe('FORBIDDEN');
      await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
      const suspended = await latchkey.ask(SuspendOrganizationDocument, { input }, by(admin));
      expect(suspended.suspendOrganization).toMatchObject({ organization: { suspendedAt: expect.any(String) } });
      expect(refusalOf(await current(ben, id))).toBe('FORBIDDEN');
      expect((await current(admin, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });
      await latchkey.ask(UnsuspendOrganizationDocument, { input }, by(admin));
      expect((await current(ben, id)).data?.currentOrganization).toMatchObject({ role: 'OWNER' });
    });
  });

  test('where anyone may register, a member does not see the others', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const open = { organizationId: team.id, openRegistration: true };
    await latchkey.ask(UpdateOrganizationDocument, { input: open }, by(ada));
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, {
      input: { name: 'Anyone', email, password: PASSWORD, organizationId: team.id },
    });
    await latchkey.ask(VerifyEmailDocument, { input: { email, code: (await latchkey.mailTo(email)).code } });
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const anyone = { bearer: login.tokens.accessToken };
    const here = (await latchkey.ask(CurrentOrganizationDocument, {}, anyone)).currentOrganization;
    expect(here).toMatchObject({ organization: { id: team.id }, role: 'MEMBER' });
    expect(here?.permissions).toEqual(['ORGANIZATION_READ', 'PROJECTS_READ', 'ROLES_READ']);
    const members = (sending: Sending) => latchkey.send(OrganizationMembersDocument, { id: team.id }, sending);
    expect(refusalOf(await members(anyone))).toBe('FORBIDDEN');
    expect((await members(by(ada))).data?.organization?.members?.nodes).toHaveLength(2);
    const joined = { name: 'join_organization.completed', organizationId: team.id, subjectId: login.user.id };
    expect(await prisma().auditEvent.count({ where: joined })).toBe(1);
    await latchkey.ask(UpdateOrganizationDocument, { input: { ...open, openRegistration: false } }, by(ada));
    expect((await members(anyone)).data?.organization?.members?.nodes).toHaveLength(2);
  });

  test('someone who registers without a tenant finds, after verification, a team and a default project', async () => {
    const person = await latchkey.person();
    const { me } = await latchkey.ask(MyMembershipsDocument, {}, by(person));
    expect(me?.memberships.nodes).toMatchObject([{ role: 'OWNER', organization: { id: me?.tenant?.id } }]);
    const projects = await prisma().project.findMany({ where: { organizationId: me?.tenant?.id ?? '' } });
    expect(projects).toMatchObject([{ name: 'Default', isDefault: true }]);
  });
});

describe.each(ENGINES)('an old sign-in and organizations on %s', (engine) => {
  test('a stolen access token neither deletes an organization nor hands it over', async () => {
    const latchkey = await startLatchkey({ engine, env: { ACCESS_TOKEN_TTL: '1h' } });
    const [owner, member] = [await loner(latchkey), await loner(latchkey)];
    const { id, memberships } = await tenant(latchkey, [
      [owner, 'OWNER'],
      [member, 'ADMIN'],
    ]);
    latchkey.advance({ minutes: 15 });
    const input = { membershipId: memberships.get(member.id) ?? '' };
    const { transferOwnership } = await latchkey.ask(TransferOwnershipDocument, { input }, by(owner));
    expect(transferOwnership.__typename).toBe('ReauthenticationRequiredError');
    const { deleteOrganization } = await latchkey.ask(
      DeleteOrganizationDocument,
      { input: { organizationId: id } },
      by(owner),
    );
    expect(deleteOrganization.__typename).toBe('ReauthenticationRequiredError');
    const { prisma } = latchkey.app.parts.database;
    expect((await prisma.organization.findUniqueOrThrow({ where: { id } })).deletesAt).toBeNull();
    expect(await prisma.membership.findMany({ where: { organizationId: id, role: 'OWNER' } })).toMatchObject([
      { userId: owner.id },
    ]);
    await latchkey.close();
  });
});
