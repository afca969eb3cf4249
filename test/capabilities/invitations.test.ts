import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCALES } from '#core/locale.ts';
import type { MembershipRole } from '#generated/prisma/client.ts';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  AcceptInvitationDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  CurrentOrganizationDocument,
  DeclineInvitationDocument,
  DeleteOrganizationDocument,
  InvitationPreviewDocument,
  InviteMemberDocument,
  LoginDocument,
  OrganizationInvitationsDocument,
  RegisterDocument,
  RemoveMemberDocument,
  ResendInvitationDocument,
  RevokeInvitationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';
import type { ReceivedMail } from '../support/smtp.ts';

const SUBJECT = 'You have been invited to join an organization';
const tokenIn = (link: string | null) => /token=([^&]+)/.exec(link ?? '')?.[1] ?? '';

/** What people do with invitations, in short words. */
function actsOf(latchkey: Latchkey) {
  const prisma = latchkey.app.parts.database.prisma;
  const invite = async (who: Person, team: Tenant, email: string, role: MembershipRole = 'MEMBER') =>
    (await latchkey.ask(InviteMemberDocument, { input: { email, role } }, by(who, team.id))).inviteMember;
  return {
    prisma,
    invite,
    /** Invites and opens the email. */
    invited: async (who: Person, team: Tenant, email: string, role: MembershipRole = 'MEMBER') => {
      const isSent = ({ envelope, subject }: ReceivedMail) => envelope.to.includes(email) && subject === SUBJECT;
      const before = latchkey.smtp.mails.filter(isSent).length;
      const answer = await invite(who, team, email, role);
      if (answer.__typename !== 'InviteMemberSuccess') throw new Error(`not invited: ${JSON.stringify(answer)}`);
      await latchkey.smtp.waitForMail(() => latchkey.smtp.mails.filter(isSent).length > before);
      const mail = latchkey.smtp.mails.findLast(isSent) ?? expect.fail('no email');
      return { ...answer.invitation, mail, token: tokenIn(mail.link), code: mail.code ?? '' };
    },
    accept: async (who: Person, input: { token?: string; code?: string }, ip = '127.0.0.1') =>
      (await latchkey.ask(AcceptInvitationDocument, { input }, { ...by(who), ip })).acceptInvitation,
    decline: async (token: string, ip = '127.0.0.1') =>
      (await latchkey.ask(DeclineInvitationDocument, { input: { token } }, { ip })).declineInvitation,
    revoke: (who: Person, invitationId: string, organizationId?: string) =>
      latchkey.send(RevokeInvitationDocument, { input: { invitationId } }, by(who, organizationId)),
    resend: (who: Person, invitationId: string, organizationId?: string) =>
      latchkey.send(ResendInvitationDocument, { input: { invitationId } }, by(who, organizationId)),
    preview: async (token: string) => (await latchkey.ask(InvitationPreviewDocument, { token })).invitationPreview,
    register: async (input: { email: string; invitationToken?: string; organizationId?: string }) =>
      (await latchkey.ask(RegisterDocument, { input: { name: 'Nia New', password: PASSWORD, ...input } })).register,
    verify: async (email: string) => {
      const { code } = await latchkey.smtp.waitForMail(
        ({ envelope, link }) => envelope.to.includes(email) && (link ?? '').includes('/verify-email'),
      );
      return (await latchkey.ask(VerifyEmailDocument, { input: { email, code } })).verifyEmail.__typename;
    },
    membershipsOf: (email: string) =>
      prisma.membership.findMany({ where: { user: { email } }, select: { organizationId: true, role: true } }),
    statusOf: async (who: Person, team: Tenant, id: string) => {
      const { organization } = await latchkey.ask(OrganizationInvitationsDocument, { id: team.id }, by(who));
      return organization?.invitations.nodes.find((node) => node?.id === id)?.status;
    },
  };
}

