/** Ownership changes hands in the open: everyone who is an owner, or was one, gets an email. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { purgeDeletedAccounts } from '#capabilities/clean-up/account-purge.ts';
import { contextWithoutRequest } from '#core/context.ts';
import {
  AcceptInvitationDocument,
  InviteMemberDocument,
  LeaveOrganizationDocument,
  RemoveMemberDocument,
  TransferOwnershipDocument,
  UpdateMembershipRoleDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, tenant } from '../support/organizations.ts';

const ADDED = 'Your organization has a new owner';
const REMOVED = 'Someone is no longer an owner of your organization';

describe.each(ENGINES)('owners on %s', (engine) => {
  let latchkey: Latchkey;
  let [ada, ben, cyd, dan] = [] as unknown as [Person, Person, Person, Person];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    [ada, ben, cyd, dan] = await Promise.all([loner(latchkey), loner(latchkey), loner(latchkey), loner(latchkey)]);
  });
  afterAll(() => latchkey.close());

  const idOf = ({ memberships }: { memberships: ReadonlyMap<string, string> }, { id }: Person) =>
    memberships.get(id) ?? '';
  /** Who is told of an owner during `work`: addresses by subject. */
  const told = async (count: number, work: () => Promise<unknown>) => {
    const before = latchkey.smtp.mails.length;
    await work();
    const since = () =>
      latchkey.smtp.mails.slice(before).filter(({ subject }) => subject === ADDED || subject === REMOVED);
    await latchkey.smtp.waitForMail(() => since().length >= count);
    return since();
  };
  const addressees = (mails: { envelope: { to: string[] } }[]) => mails.flatMap(({ envelope }) => envelope.to).sort();
  const emails = (...people: Person[]) => people.map(({ email }) => email).sort();

  test('are told when one is added and when one is removed, and so is the person; members are not', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'OWNER'],
      [cyd, 'ADMIN'],
      [dan, 'MEMBER'],
    ]);
    const set = (role: 'OWNER' | 'ADMIN') => () =>
      latchkey.ask(UpdateMembershipRoleDocument, { input: { membershipId: idOf(team, cyd), role } }, by(ada));
    const added = await told(3, set('OWNER'));
    expect(added.map(({ subject }) => subject)).toEqual([ADDED, ADDED, ADDED]);
    expect(addressees(added)).toEqual(emails(ada, ben, cyd));
    expect(added[0]?.text).toContain('Ada Example became an owner of the organization “Tenant');

    const removed = await told(3, set('ADMIN'));
    expect(removed.map(({ subject }) => subject)).toEqual([REMOVED, REMOVED, REMOVED]);
    expect(addressees(removed)).toEqual(emails(ada, ben, cyd));

    const input = { membershipId: idOf(team, ben) };
    expect(addressees(await told(2, () => latchkey.ask(RemoveMemberDocument, { input }, by(ada))))).toEqual(
      emails(ada, ben),
    );
    // Nobody is told of members.
    const quiet = { membershipId: idOf(team, dan) };
    const before = latchkey.smtp.mails.length;
    await latchkey.ask(RemoveMemberDocument, { input: quiet }, by(ada));
    const leaving = await told(2, () =>
      latchkey.ask(UpdateMembershipRoleDocument, { input: { membershipId: idOf(team, cyd), role: 'OWNER' } }, by(ada)),
    );
    expect(latchkey.smtp.mails.slice(before).flatMap(({ envelope }) => envelope.to)).not.toContain(dan.email);
    expect(addressees(leaving)).toEqual(emails(ada, cyd));
  });

  test('are told when one hands over, and when one leaves', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'MEMBER'],
    ]);
    const transfer = { input: { membershipId: idOf(team, ben) } };
    const handed = await told(4, () => latchkey.ask(TransferOwnershipDocument, transfer, by(ada)));
    expect(
      handed
        .filter(({ subject }) => subject === ADDED)
        .flatMap(({ envelope }) => envelope.to)
        .sort(),
    ).toEqual(emails(ada, ben));
    expect(
      handed
        .filter(({ subject }) => subject === REMOVED)
        .flatMap(({ envelope }) => envelope.to)
        .sort(),
    ).toEqual(emails(ada, ben));

    const both = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'OWNER'],
    ]);
    const leave = { input: { organizationId: both.id } };
    const left = await told(2, () => latchkey.ask(LeaveOrganizationDocument, leave, by(ada)));
    expect(addressees(left)).toEqual(emails(ada, ben));
  });

  test('are told when someone accepts an invitation to become one', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const seen = latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(dan.email)).length;
    await latchkey.ask(InviteMemberDocument, { input: { email: dan.email, role: 'OWNER' } }, by(ada, team.id));
    const { code } = await latchkey.mailTo(dan.email, seen + 1);
    const accepted = await told(2, () => latchkey.ask(AcceptInvitationDocument, { input: { code } }, by(dan)));
    expect(accepted.map(({ subject }) => subject)).toEqual([ADDED, ADDED]);
    expect(addressees(accepted)).toEqual(emails(ada, dan));
  });

  test('who stays is told when the account of an owner is deleted, and when they inherit', async () => {
    const [gone, heir] = [await loner(latchkey), await loner(latchkey)];
    await tenant(latchkey, [
      [gone, 'OWNER'],
      [heir, 'MEMBER'],
    ]);
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: gone.id }, data: { deletesAt: new Date(0) } });
    const mails = await told(2, () => purgeDeletedAccounts(contextWithoutRequest(latchkey.app.parts, 'schedule')));
    expect(mails.map(({ subject }) => subject).sort()).toEqual([REMOVED, ADDED].sort());
    expect(addressees(mails)).toEqual(emails(heir, heir));
    expect(mails.find(({ subject }) => subject === REMOVED)?.text).toContain('Someone whose account no longer exists');
  });
});
