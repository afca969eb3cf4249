/** What one person may change in a while, and that nothing is recorded that changed nothing. */
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextWithoutRequest } from '#core/context.ts';
import { spendWrite } from '#core/limits/write-budget.ts';
import { schema } from '#graphql/schema.ts';
import {
  ArchiveProjectDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteOrganizationDocument,
  DisableUserDocument,
  EnableUserDocument,
  EndOtherSessionsDocument,
  EndUserSessionsDocument,
  LoginDocument,
  MeDocument,
  RenameProjectDocument,
  ResetSecondFactorsDocument,
  RestoreOrganizationDocument,
  SetUserRoleDocument,
  SuspendOrganizationDocument,
  UnarchiveProjectDocument,
  UnassignRoleDocument,
  UnsuspendOrganizationDocument,
  UpdateMembershipRoleDocument,
  UpdateOrganizationDocument,
  UpdateProfileDocument,
  UpdateRoleDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { variablesIn, variablesOf } from '../support/operation-of.ts';
import { by, refusalOf, type Tenant, tenant } from '../support/organizations.ts';
import { protectedPerson } from '../support/second-factor.ts';

const MUTATIONS = Object.values(schema.getMutationType()?.getFields() ?? {});
/** What ends access to the account of the person who asks, and is never refused because of earlier changes. */
const PROTECTING = MUTATIONS.filter(({ extensions }) => extensions['protectsAccount'] === true);
/** What draws on the budget: it needs a person, takes no secret, and is not one of those. */
const COUNTED = MUTATIONS.filter(
  (field) =>
    field.extensions['access'] !== 'anyone' &&
    field.extensions['takesCredential'] !== true &&
    !PROTECTING.includes(field),
);

/** Counted mutations that are tested below with a second time that changes nothing, outside the table there. */
const TESTED_ALONE = ['updateRole', 'assignRole', 'unassignRole', 'endUserSessions', 'resetSecondFactors'];
/** Counted mutations for which there is no such second time. A new mutation has to choose a side. */
const NO_SECOND_TIME = {
  'makes, sends or gives something each time': [
    'startTotpSetup',
    'renewRecoveryCodes',
    'createLegacyPassword',
    'requestEmailChange',
    'exportMyData',
    'createOrganization',
    'switchOrganization',
    'issueServiceToken',
    'inviteMember',
    'resendInvitation',
    'createProject',
    'createRole',
    'sendPasswordReset',
  ],
  'is refused the second time, because what it is about is gone': [
    'revokeInvitation',
    'removeMember',
    'leaveOrganization',
    'transferOwnership',
    'deleteRole',
  ],
};

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

    const changes: [string, () => Promise<object>][] = [
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
    ];

    test('every mutation that draws on the budget is in one of the lists', () => {
      const listed = [...changes.map(([name]) => name), ...TESTED_ALONE, ...Object.values(NO_SECOND_TIME).flat()];
      expect(COUNTED.map(({ name }) => name).sort()).toEqual(listed.sort());
    });

    test.each(changes)('%s', async (_, change) => {
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

    test('resetSecondFactors', async () => {
      const { id: userId } = await protectedPerson(latchkey);
      const reset = () => latchkey.ask(ResetSecondFactorsDocument, { input: { userId } }, as());
      const before = await events('reset_second_factors.completed');
      await reset();
      const recorded = await events();
      await reset();
      expect([await events('reset_second_factors.completed'), await events()]).toEqual([before + 1, recorded]);
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

    // Others change what they like, and the person reads.
    const other = await latchkey.person();
    await latchkey.ask(UpdateProfileDocument, { input: { name: 'Other' } }, { bearer: other.accessToken });
    expect((await latchkey.ask(MeDocument, {}, { bearer: person.accessToken })).me?.id).toBe(person.id);
    latchkey.advance({ minutes: 5, seconds: 1 });
    expect((await rename('After')).errors).toBeUndefined();
  });

  test('without budget, all that counts is refused, with status and time; signing in and throwing a thief out are not', async () => {
    const person = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id: person.id }, data: { role: 'admin' } });
    const ctx = contextWithoutRequest(latchkey.app.parts, 'schedule');
    for (let i = 0; i < 1000; i += 1) await spendWrite(ctx, person.id);
    const outcomeOf = async (field: (typeof MUTATIONS)[number]) => {
      const { variables, given } = variablesIn(field);
      const [head, args] = variables === '' ? ['', ''] : [`(${variables})`, `(${given})`];
      const document = parse(`mutation ${head} { ${field.name}${args} { __typename } }`);
      const values = variablesOf(field, () => undefined);
      return refusalOf(await latchkey.send(document as never, values as never, { bearer: person.accessToken }));
    };
    for (const field of COUNTED) expect(await outcomeOf(field), field.name).toBe('TOO_MANY_REQUESTS');
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

    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
    expect(login.__typename).toBe('LoginSuccess');
    const last = ['endOtherSessions', 'logoutEverywhere'];
    const ordered = PROTECTING.toSorted((one, other) => last.indexOf(one.name) - last.indexOf(other.name));
    for (const field of ordered) expect(await outcomeOf(field), field.name).not.toBe('TOO_MANY_REQUESTS');
    expect(ordered.map(({ name }) => name)).toEqual([
      'endSession',
      'removeTotp',
      'untrustDevice',
      'forgetDevice',
      'removeLegacyPassword',
      'endOtherSessions',
      'logoutEverywhere',
    ]);
    expect(
      await latchkey.app.parts.database.prisma.session.count({ where: { userId: person.id, endedAt: null } }),
    ).toBe(0);
  });
});