describe.each(ENGINES)('invitations on %s', (engine) => {
  let latchkey: Latchkey;
  let acts: ReturnType<typeof actsOf>;
  let ada: Person;
  let ben: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    acts = actsOf(latchkey);
    [ada, ben] = await Promise.all([loner(latchkey), loner(latchkey)]);
  });
  afterAll(() => latchkey.close());

  const kinds = (answers: readonly { __typename: string }[]) => answers.map(({ __typename }) => __typename).sort();

  test('an invitation that could not be made has cost no email', async () => {
    const [owner, guest] = [await loner(latchkey), latchkey.address()];
    const team = await tenant(latchkey, [[owner, 'OWNER']]);
    const { outbox } = latchkey.app.parts;
    const { queue } = outbox;
    outbox.queue = () => Promise.reject(new Error('the disk is full'));
    const input = { email: guest, role: 'MEMBER' as const };
    try {
      for (let n = 0; n < 12; n++) {
        const { errors } = await latchkey.send(InviteMemberDocument, { input }, by(owner, team.id));
        expect(errors?.[0]?.extensions?.['code']).toBe('INTERNAL_SERVER_ERROR');
      }
    } finally {
      outbox.queue = queue;
    }
    const { inviteMember } = await latchkey.ask(InviteMemberDocument, { input }, by(owner, team.id));
    expect(inviteMember.__typename).toBe('InviteMemberSuccess');
    expect((await latchkey.mailTo(guest)).subject).toBe(SUBJECT);
  });

  test('invitations that cannot be made use up nothing of what others may send to the address', async () => {
    const [owner, guest] = [await loner(latchkey), await loner(latchkey)];
    const team = await tenant(latchkey, [
      [owner, 'OWNER'],
      [guest, 'MEMBER'],
    ]);
    for (let n = 0; n < 21; n++)
      expect((await acts.invite(owner, team, guest.email)).__typename).toBe('ValidationError');
    const elsewhere = await tenant(latchkey, [[ben, 'OWNER']]);
    expect((await acts.invited(ben, elsewhere, guest.email)).mail.subject).toBe(SUBJECT);
  });

  test('an invitation is accepted once, also by fifty at once', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const { token, code, id } = await acts.invited(ada, team, ben.email, 'ADMIN');
    expect(code).toMatch(/^\d{6}$/);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => acts.accept(ben, { token }, `192.0.2.${index}`)),
    );
    expect(answers.filter(({ __typename }) => __typename === 'AcceptInvitationSuccess')).toEqual([
      expect.objectContaining({
        membership: expect.objectContaining({ role: 'ADMIN', organization: expect.objectContaining({ id: team.id }) }),
      }),
    ]);
    expect(new Set(kinds(answers))).toEqual(new Set(['AcceptInvitationSuccess', 'InvalidInvitationError']));
    const inTheTeam = (await acts.membershipsOf(ben.email)).filter(({ organizationId }) => organizationId === team.id);
    expect(inTheTeam).toEqual([{ organizationId: team.id, role: 'ADMIN' }]);
    expect(await acts.statusOf(ada, team, id)).toBe('ACCEPTED');
    const accepted = { name: 'accept_invitation.completed', organizationId: team.id };
    const events = await acts.prisma.auditEvent.findMany({ where: accepted });
    expect(events).toEqual([expect.objectContaining({ actorId: ben.id, subjectId: ben.id, outcome: 'SUCCESS' })]);
  });

  test('of accepting, declining and revoking at once one wins', async () => {
    for (let round = 0; round < 4; round++) {
      await acts.prisma.throttle.deleteMany();
      const team = await tenant(latchkey, [[ada, 'OWNER']]);
      const { token, id } = await acts.invited(ada, team, ben.email);
      const [accepted, declined, revoked] = await Promise.all([
        acts.accept(ben, { token }),
        acts.decline(token),
        acts.revoke(ada, id),
      ]);
      const outcomes = kinds([accepted, declined, revoked.data?.revokeInvitation ?? { __typename: 'none' }]);
      expect(outcomes.filter((name) => name.endsWith('Success'))).toHaveLength(1);
      expect(outcomes.filter((name) => name === 'InvalidInvitationError')).toHaveLength(2);
      const isMember = (await acts.membershipsOf(ben.email)).some(({ organizationId }) => organizationId === team.id);
      expect(isMember).toBe(accepted.__typename === 'AcceptInvitationSuccess');
    }
  });

  test('accepting against the end of the organization at once leaves no half', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const cyd = await latchkey.person();
    const owner = await freshLogin(latchkey, ada);
    const { token } = await acts.invited(owner, team, cyd.email);
    const [accepted, deleted] = await Promise.all([
      acts.accept(cyd, { token }),
      latchkey.ask(DeleteOrganizationDocument, { input: { organizationId: team.id } }, by(owner)),
    ]);
    expect(deleted.deleteOrganization.__typename).toBe('DeleteOrganizationSuccess');
    expect(['AcceptInvitationSuccess', 'InvalidInvitationError']).toContain(accepted.__typename);
    const current = await latchkey.send(CurrentOrganizationDocument, {}, by(cyd, team.id));
    expect(refusalOf(current)).toBe('FORBIDDEN');
  });

  test('of an organization and an address one invitation waits, and inviting again renews it', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    const answers = await Promise.all(Array.from({ length: 8 }, () => acts.invite(ada, team, email)));
    expect(kinds(answers).filter((name) => name === 'InviteMemberSuccess')).toHaveLength(1);
    expect(new Set(kinds(answers))).toEqual(new Set(['InviteMemberSuccess', 'TooManyAttemptsError']));
    const first = await latchkey.mailTo(email);
    latchkey.advance({ seconds: 61 });
    const again = await acts.invited(ada, team, email, 'ADMIN');
    const rows = await acts.prisma.invitation.findMany({ where: { organizationId: team.id } });
    expect(rows).toEqual([expect.objectContaining({ id: again.id, generation: 2, role: 'ADMIN' })]);
    expect(again.code).not.toBe(first.code);
    expect(await acts.preview(tokenIn(first.link))).toBeNull();
    expect(await acts.preview(again.token)).toMatchObject({ role: 'ADMIN' });
    // The database enforces it for every writer.
    const { id: _, ...row } = rows[0] ?? expect.fail('no row');
    await expect(acts.prisma.invitation.create({ data: row })).rejects.toThrow();
  });

  test('new people who prove the address at the moment the invitation is revoked get a place or a team, never none', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const owner = await freshLogin(latchkey, ada);
    const email = latchkey.address();
    const { token, id } = await acts.invited(owner, team, email);
    await acts.register({ email, invitationToken: token });
    const [verified] = await Promise.all([acts.verify(email), acts.revoke(owner, id)]);
    expect(verified).toBe('VerifyEmailSuccess');
    const memberships = await acts.membershipsOf(email);
    expect(memberships).toHaveLength(1);
    expect(memberships[0]?.role).toBe(memberships[0]?.organizationId === team.id ? 'MEMBER' : 'OWNER');
  });
});

