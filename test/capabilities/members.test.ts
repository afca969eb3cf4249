import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AssignRoleDocument,
  CreateRoleDocument,
  CurrentOrganizationDocument,
  LeaveOrganizationDocument,
  MembersOfMyMembershipsDocument,
  MyMembershipsDocument,
  OrganizationMembersDocument,
  RemoveMemberDocument,
  TransferOwnershipDocument,
  UpdateMembershipRoleDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';

type Role = 'OWNER' | 'ADMIN' | 'MEMBER';

describe.each(ENGINES)('members on %s', (engine) => {
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
  const idOf = ({ memberships }: Tenant, { id }: Person) => memberships.get(id) ?? '';
  const setRole = (who: Person, membershipId: string, role: Role) =>
    latchkey.send(UpdateMembershipRoleDocument, { input: { membershipId, role } }, by(who));
  const remove = (who: Person, membershipId: string) =>
    latchkey.send(RemoveMemberDocument, { input: { membershipId } }, by(who));
  const leave = (who: Person, organizationId: string) =>
    latchkey.send(LeaveOrganizationDocument, { input: { organizationId } }, by(who));
  const owners = (organizationId: string) => prisma().membership.count({ where: { organizationId, role: 'OWNER' } });

  test('removal takes effect with the next request', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
    ]);
    const current = () => latchkey.send(CurrentOrganizationDocument, {}, by(ben, team.id));
    expect((await current()).data?.currentOrganization?.role).toBe('ADMIN');
    expect((await setRole(ada, idOf(team, ben), 'MEMBER')).data?.updateMembershipRole).toMatchObject({
      __typename: 'UpdateMembershipRoleSuccess',
      membership: { role: 'MEMBER', user: { id: ben.id, email: ben.email } },
    });
    expect((await current()).data?.currentOrganization?.role).toBe('MEMBER');
    expect((await remove(ada, idOf(team, ben))).data?.removeMember).toMatchObject({ membershipId: idOf(team, ben) });
    expect(refusalOf(await current())).toBe('FORBIDDEN');
    const events = await prisma().auditEvent.findMany({
      where: { organizationId: team.id, outcome: 'SUCCESS' },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ name, actorId, subjectId }) => [name, actorId, subjectId])).toEqual([
      ['update_membership_role.completed', ada.id, ben.id],
      ['remove_member.completed', ada.id, ben.id],
    ]);
  });

  test('two owners leaving at once leave one', async () => {
    for (let round = 0; round < 5; round++) {
      const team = await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'OWNER'],
      ]);
      const answers = await Promise.all([leave(ada, team.id), leave(ben, team.id)]);
      expect(answers.map(({ data }) => data?.leaveOrganization.__typename).sort()).toEqual([
        'LastOwnerError',
        'LeaveOrganizationSuccess',
      ]);
      expect(await owners(team.id)).toBe(1);
    }
  });

  test('two owners who remove or lower each other at once leave one', async () => {
    for (const act of [remove, (who: Person, id: string) => setRole(who, id, 'MEMBER')]) {
      const team = await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'OWNER'],
      ]);
      const answers = await Promise.all([act(ada, idOf(team, ben)), act(ben, idOf(team, ada))]);
      // The second is none any more when its turn comes.
      expect(answers.map(refusalOf).filter((code) => code === 'FORBIDDEN')).toHaveLength(1);
      expect(await owners(team.id)).toBe(1);
    }
  });

  test('the last owner can neither leave nor be removed nor lowered', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
    ]);
    expect((await leave(ada, team.id)).data?.leaveOrganization.__typename).toBe('LastOwnerError');
    expect((await remove(ada, idOf(team, ada))).data?.removeMember.__typename).toBe('LastOwnerError');
    const lowered = await setRole(ada, idOf(team, ada), 'ADMIN');
    expect(lowered.data?.updateMembershipRole.__typename).toBe('LastOwnerError');
    expect((await leave(ben, team.id)).data?.leaveOrganization.__typename).toBe('LeaveOrganizationSuccess');
    expect(await owners(team.id)).toBe(1);
  });

  test('a member cannot raise their own role', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
      [cyd, 'MEMBER'],
    ]);
    // Not even with every permission an owner can put into a role.
    const permissions = ['MEMBERS_UPDATE', 'MEMBERS_REMOVE', 'ROLES_MANAGE', 'ORGANIZATION_DELETE'] as never[];
    const created = await latchkey.ask(CreateRoleDocument, { input: { name: 'x', permissions } }, by(ada, team.id));
    if (created.createRole.__typename !== 'CreateRoleSuccess') throw new Error(created.createRole.__typename);
    const input = { roleId: created.createRole.role.id, membershipId: idOf(team, cyd) };
    await latchkey.ask(AssignRoleDocument, { input }, by(ada));
    for (const role of ['ADMIN', 'OWNER'] as const) {
      expect(refusalOf(await setRole(cyd, idOf(team, cyd), role))).toBe('FORBIDDEN');
    }
    expect(refusalOf(await setRole(ben, idOf(team, ben), 'OWNER'))).toBe('FORBIDDEN');
    const roles = await prisma().membership.findMany({ where: { organizationId: team.id }, orderBy: { id: 'asc' } });
    expect(roles.map(({ role }) => role)).toEqual(['OWNER', 'ADMIN', 'MEMBER']);
  });

  test('nobody can raise their own role, not even an admin of the group', async () => {
    const group = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
    ]);
    const team = await tenant(
      latchkey,
      [
        [ada, 'OWNER'],
        [ben, 'MEMBER'],
      ],
      group.id,
    );
    expect(refusalOf(await setRole(ben, idOf(team, ben), 'ADMIN'))).toBe('FORBIDDEN');
    expect(await prisma().membership.count({ where: { id: idOf(team, ben), role: 'MEMBER' } })).toBe(1);
  });

  test('an owner who cannot sign in or is being deleted does not count as the remaining owner', async () => {
    for (const unable of [{ disabledAt: new Date() }, { deletesAt: new Date(Date.now() + 86_400_000) }]) {
      const gone = await loner(latchkey);
      const team = await tenant(latchkey, [
        [ada, 'OWNER'],
        [gone, 'OWNER'],
        [ben, 'MEMBER'],
      ]);
      await prisma().user.update({ where: { id: gone.id }, data: unable });
      const lastOwner = { __typename: 'LastOwnerError' };
      expect((await leave(ada, team.id)).data?.leaveOrganization).toMatchObject(lastOwner);
      expect((await setRole(ada, idOf(team, ada), 'MEMBER')).data?.updateMembershipRole).toMatchObject(lastOwner);
      const membershipId = idOf(team, gone);
      const handedOver = await latchkey.send(TransferOwnershipDocument, { input: { membershipId } }, by(ada));
      expect(handedOver.data?.transferOwnership).toMatchObject(lastOwner);
      expect((await remove(ada, membershipId)).errors).toBeUndefined();
      expect(await owners(team.id)).toBe(1);
    }
  });

  test('an ADMIN makes no owners and touches none', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
      [cyd, 'MEMBER'],
    ]);
    expect(refusalOf(await setRole(ben, idOf(team, cyd), 'OWNER'))).toBe('FORBIDDEN');
    expect(refusalOf(await setRole(ben, idOf(team, ada), 'MEMBER'))).toBe('FORBIDDEN');
    expect(refusalOf(await remove(ben, idOf(team, ada)))).toBe('FORBIDDEN');
    expect((await setRole(ben, idOf(team, cyd), 'ADMIN')).data?.updateMembershipRole.__typename).toBe(
      'UpdateMembershipRoleSuccess',
    );
    expect((await remove(ben, idOf(team, cyd))).data?.removeMember.__typename).toBe('RemoveMemberSuccess');
  });

  test('an owner hands the ownership over in one step; nobody else does', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'MEMBER'],
    ]);
    const transfer = (who: Person, to: Person) =>
      latchkey.send(TransferOwnershipDocument, { input: { membershipId: idOf(team, to) } }, by(who));
    expect(refusalOf(await transfer(ben, ben))).toBe('FORBIDDEN');
    expect(refusalOf(await transfer(ada, ada))).toBe('FORBIDDEN');
    expect((await transfer(ada, ben)).data?.transferOwnership).toMatchObject({ membership: { role: 'OWNER' } });
    const roles = await prisma().membership.findMany({ where: { organizationId: team.id }, orderBy: { id: 'asc' } });
    expect(roles.map(({ role }) => role)).toEqual(['ADMIN', 'OWNER']);
    expect(refusalOf(await transfer(ada, ben))).toBe('FORBIDDEN');
  });

  test('the header of one tenant with an object of another is refused', async () => {
    const [one, two] = [
      await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'MEMBER'],
      ]),
      await tenant(latchkey, [
        [ada, 'OWNER'],
        [ben, 'MEMBER'],
      ]),
    ];
    // Ada may do both, but not the one in the name of the other.
    const membershipId = idOf(two, ben);
    const sending = by(ada, one.id);
    const sent = [
      await latchkey.send(RemoveMemberDocument, { input: { membershipId } }, sending),
      await latchkey.send(UpdateMembershipRoleDocument, { input: { membershipId, role: 'ADMIN' } }, sending),
      await latchkey.send(LeaveOrganizationDocument, { input: { organizationId: two.id } }, sending),
      await latchkey.send(OrganizationMembersDocument, { id: two.id }, sending),
    ];
    for (const each of sent) expect(refusalOf(each)).toBe('FORBIDDEN');
    expect(await prisma().membership.count({ where: { id: membershipId, role: 'MEMBER' } })).toBe(1);
    // What belongs to the viewer is shown; what is behind it is not.
    const mine = await latchkey.ask(MyMembershipsDocument, {}, sending);
    expect(mine.me?.memberships.nodes.map(({ organization }) => organization.id)).toContain(two.id);
    expect(refusalOf(await latchkey.send(MembersOfMyMembershipsDocument, {}, sending))).toBe('FORBIDDEN');
    expect((await latchkey.send(RemoveMemberDocument, { input: { membershipId } }, by(ada, two.id))).errors).toBe(
      undefined,
    );
  });
});
