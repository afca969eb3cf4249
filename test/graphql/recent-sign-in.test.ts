/** What requires a recent sign-in: every mutation is on one side or the other, and does what it declares. */
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MembershipRole } from '#generated/prisma/client.ts';
import type { RecentSignIn } from '#graphql/access.ts';
import { schema } from '#graphql/schema.ts';
import { LoginDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { variablesOf } from '../support/operation-of.ts';
import { tenant } from '../support/organizations.ts';

const MUTATIONS = Object.values(schema.getMutationType()?.getFields() ?? {});

/** Written down a second time: nothing changes sides by accident, and something new has to choose one. */
const DECLARED: Record<RecentSignIn, readonly string[]> = {
  always: ['deleteOrganization'],
  strong: [
    'startTotpSetup',
    'confirmTotpSetup',
    'removeTotp',
    'renewRecoveryCodes',
    'createLegacyPassword',
    'requestEmailChange',
    'exportMyData',
    'transferOwnership',
    'suspendOrganization',
    'unsuspendOrganization',
    'disableUser',
    'enableUser',
    'setUserRole',
    'endUserSessions',
    'sendPasswordReset',
    'resetSecondFactors',
  ],
  ownership: ['updateMembershipRole', 'removeMember', 'leaveOrganization', 'inviteMember', 'resendInvitation'],
  identifiers: ['updateProfile'],
  /** Take the password, so they ask only someone who has a second factor: test/capabilities has their own tests. */
  factor: ['changePassword', 'deleteAccount'],
};
const NEVER = {
  'takes a password, code or token instead': [
    'register',
    'verifyEmail',
    'rejectRegistration',
    'resendVerification',
    'login',
    'confirmLogin',
    'requestLogin',
    'loginWithEmail',
    'requestSecondFactorReset',
    'confirmSecondFactorReset',
    'refresh',
    'requestPasswordReset',
    'resetPassword',
    'reauthenticate',
    'confirmEmailChange',
    'undoEmailChange',
    'undoSecurityChange',
    'undoAccountDeletion',
    'acceptInvitation',
    'declineInvitation',
  ],
  'signs out, which gives nobody anything: someone who is afraid of a thief is not held up': [
    'logout',
    'logoutEverywhere',
    'endSession',
    'endOtherSessions',
    'forgetDevice',
    'untrustDevice',
    'removeLegacyPassword',
  ],
  'gives a token that opens less than the one it is asked with, and ends no later': ['issueServiceToken'],
  'can be undone by the owners, and gives no power over them': [
    'createOrganization',
    'updateOrganization',
    'restoreOrganization',
    'switchOrganization',
    'revokeInvitation',
    'createProject',
    'renameProject',
    'archiveProject',
    'unarchiveProject',
    'createRole',
    'updateRole',
    'deleteRole',
    'assignRole',
    'unassignRole',
  ],
};

test('every mutation is on one side or the other, says so, and can answer so', () => {
  const sides = [...Object.values(DECLARED), ...Object.values(NEVER)].flat();
  expect(MUTATIONS.map(({ name }) => name).sort()).toEqual(sides.toSorted());
  for (const field of MUTATIONS) {
    const rule = field.extensions['recentSignIn'] as RecentSignIn | undefined;
    const declared = Object.entries(DECLARED).find(([, names]) => names.includes(field.name))?.[0];
    expect(rule, field.name).toBe(declared);
    expect(field.description?.includes('Recent sign-in: required'), field.name).toBe(rule !== undefined);
    const members = schema.getPossibleTypes(schema.getType(String(field.type).replace('!', '')) as never);
    const canSay = members.some(({ name }) => name === 'ReauthenticationRequiredError');
    expect(canSay, field.name).toBe(rule !== undefined);
  }
});

/** What someone without a second factor gets, once it is not the sign-in that is missing. */
const NEEDS_A_FACTOR: Record<string, RegExp> = {
  confirmTotpSetup: /^LoginExpiredError$/,
  removeTotp: /^FORBIDDEN$/,
  // Ada is an administrator, who may have none.
  createLegacyPassword: /^FORBIDDEN$/,
  renewRecoveryCodes: /^SecondFactorNotSetUpError$/,
};

describe.each(ENGINES)('in a session of a sign-in that is not recent, on %s', (engine) => {
  let latchkey: Latchkey;
  let ada: Person;
  let bob: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { LEGACY_PASSWORDS: 'on' } });
    [ada, bob] = [await latchkey.person(), await latchkey.person()];
    await latchkey.app.parts.database.prisma.user.update({ where: { id: ada.id }, data: { role: 'admin' } });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  /** A new session of Ada's, who proved who she is at `age`. */
  const sessionOf = async (age: 'old' | 'recent') => {
    const input = { identifier: ada.email, password: PASSWORD };
    const { login } = await latchkey.ask(LoginDocument, { input }, { ip: `203.0.113.${++networks % 250}` });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    if (age === 'old') {
      const authenticatedAt = new Date(latchkey.app.parts.clock().getTime() - 3_600_000);
      await latchkey.app.parts.database.prisma.session.update({
        where: { id: login.session.id },
        data: { authenticatedAt },
      });
    }
    return login.tokens.accessToken;
  };
  /** An organization that Ada owns, with Bob in it and an invitation that waits. */
  const organization = async (role: MembershipRole) => {
    const { id, memberships } = await tenant(latchkey, [
      [ada, 'OWNER'],
      [bob, role],
    ]);
    const now = latchkey.app.parts.clock();
    const invitation = await latchkey.app.parts.database.prisma.invitation.create({
      data: {
        organizationId: id,
        email: latchkey.address(),
        role,
        locale: 'en',
        createdAt: now,
        expiresAt: new Date(now.getTime() + 86_400_000),
      },
    });
    return { organizationId: id, membershipId: memberships.get(bob.id), invitationId: invitation.id };
  };
  type Values = Record<string, unknown>;
  const ask = async (name: string, values: Values, age: 'old' | 'recent') => {
    const field = MUTATIONS.find((each) => each.name === name);
    if (field === undefined) throw new Error(name);
    const variables = variablesOf(field, (path) => values[path.at(-1) ?? '']);
    const [arg] = field.args;
    const query = arg
      ? `mutation ($input: ${arg.type}) { ${name}(input: $input) { __typename } }`
      : `mutation { ${name} { __typename } }`;
    const { data, errors } = await latchkey.send(parse(query) as never, variables as never, {
      bearer: await sessionOf(age),
    });
    const answer = (data as Record<string, { __typename: string }> | null | undefined)?.[name];
    return answer?.__typename ?? errors?.[0]?.extensions?.['code'];
  };
  const values = async (name: string): Promise<Values> => ({
    ...(await organization('OWNER')),
    userId: bob.id,
    sessionId: bob.sessionId,
    email: latchkey.address(),
    newEmail: latchkey.address(),
    password: PASSWORD,
    currentPassword: PASSWORD,
    newPassword: PASSWORD,
    username: `ada.${engine.slice(0, 2)}${++networks}`,
    // What is given is ownership, and what is taken too.
    role: { inviteMember: 'OWNER', setUserRole: 'customer' }[name] ?? 'ADMIN',
  });

  const { factor, ...ANY_PROOF } = DECLARED;

  test.each(Object.entries(ANY_PROOF).flatMap(([rule, names]) => names.map((name) => [name, rule])))(
    '%s asks for one (%s)',
    async (name) => {
      const before = await latchkey.app.parts.database.prisma.auditEvent.count({
        where: { name: { endsWith: '.completed' } },
      });
      expect(await ask(name, await values(name), 'old')).toBe('ReauthenticationRequiredError');
      // Nothing was done but the sign-in of this test.
      expect(
        await latchkey.app.parts.database.prisma.auditEvent.count({ where: { name: { endsWith: '.completed' } } }),
      ).toBe(before + 1);
      expect(await ask(name, await values(name), 'recent')).toMatch(NEEDS_A_FACTOR[name] ?? /Success$/);
    },
  );

  test.each([...Object.values(NEVER).flat(), ...factor])('%s does not ask for one', async (name) => {
    expect(await ask(name, await values(name), 'old')).not.toBe('ReauthenticationRequiredError');
  });

  test('what touches no owner and no identifier does not ask for one', async () => {
    const member = async () => ({ ...(await organization('MEMBER')), email: latchkey.address() });
    const asked: [string, Values][] = [
      ['updateMembershipRole', { ...(await member()), role: 'ADMIN' }],
      ['removeMember', await member()],
      ['inviteMember', { ...(await member()), role: 'ADMIN' }],
      ['resendInvitation', await member()],
      ['updateProfile', { name: 'Ada Lovelace', locale: 'de' }],
    ];
    for (const [name, given] of asked) expect(await ask(name, given, 'old'), name).toMatch(/Success$/);
    const { id } = await tenant(latchkey, [
      [bob, 'OWNER'],
      [ada, 'ADMIN'],
    ]);
    expect(await ask('leaveOrganization', { organizationId: id }, 'old')).toBe('LeaveOrganizationSuccess');
    // The same username again changes nothing.
    const username = `lovelace.${engine.slice(0, 2)}`;
    expect(await ask('updateProfile', { username }, 'recent')).toBe('UpdateProfileSuccess');
    expect(await ask('updateProfile', { username }, 'old')).toBe('UpdateProfileSuccess');
    expect(await ask('updateProfile', { username: null }, 'old')).toBe('ReauthenticationRequiredError');
  });
});