describe('invitations', () => {
  let latchkey: Latchkey;
  let acts: ReturnType<typeof actsOf>;
  let ada: Person;
  let ben: Person;
  let cyd: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { ACCESS_TOKEN_TTL: '1d' } });
    acts = actsOf(latchkey);
    [ada, ben, cyd] = await Promise.all([loner(latchkey), loner(latchkey), loner(latchkey)]);
  });
  afterAll(() => latchkey.close());

  test('the answer is the same for addresses with and without an account', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const [known, unknown] = [ben.email, latchkey.address()];
    const answers = await Promise.all([acts.invite(ada, team, known), acts.invite(ada, team, unknown.toUpperCase())]);
    const [one, two] = answers.map((answer) => {
      if (answer.__typename !== 'InviteMemberSuccess') return expect.fail(JSON.stringify(answer));
      const { id: _, createdAt: _c, expiresAt: _e, email, ...rest } = answer.invitation;
      return { email, rest };
    });
    expect([one?.email, two?.email]).toEqual([known, unknown]);
    expect(one?.rest).toEqual(two?.rest);
    expect(one?.rest).toMatchObject({ organizationId: team.id, role: 'MEMBER', status: 'PENDING' });
    const [toKnown, toUnknown] = await Promise.all([latchkey.mailTo(known, 2), latchkey.mailTo(unknown)]);
    const bare = (text: string) => text.replace(/\d{6}|token=\S+/g, '');
    expect(bare(toKnown.text)).toBe(bare(toUnknown.text));
  });

  test('the code from the email is enough for a user signed in with the address', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { code } = await acts.invited(ada, team, dan.email);
    expect((await acts.accept(ben, { code })).__typename).toBe('InvalidInvitationError');
    expect(await acts.accept(dan, { code: `${code.slice(0, 3)}\u2013\u200b${code.slice(3)}` })).toMatchObject({
      membership: { role: 'MEMBER', user: { id: dan.id } },
    });
  });

  test('a code allows five attempts, and an account ten per hour', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { code, token } = await acts.invited(ada, team, dan.email);
    const wrong = code === '000000' ? '000001' : '000000';
    for (let n = 0; n < 5; n++) await acts.accept(dan, { code: wrong });
    expect((await acts.accept(dan, { code })).__typename).toBe('InvalidInvitationError');
    for (let n = 0; n < 4; n++) await acts.accept(dan, { code: wrong });
    expect((await acts.accept(dan, { code })).__typename).toBe('TooManyAttemptsError');
    expect((await acts.accept(dan, { token })).__typename).toBe('AcceptInvitationSuccess');
  });

  test('of wrong links from one network, the audit log records a hundred, and all get the same answer', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { token } = await acts.invited(ada, team, dan.email);
    const ip = '198.51.100.77';
    const forged = (n: number) => `${token.slice(0, -4)}${String(n).padStart(4, '0')}`;
    const guesses = Array.from({ length: 110 }, (_, n) =>
      acts.accept(n % 2 === 0 ? dan : ben, { token: forged(n) }, ip),
    );
    const answers = await Promise.all(guesses);
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(answers[0]).toMatchObject({ __typename: 'InvalidInvitationError' });
    const events = (name: string) => acts.prisma.auditEvent.count({ where: { name, ipAddress: ip } });
    expect([await events('accept_invitation.failed'), await events('code.throttled')]).toEqual([100, 1]);
    expect((await acts.accept(dan, { token }, ip)).__typename).toBe('AcceptInvitationSuccess');
    // After the window, or from elsewhere, they are recorded again.
    await acts.accept(ben, { token: forged(200) }, '198.51.100.78');
    latchkey.advance({ minutes: 6 });
    await acts.accept(ben, { token: forged(201) }, ip);
    expect(await events('accept_invitation.failed')).toBe(101);
  });

  test('an unverified matching address cannot accept', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { token, code, id } = await acts.invited(ada, team, dan.email);
    await acts.prisma.user.update({ where: { id: dan.id }, data: { emailVerifiedAt: null } });
    for (const input of [{ token }, { code }]) {
      const answer = await latchkey.send(AcceptInvitationDocument, { input }, by(dan));
      const refusal = refusalOf(answer) ?? answer.data?.acceptInvitation.__typename;
      expect(['UNAUTHENTICATED', 'InvalidInvitationError']).toContain(refusal);
    }
    // Nor can someone who registers the address without verifying it.
    const email = latchkey.address();
    const other = await acts.invited(ada, team, email);
    expect((await acts.register({ email, invitationToken: other.token })).__typename).toBe('RegisterSuccess');
    expect(await acts.membershipsOf(email)).toEqual([]);
    expect(await acts.statusOf(ada, team, id)).toBe('PENDING');
    expect(await acts.statusOf(ada, team, other.id)).toBe('PENDING');
  });

  test('wrong, used, revoked and meant for another address are one answer', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const forDan = await acts.invited(ada, team, dan.email);
    const forged = `${forDan.token.slice(0, -2)}${forDan.token.endsWith('A') ? 'BB' : 'AA'}`;
    const answers = [
      await acts.accept(ben, { token: forDan.token }),
      await acts.accept(dan, { token: forged }),
      await acts.accept(dan, { token: 'nonsense' }),
      await acts.accept(dan, { token: 'A'.repeat(72) }),
      await acts.decline('nonsense'),
    ];
    await acts.accept(dan, { token: forDan.token });
    answers.push(await acts.accept(dan, { token: forDan.token }, '192.0.2.1'), await acts.decline(forDan.token));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ __typename: 'InvalidInvitationError', code: 'INVALID_INVITATION' });
    const both = await acts.accept(dan, { token: 'x', code: '1' });
    expect(both).toMatchObject({ __typename: 'ValidationError', fieldErrors: [{ path: ['token'], code: 'REQUIRED' }] });
    expect((await acts.accept(dan, {})).__typename).toBe('ValidationError');
    expect(refusalOf(await latchkey.send(AcceptInvitationDocument, { input: { token: 'x' } }))).toBe('UNAUTHENTICATED');
  });

  test('nobody invites above the own role, or touches an invitation that is', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
      [cyd, 'MEMBER'],
    ]);
    const email = latchkey.address();
    const inviting = (who: Person, role: MembershipRole, to = latchkey.address()) =>
      latchkey.send(InviteMemberDocument, { input: { email: to, role } }, by(who, team.id));
    expect(refusalOf(await inviting(ben, 'OWNER'))).toBe('FORBIDDEN');
    expect(refusalOf(await inviting(cyd, 'MEMBER'))).toBe('FORBIDDEN');
    const { id, token } = await acts.invited(ada, team, email, 'OWNER');
    latchkey.advance({ seconds: 61 });
    expect(refusalOf(await inviting(ben, 'MEMBER', email))).toBe('FORBIDDEN');
    expect(refusalOf(await acts.resend(ben, id))).toBe('FORBIDDEN');
    expect(refusalOf(await acts.revoke(ben, id))).toBe('FORBIDDEN');
    expect(await acts.preview(token)).toMatchObject({ role: 'OWNER' });

    // A member with a role made for inviting invites members.
    const role = await latchkey.ask(
      CreateRoleDocument,
      { input: { name: 'Host', permissions: ['MEMBERS_INVITE'] as never[] } },
      by(ada, team.id),
    );
    if (role.createRole.__typename !== 'CreateRoleSuccess') expect.fail(JSON.stringify(role));
    const given = { membershipId: team.memberships.get(cyd.id) ?? '', roleId: role.createRole.role.id };
    await latchkey.ask(AssignRoleDocument, { input: given }, by(ada, team.id));
    expect((await inviting(cyd, 'MEMBER')).data?.inviteMember.__typename).toBe('InviteMemberSuccess');
    expect(refusalOf(await inviting(cyd, 'ADMIN'))).toBe('FORBIDDEN');
  });

  test('invitations of another organization cannot be seen, sent or revoked, nor under its header', async () => {
    const [mine, theirs] = [await tenant(latchkey, [[ada, 'OWNER']]), await tenant(latchkey, [[ben, 'OWNER']])];
    const { id, token } = await acts.invited(ben, theirs, latchkey.address());
    const foreign = [
      await acts.resend(ada, id),
      await acts.revoke(ada, id),
      await acts.revoke(ada, id, mine.id),
      await acts.revoke(ada, id, theirs.id),
      await acts.revoke(ada, '00000000-0000-7000-8000-000000000000'),
      await acts.revoke(ada, 'nonsense'),
      await latchkey.send(OrganizationInvitationsDocument, { id: theirs.id }, by(ada)),
      await acts.resend(ben, id, mine.id),
    ];
    for (const answer of foreign) expect(answer.errors).toEqual(foreign[0]?.errors && expect.any(Array));
    expect(foreign.map(refusalOf)).toEqual(foreign.map(() => 'FORBIDDEN'));
    expect(await acts.preview(token)).not.toBeNull();
    // Seen as a member who may not invite, either.
    const plain = await tenant(latchkey, [[cyd, 'MEMBER']]);
    expect(refusalOf(await latchkey.send(OrganizationInvitationsDocument, { id: plain.id }, by(cyd)))).toBe(
      'FORBIDDEN',
    );
  });

  test('members cannot be invited, and someone who joined otherwise keeps their role', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'MEMBER'],
    ]);
    expect(await acts.invite(ada, team, ben.email)).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['email'], code: 'ALREADY_MEMBER' }],
    });
    expect(await acts.invite(ada, team, 'no address')).toMatchObject({ fieldErrors: [{ path: ['email'] }] });
    const dan = await latchkey.person();
    const { token } = await acts.invited(ada, team, dan.email, 'ADMIN');
    const times = { createdAt: new Date(), updatedAt: new Date() };
    await acts.prisma.membership.create({
      data: { userId: dan.id, organizationId: team.id, role: 'MEMBER', ...times },
    });
    expect(await acts.accept(dan, { token })).toMatchObject({ membership: { role: 'MEMBER' } });
  });

  test('a removed member cannot come back with a pending invitation', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { token, id } = await acts.invited(ada, team, dan.email);
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const { id: membershipId } = await acts.prisma.membership.create({
      data: { userId: dan.id, organizationId: team.id, role: 'MEMBER', ...times },
    });
    await latchkey.ask(RemoveMemberDocument, { input: { membershipId } }, by(ada));
    expect((await acts.accept(dan, { token })).__typename).toBe('InvalidInvitationError');
    expect(await acts.statusOf(ada, team, id)).toBe('REVOKED');
  });

  test('an invitation stays valid when its inviter leaves', async () => {
    const team = await tenant(latchkey, [
      [ada, 'OWNER'],
      [ben, 'ADMIN'],
    ]);
    const dan = await latchkey.person();
    const { token } = await acts.invited(ben, team, dan.email);
    await latchkey.ask(RemoveMemberDocument, { input: { membershipId: team.memberships.get(ben.id) ?? '' } }, by(ada));
    expect((await acts.accept(dan, { token })).__typename).toBe('AcceptInvitationSuccess');
  });

  test('what one tenant sends tells another nothing, and an address gets no more than twenty a day from all', async () => {
    const email = latchkey.address();
    const teams = await Promise.all(Array.from({ length: 22 }, () => tenant(latchkey, [[ada, 'OWNER']])));
    for (const team of teams) expect((await acts.invite(ada, team, email)).__typename).toBe('InviteMemberSuccess');
    const [team] = teams;
    if (team === undefined) return;
    expect((await acts.invite(ada, team, email)).__typename).toBe('TooManyAttemptsError');
    const toThem = () => latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email));
    await latchkey.smtp.waitForMail(() => toThem().length === 20);
    expect(await acts.prisma.invitation.count({ where: { email } })).toBe(22);
  });

  test('an organization has at most 200 open invitations, and emails of a refusal are given back', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const now = latchkey.app.parts.clock();
    const row = (n: number) => ({
      organizationId: team.id,
      email: `guest${n}@example.test`,
      role: 'MEMBER' as const,
      locale: 'en',
      createdAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    });
    await acts.prisma.invitation.createMany({ data: Array.from({ length: 200 }, (_, n) => row(n)) });
    const email = latchkey.address();
    expect(await acts.invite(ada, team, email)).toMatchObject({ __typename: 'LimitReachedError', limit: 200 });
    expect((await acts.invite(ada, team, 'guest7@example.test')).__typename).toBe('InviteMemberSuccess');
    await acts.prisma.invitation.deleteMany({ where: { organizationId: team.id, email: 'guest8@example.test' } });
    expect((await acts.invite(ada, team, email)).__typename).toBe('InviteMemberSuccess');
    expect((await acts.invite(ada, team, email)).__typename).toBe('TooManyAttemptsError');

    // Newest first, page by page.
    const page = async (after: string | null) => {
      const variables = { id: team.id, first: 100, after };
      const { organization } = await latchkey.ask(OrganizationInvitationsDocument, variables, by(ada));
      return organization?.invitations;
    };
    const first = await page(null);
    const second = await page(first?.pageInfo.endCursor ?? null);
    const seen = [first, second].flatMap((each) => each?.nodes.map((node) => node?.email));
    expect([seen.length, new Set(seen).size, seen[0]]).toEqual([200, 200, email]);
    expect([first?.pageInfo.hasNextPage, second?.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  test('resending invalidates the previous code and link; answered and revoked invitations are not sent again', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    const first = await acts.invited(ada, team, email);
    expect((await acts.resend(ada, first.id)).data?.resendInvitation.__typename).toBe('TooManyAttemptsError');
    latchkey.advance({ seconds: 61 });
    expect((await acts.resend(ada, first.id)).data?.resendInvitation).toMatchObject({ invitation: { id: first.id } });
    const second = await latchkey.mailTo(email, 2);
    expect(await acts.preview(first.token)).toBeNull();
    expect(await acts.preview(tokenIn(second.link))).not.toBeNull();
    for (let n = 0; n < 2; n++) {
      expect((await acts.revoke(ada, first.id)).data?.revokeInvitation).toMatchObject({
        invitation: { status: 'REVOKED' },
      });
    }
    latchkey.advance({ seconds: 61 });
    expect((await acts.resend(ada, first.id)).data?.resendInvitation.__typename).toBe('InvalidInvitationError');
    expect(await acts.preview(tokenIn(second.link))).toBeNull();
    const events = await acts.prisma.auditEvent.findMany({
      where: { organizationId: team.id },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ name, actorId }) => [name, actorId])).toEqual([
      ['invite_member.completed', ada.id],
      ['resend_invitation.completed', ada.id],
      ['revoke_invitation.completed', ada.id],
    ]);
  });

  test('new people register with an invitation and become members once the address is verified', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    const { token, id } = await acts.invited(ada, team, email, 'ADMIN');
    expect((await acts.register({ email, invitationToken: `${token}&lang=en` })).__typename).toBe('RegisterSuccess');
    expect(await acts.membershipsOf(email)).toEqual([]);
    expect(await acts.verify(email)).toBe('VerifyEmailSuccess');
    expect(await acts.membershipsOf(email)).toEqual([{ organizationId: team.id, role: 'ADMIN' }]);
    const user = await acts.prisma.user.findUniqueOrThrow({ where: { email } });
    expect(user.tenantId).toBe(team.id);
    expect(await acts.statusOf(ada, team, id)).toBe('ACCEPTED');
    const where = { name: 'accept_invitation.completed', subjectId: user.id, organizationId: team.id };
    expect(await acts.prisma.auditEvent.count({ where })).toBe(1);
  });

  test('an invitation also works for someone who registered without it before', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    await acts.register({ email });
    const { token } = await acts.invited(ada, team, email);
    await acts.register({ email, invitationToken: token });
    expect(await acts.verify(email)).toBe('VerifyEmailSuccess');
    expect(await acts.membershipsOf(email)).toEqual([{ organizationId: team.id, role: 'MEMBER' }]);
  });

  test('if the invitation ends before the address is verified, the account gets the usual team', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    const { token, id } = await acts.invited(ada, team, email);
    await acts.register({ email, invitationToken: token });
    await acts.revoke(ada, id);
    expect(await acts.verify(email)).toBe('VerifyEmailSuccess');
    const [own, ...others] = await acts.membershipsOf(email);
    expect([own?.role, others]).toEqual(['OWNER', []]);
    expect(own?.organizationId).not.toBe(team.id);
  });

  test('registering with an invitation for another address is the answer for a wrong token', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const { token } = await acts.invited(ada, team, latchkey.address());
    const wrong = await acts.register({ email: latchkey.address(), invitationToken: 'nonsense' });
    expect(wrong).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['invitationToken'], code: 'NOT_ALLOWED' }],
    });
    expect(await acts.register({ email: latchkey.address(), invitationToken: token })).toEqual(wrong);
    const both = { email: latchkey.address(), invitationToken: token, organizationId: team.id };
    expect((await acts.register(both)).__typename).toBe('ValidationError');
  });

  test('of a suspended organization, and one about to be deleted, nothing is sent and nothing accepted', async () => {
    const dan = await latchkey.person();
    for (const ended of [{ suspendedAt: new Date() }, { deletesAt: new Date(Date.now() + 86_400_000) }]) {
      const team = await tenant(latchkey, [[ada, 'OWNER']]);
      await acts.prisma.throttle.deleteMany();
      const { token, id } = await acts.invited(ada, team, dan.email);
      await acts.prisma.organization.update({ where: { id: team.id }, data: ended });
      expect(await acts.preview(token)).toBeNull();
      expect((await acts.accept(dan, { token })).__typename).toBe('InvalidInvitationError');
      expect((await acts.decline(token)).__typename).toBe('InvalidInvitationError');
      expect((await acts.register({ email: dan.email, invitationToken: token })).__typename).toBe('ValidationError');
      expect(refusalOf(await acts.resend(ada, id))).toBe('FORBIDDEN');
      const again = { input: { email: latchkey.address() } };
      // Not by a platform admin either, who may act there.
      await acts.prisma.user.update({ where: { id: cyd.id }, data: { role: 'admin' } });
      expect(refusalOf(await latchkey.send(InviteMemberDocument, again, by(cyd, team.id)))).toBe('FORBIDDEN');
      await acts.prisma.user.update({ where: { id: cyd.id }, data: { role: 'customer' } });
    }
  });

  test('a deleted organization takes its invitations along; who registered with one keeps the account', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const email = latchkey.address();
    const { token, id } = await acts.invited(ada, team, email);
    await acts.register({ email, invitationToken: token });
    await acts.prisma.organization.delete({ where: { id: team.id } });
    expect(await acts.prisma.invitation.count({ where: { id } })).toBe(0);
    expect(await acts.preview(token)).toBeNull();
    expect(await acts.verify(email)).toBe('VerifyEmailSuccess');
    expect((await acts.membershipsOf(email)).map(({ role }) => role)).toEqual(['OWNER']);
  });

  test('an email that waits for its server is dropped when its invitation is revoked or renewed meanwhile', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const [revoked, renewed, gone] = [latchkey.address(), latchkey.address(), latchkey.address()];
    const other = await tenant(latchkey, [[ada, 'OWNER']]);
    await latchkey.smtp.pause();
    // It waits as well, and goes with its organization.
    await acts.invite(ada, other, latchkey.address());
    const answers = [
      await acts.invite(ada, team, revoked),
      await acts.invite(ada, team, renewed),
      await acts.invite(ada, other, gone),
    ];
    const [first] = answers;
    if (first?.__typename !== 'InviteMemberSuccess') return expect.fail(JSON.stringify(answers));
    // Until none is being handed over just now: all four wait to be tried again.
    await expect.poll(() => latchkey.logged().split('will retry').length - 1, { timeout: 15_000 }).toBeGreaterThan(3);
    await acts.revoke(ada, first.invitation.id);
    await acts.prisma.organization.delete({ where: { id: other.id } });
    await acts.prisma.throttle.deleteMany();
    await acts.invite(ada, team, renewed);
    await latchkey.smtp.resume();
    const { link } = await latchkey.mailTo(renewed);
    expect(await acts.preview(tokenIn(link))).not.toBeNull();
    await expect.poll(() => latchkey.logged().split('email dropped').length - 1, { timeout: 15_000 }).toBe(4);
    const reached = latchkey.smtp.mails.flatMap(({ envelope }) => envelope.to);
    expect(reached.filter((to) => [revoked, gone].includes(to))).toEqual([]);
    expect(reached.filter((to) => to === renewed)).toHaveLength(1);
  });

  test('names of inviter and organization never become links in the email, in any language', async () => {
    await acts.prisma.user.update({ where: { id: ben.id }, data: { name: 'https://evil.example/win' } });
    const team = await tenant(latchkey, [[ben, 'OWNER']]);
    const name = `<b>Bank</b> www.evil.example +49 151 1234567 ${'x'.repeat(80)}`;
    await acts.prisma.organization.update({ where: { id: team.id }, data: { name } });
    const subjects = new Set<string>();
    for (const locale of LOCALES) {
      const email = latchkey.address();
      await latchkey.ask(InviteMemberDocument, { input: { email, locale } }, by(ben, team.id));
      const mail = await latchkey.mailTo(email);
      subjects.add(mail.subject);
      for (const part of [mail.text, mail.html]) {
        expect(part).not.toMatch(/evil\.example|https?:\/\/evil|<b>|1234567|x{61}/);
        expect(part).toContain('evil. example');
      }
      expect(mail.link).toContain(`https://auth.example.test/accept-invitation?token=`);
      expect(mail.link).toContain(`lang=${locale}`);
      expect(mail.subject).not.toContain('Bank');
    }
    expect(subjects.size).toBe(LOCALES.length);
  });

  test('the emailed link shows the invitation without using it, and its button declines', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const { mail, token, id } = await acts.invited(ada, team, latchkey.address());
    const path = (mail.link ?? '').replace('https://auth.example.test', '');
    for (let n = 0; n < 3; n++) {
      const page = await latchkey.fetch(path);
      expect(page.status).toBe(200);
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(await page.text()).toContain('Tenant');
    }
    expect(await acts.statusOf(ada, team, id)).toBe('PENDING');
    const body = new URLSearchParams({ token, lang: 'en' });
    const press = (ip?: string) => latchkey.fetch('/accept-invitation', { method: 'POST', body }, ip);
    expect((await press()).status).toBe(200);
    expect(await acts.statusOf(ada, team, id)).toBe('DECLINED');
    expect((await press('192.0.2.1')).status).toBe(410);
    expect((await latchkey.fetch(path)).status).toBe(410);
    const declined = { name: 'decline_invitation.completed', organizationId: team.id };
    expect(await acts.prisma.auditEvent.findMany({ where: declined })).toMatchObject([{ actorId: null }]);
    expect(latchkey.logged()).not.toContain(token);
  });

  test('an invitation ends after seven days and can be sent again; neither code nor token is ever stored', async () => {
    const team = await tenant(latchkey, [[ada, 'OWNER']]);
    const dan = await latchkey.person();
    const { token, id, code } = await acts.invited(ada, team, dan.email);
    latchkey.advance({ days: 7, seconds: 1 });
    const [ada2, dan2] = await Promise.all([freshLogin(latchkey, ada), freshLogin(latchkey, dan)]);
    expect(await acts.statusOf(ada2, team, id)).toBe('EXPIRED');
    expect(await acts.preview(token)).toBeNull();
    for (const input of [{ token }, { code }]) {
      expect((await acts.accept(dan2, input)).__typename).toBe('InvalidInvitationError');
    }
    expect((await acts.resend(ada2, id)).data?.resendInvitation).toMatchObject({ invitation: { status: 'PENDING' } });
    const again = await latchkey.mailTo(dan.email, 3);
    const stored = await dump(latchkey);
    expect(stored).not.toContain(tokenIn(again.link));
    expect(stored).not.toMatch(new RegExp(`(?<![\\w-])${again.code}(?![\\w-])`));
    expect((await acts.accept(dan2, { token: tokenIn(again.link) })).__typename).toBe('AcceptInvitationSuccess');
  });

  test('the clean-up forgets invitations 90 days after their end', async () => {
    const team = await tenant(latchkey, [[await freshLogin(latchkey, ada), 'OWNER']]);
    const { id } = await acts.invited(await freshLogin(latchkey, ada), team, latchkey.address());
    const isThere = () => acts.prisma.invitation.count({ where: { id } });
    latchkey.advance({ days: 96 });
    await cleanUp(latchkey.app.parts);
    expect(await isThere()).toBe(1);
    latchkey.advance({ days: 2 });
    await cleanUp(latchkey.app.parts);
    expect(await isThere()).toBe(0);
  });
});

test('INVITATION_URL is where emails link to, with the token where no server sees it', async () => {
  const latchkey = await startLatchkey({ env: { INVITATION_URL: 'https://app.example.test/join?from=mail' } });
  try {
    const ada = await loner(latchkey);
    const { mail } = await actsOf(latchkey).invited(ada, await tenant(latchkey, [[ada, 'OWNER']]), 'b@example.test');
    const [, token = ''] = /^https:\/\/app\.example\.test\/join\?from=mail#token=(\S+)&lang=en$/m.exec(mail.text) ?? [];
    expect(await actsOf(latchkey).preview(token)).toMatchObject({ role: 'MEMBER' });
  } finally {
    await latchkey.close();
  }
});

/** The same person with a new sign-in: after the clock was moved. */
async function freshLogin(latchkey: Latchkey, person: Person): Promise<Person> {
  const { login } = await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
  if (login.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(login));
  return { ...person, accessToken: login.tokens.accessToken };
}
