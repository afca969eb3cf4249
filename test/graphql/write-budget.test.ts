/** What one person may change in a while, and that nothing is recorded that changed nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextWithoutRequest } from '#core/context.ts';
import { spendWrite } from '#core/limits/write-budget.ts';
import {
  ArchiveProjectDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteOrganizationDocument,
  DisableUserDocument,
  EnableUserDocument,
  EndOtherSessionsDocument,
  EndSessionDocument,
  EndUserSessionsDocument,
  LoginDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RemoveLegacyPasswordDocument,
  RemoveTotpDocument,
  RenameProjectDocument,
  RestoreOrganizationDocument,
  SetUserRoleDocument,
  SuspendOrganizationDocument,
  UnarchiveProjectDocument,
  UnassignRoleDocument,
  UnsuspendOrganizationDocument,
  UntrustDeviceDocument,
  UpdateMembershipRoleDocument,
  UpdateOrganizationDocument,
  UpdateProfileDocument,
  UpdateRoleDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, refusalOf, type Tenant, tenant } from '../support/organizations.ts';

describe.each(ENGINES)('on %s', (engine) => {
  let latchkey: Latchkey;
  let admin: Person;
  let member: Person;
  let place: Tenant;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    [admin, member] = [await latchkey.person(), await latchkey.person()];
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    place = await tenant(latchkey, [
      [admin, 'OWNER'],
      [member, 'MEMBER'],
    ]);
  });
  afterAll(() => latchkey.close());

  const events = (name?: string) =>
    latchkey.app.parts.database.prisma.auditEvent.count({ where: name === undefined ? {} : { name } });

  describe('a change that changes nothing is answered like any other, and not recorded', () => {
    const as = () => by(admin, place.id);
    const membershipId = () => place.memberships.get(member.id) ?? '';
    const role = async () => {
      const input = { organizationId: place.id, name: `Role ${Math.random()}`, permissions: [] };
      const { createRole } = await latchkey.ask(CreateRoleDocument, { input }, as());
      if (createRole.__typename !== 'CreateRoleSuccess') throw new Error(createRole.__typename);
      return createRole.role;
    };
    const organization = () => ({ organizationId: place.id });

    test.each<[string, () => Promise<object>]>([
      ['updateProfile', () => latchkey.ask(UpdateProfileDocument, { input: { name: 'New', locale: 'de' } }, as())],
      [
        'updateOrganization',
        () =>
          latchkey.ask(
            UpdateOrganizationDocument,
            { input: { ...organization(), name: 'Acme', slug: `acme-${engine}`, openRegistration: true } },
            as(),
          ),
      ],
      [
        'renameProject',
        () => latchkey.ask(RenameProjectDocument, { input: { projectId: place.projectId, name: 'One' } }, as()),
      ],
      ['archiveProject', () => latchkey.ask(ArchiveProjectDocument, { input: { projectId: place.projectId } }, as())],
      [
        'unarchiveProject',
        () => latchkey.ask(UnarchiveProjectDocument, { input: { projectId: place.projectId } }, as()),
      ],
      [
        'updateMembershipRole',
        () =>
          latchkey.ask(UpdateMembershipRoleDocument, { input: { membershipId: membershipId(), role: 'ADMIN' } }, as()),
      ],
      ['suspendOrganization', () => latchkey.ask(SuspendOrganizationDocument, { input: organization() }, as())],
      ['unsuspendOrganization', () => latchkey.ask(UnsuspendOrganizationDocument, { input: organization() }, as())],
      ['deleteOrganization', () => latchkey.ask(DeleteOrganizationDocument, { input: organization() }, as())],
      ['restoreOrganization', () => latchkey.ask(RestoreOrganizationDocument, { input: organization() }, as())],
      ['disableUser', () => latchkey.ask(DisableUserDocument, { input: { userId: member.id } }, as())],
      ['enableUser', () => latchkey.ask(EnableUserDocument, { input: { userId: member.id } }, as())],
      ['setUserRole', () => latchkey.ask(SetUserRoleDocument, { input: { userId: member.id, role: 'admin' } }, as())],
    ])('%s', async (_, change) => {
      const before = await events();
      const kind = (answer: object) => Object.values(answer).map(({ __typename }) => __typename);
      const first = await change();
      const recorded = await events();
      expect(recorded).toBe(before + 1);
      expect(kind(await change())).toEqual(kind(first));
      expect(await events()).toBe(recorded);
    });

    test('updateRole, also with its permissions in another order', async () => {
      const { id, name } = await role();
      const change = (permissions: ('PROJECTS_READ' | 'MEMBERS_READ')[]) =>
        latchkey.ask(UpdateRoleDocument, { input: { roleId: id, name, permissions } }, as());
      const first = await change(['PROJECTS_READ', 'MEMBERS_READ']);
      const recorded = await events();
      expect(await change(['MEMBERS_READ', 'PROJECTS_READ'])).toEqual(first);
      expect(await events()).toBe(recorded);
    });

    test('assignRole and unassignRole', async () => {
      const input = { roleId: (await role()).id, membershipId: membershipId() };
      for (const document of [AssignRoleDocument, UnassignRoleDocument]) {
        const before = await events();
        await latchkey.send<unknown, { input: typeof input }>(document, { input }, as());
        await latchkey.send<unknown, { input: typeof input }>(document, { input }, as());
        expect(await events()).toBe(before + 1);
      }
    });

    test('ending sessions where there are none', async () => {
      await latchkey.ask(LoginDocument, { input: { identifier: member.email, password: PASSWORD } });
      for (const end of [
        () => latchkey.ask(EndUserSessionsDocument, { input: { userId: member.id } }, as()),
        () => latchkey.ask(EndOtherSessionsDocument, {}, as()),
      ]) {
        await end();
        const recorded = await events();
        await end();
        expect(await events()).toBe(recorded);
      }
    });
  });

  test('a person changes things a thousand times in five minutes, however many requests come at once', async () => {
    const person = await latchkey.person();
    const rename = (name: string) =>
      latchkey.send(UpdateProfileDocument, { input: { name } }, { bearer: person.accessToken });
    const ctx = contextWithoutRequest(latchkey.app.parts, 'schedule');
    for (let i = 0; i < 997; i += 1) await spendWrite(ctx, person.id);

    const results = await Promise.all(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map(rename));
    const refused = results.filter((result) => result.errors !== undefined);
    expect([refused.length, new Set(refused.map(refusalOf))]).toEqual([5, new Set(['TOO_MANY_REQUESTS'])]);
    expect(refused[0]?.errors?.[0]?.extensions).toMatchObject({ retryAfterSeconds: expect.any(Number) });
    expect(await events('write.throttled')).toBe(1);
    expect(
      await latchkey.app.parts.database.prisma.auditEvent.count({
        where: { subjectId: person.id, name: 'update_profile.completed' },
      }),
    ).toBe(3);

    // Others change what they like, and the person reads, and throws a thief out.
    const other = await latchkey.person();
    await latchkey.ask(UpdateProfileDocument, { input: { name: 'Other' } }, { bearer: other.accessToken });
    expect((await latchkey.ask(MeDocument, {}, { bearer: person.accessToken })).me?.id).toBe(person.id);
    await latchkey.ask(EndOtherSessionsDocument, {}, { bearer: person.accessToken });
    latchkey.advance({ minutes: 5, seconds: 1 });
    expect((await rename('After')).errors).toBeUndefined();
    await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: person.accessToken });
  });

  test('what ends the access of someone else always works', async () => {
    const person = await latchkey.person();
    const sending = { bearer: person.accessToken };
    const ctx = contextWithoutRequest(latchkey.app.parts, 'schedule');
    for (let i = 0; i < 1000; i += 1) await spendWrite(ctx, person.id);
    const id = '0190a0b0-0000-7000-8000-000000000000';
    expect(refusalOf(await latchkey.send(UpdateProfileDocument, { input: { name: 'X' } }, sending))).toBe(
      'TOO_MANY_REQUESTS',
    );
    const ended = await Promise.all([
      latchkey.send(EndSessionDocument, { input: { sessionId: id } }, sending),
      latchkey.send(EndOtherSessionsDocument, {}, sending),
      latchkey.send(UntrustDeviceDocument, { input: { deviceId: id } }, sending),
      latchkey.send(RemoveTotpDocument, { input: { factorId: id } }, sending),
      latchkey.send(RemoveLegacyPasswordDocument, { input: { legacyPasswordId: id } }, sending),
    ]);
    for (const answer of ended) expect(refusalOf(answer)).not.toBe('TOO_MANY_REQUESTS');
  });

  test('the refusal has its status and says when to come back', async () => {
    const person = await latchkey.person();
    const ctx = contextWithoutRequest(latchkey.app.parts, 'schedule');
    for (let i = 0; i < 1000; i += 1) await spendWrite(ctx, person.id);
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        authorization: `Bearer ${person.accessToken}`,
      },
      body: JSON.stringify({ query: 'mutation { updateProfile(input: { name: "X" }) { __typename } }' }),
    });
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });
});
