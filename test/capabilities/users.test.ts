import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { disableUser } from '#capabilities/users/account-access.ts';
import { setUserRole } from '#capabilities/users/user-role.ts';
import { findUser } from '#capabilities/users/users.ts';
import { operatorContext } from '#cli/operator.ts';
import { LastAdminError } from '#errors/domain-errors.ts';
import {
  AuditEventsDocument,
  DisableUserDocument,
  EnableUserDocument,
  EndUserSessionsDocument,
  LoginDocument,
  MeDocument,
  RefreshDocument,
  ResetPasswordDocument,
  SendPasswordResetDocument,
  SetUserRoleDocument,
  UserByIdDocument,
  UsersDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

const NOBODY = '019302aa-0000-7000-8000-000000000000';

describe.each(ENGINES)('administration on %s', (engine) => {
  let latchkey: Latchkey;
  let admin: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    admin = await anAdmin();
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const setRole = (id: string, role: string) => prisma().user.update({ where: { id }, data: { role } });
  async function anAdmin(): Promise<Person> {
    const person = await latchkey.person();
    await setRole(person.id, 'admin');
    return person;
  }
  /** A fresh proof, because tests move the clock. */
  async function asAdmin(): Promise<{ bearer: string }> {
    return { bearer: await tokenOf(admin) };
  }
  async function tokenOf({ email }: Person): Promise<string> {
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    return login.tokens.accessToken;
  }
  const eventsAbout = (subjectId: string, name: string) => prisma().auditEvent.findMany({ where: { subjectId, name } });

  test('disabling ends every session at once, and login tells it after the right password only', async () => {
    const bearer = (await asAdmin()).bearer;
    const person = await latchkey.person();
    const { disableUser } = await latchkey.ask(DisableUserDocument, { input: { userId: person.id } }, { bearer });
    expect(disableUser).toMatchObject({ __typename: 'DisableUserSuccess', endedSessions: 1, user: { id: person.id } });
    const { errors } = await latchkey.send(MeDocument, {}, { bearer: person.accessToken });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    expect(refresh.__typename).toBe('SessionEndedError');
    const log = async (password: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier: person.email, password } })).login.__typename;
    expect(await log('wrong password entirely')).toBe('InvalidCredentialsError');
    expect(await log(PASSWORD)).toBe('AccountDisabledError');

    const shown = await latchkey.ask(UserByIdDocument, { id: person.id }, { bearer });
    expect(shown.user?.disabledAt).toEqual(expect.any(String));
    const again = await latchkey.ask(DisableUserDocument, { input: { userId: person.id } }, { bearer });
    expect(again.disableUser).toMatchObject({ __typename: 'DisableUserSuccess', endedSessions: 0 });
    expect(await eventsAbout(person.id, 'disable_user.completed')).toMatchObject([
      {
        actorId: admin.id,
        subjectId: person.id,
        outcome: 'SUCCESS',
        origin: 'request',
        sessionRef: expect.any(String),
      },
    ]);

    const { enableUser } = await latchkey.ask(EnableUserDocument, { input: { userId: person.id } }, { bearer });
    expect(enableUser).toMatchObject({ __typename: 'EnableUserSuccess', user: { disabledAt: null } });
    expect(await log(PASSWORD)).toBe('LoginSuccess');
    expect(await eventsAbout(person.id, 'enable_user.completed')).toHaveLength(1);
  });

  test('a login under way while the account is disabled leaves no live session', async () => {
    const { bearer } = await asAdmin();
    const person = await latchkey.person();
    await Promise.all([
      ...Array.from({ length: 4 }, () =>
        latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } }),
      ),
      latchkey.ask(DisableUserDocument, { input: { userId: person.id } }, { bearer }),
    ]);
    expect(await prisma().session.count({ where: { userId: person.id, endedAt: null } })).toBe(0);
  });

  test('emailed codes and links end when the account is disabled', async () => {
    const { bearer } = await asAdmin();
    const person = await latchkey.person();
    await latchkey.ask(SendPasswordResetDocument, { input: { userId: person.id } }, { bearer });
    const { code } = await latchkey.mailTo(person.email, 2);
    await latchkey.ask(DisableUserDocument, { input: { userId: person.id } }, { bearer });
    await latchkey.ask(EnableUserDocument, { input: { userId: person.id } }, { bearer });
    const input = { email: person.email, code, newPassword: 'another fine password' };
    expect((await latchkey.ask(ResetPasswordDocument, { input })).resetPassword.__typename).toBe('InvalidCodeError');
  });

  test('a role change is audited and holds at the next request', async () => {
    const { bearer } = await asAdmin();
    const person = await latchkey.person();
    const change = (role: string) =>
      latchkey.ask(SetUserRoleDocument, { input: { userId: person.id, role } }, { bearer });
    expect((await latchkey.send(UsersDocument, {}, { bearer: person.accessToken })).errors).toHaveLength(1);
    expect((await change('admin')).setUserRole).toMatchObject({ user: { role: 'admin' } });
    expect((await latchkey.send(UsersDocument, {}, { bearer: person.accessToken })).errors).toBeUndefined();
    expect((await change('admin')).setUserRole).toMatchObject({ user: { role: 'admin' } });
    expect((await change('customer')).setUserRole).toMatchObject({ user: { role: 'customer' } });
    expect((await latchkey.send(UsersDocument, {}, { bearer: person.accessToken })).errors).toHaveLength(1);
    expect(await eventsAbout(person.id, 'set_user_role.completed')).toHaveLength(2);
    expect((await change('emperor')).setUserRole).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['role'], code: 'NOT_ALLOWED' }],
    });
  });

  test('ending the sessions of an account signs it out and nothing else', async () => {
    const { bearer } = await asAdmin();
    const person = await latchkey.person();
    await tokenOf(person);
    const { endUserSessions } = await latchkey.ask(
      EndUserSessionsDocument,
      { input: { userId: person.id } },
      { bearer },
    );
    expect(endUserSessions).toMatchObject({ __typename: 'EndUserSessionsSuccess', endedSessions: 2 });
    expect((await latchkey.send(MeDocument, {}, { bearer: person.accessToken })).errors).toHaveLength(1);
    await tokenOf(person);
    expect(await eventsAbout(person.id, 'end_user_sessions.completed')).toHaveLength(1);
  });

  test('a password reset that an administrator sends goes to the owner, once a minute', async () => {
    const { bearer } = await asAdmin();
    const person = await latchkey.person();
    const sendReset = () => latchkey.ask(SendPasswordResetDocument, { input: { userId: person.id } }, { bearer });
    expect((await sendReset()).sendPasswordReset.__typename).toBe('SendPasswordResetSuccess');
    const { code } = await latchkey.mailTo(person.email, 2);
    expect((await sendReset()).sendPasswordReset.__typename).toBe('TooManyAttemptsError');
    const input = { email: person.email, code, newPassword: 'another fine password' };
    expect((await latchkey.ask(ResetPasswordDocument, { input })).resetPassword.__typename).toBe(
      'ResetPasswordSuccess',
    );
    expect(await eventsAbout(person.id, 'send_password_reset.completed')).toMatchObject([{ actorId: admin.id }]);
    await latchkey.ask(DisableUserDocument, { input: { userId: person.id } }, { bearer });
    expect((await sendReset()).sendPasswordReset.__typename).toBe('AccountDisabledError');
  });

  test('nobody disables or demotes themselves, however they write their id', async () => {
    const { bearer } = await asAdmin();
    for (const userId of [admin.id, admin.id.toUpperCase()]) {
      const { disableUser } = await latchkey.ask(DisableUserDocument, { input: { userId } }, { bearer });
      expect(disableUser.__typename).toBe('OwnAccountError');
      const { setUserRole } = await latchkey.ask(
        SetUserRoleDocument,
        { input: { userId, role: 'customer' } },
        { bearer },
      );
      expect(setUserRole.__typename).toBe('OwnAccountError');
    }
  });

  test('of two administrators who demote each other at the same time, one remains', async () => {
    await prisma().user.updateMany({ where: { role: 'admin' }, data: { role: 'customer' } });
    const [one, other] = [await anAdmin(), await anAdmin()];
    const [byOne, byOther] = await Promise.all([
      latchkey.send(
        SetUserRoleDocument,
        { input: { userId: other.id, role: 'customer' } },
        { bearer: one.accessToken },
      ),
      latchkey.send(DisableUserDocument, { input: { userId: one.id } }, { bearer: other.accessToken }),
    ]);
    const left = await prisma().user.count({ where: { role: 'admin', disabledAt: null } });
    expect(left).toBe(1);
    const refused = [byOne, byOther].filter(({ errors }) => errors !== undefined);
    expect(refused).toHaveLength(1);
    expect(['FORBIDDEN', 'UNAUTHENTICATED']).toContain(refused[0]?.errors?.[0]?.extensions?.['code']);
    await prisma().user.updateMany({ where: { id: admin.id }, data: { role: 'admin' } });
  });

  test('an operator administers without a token, is recorded as one, and keeps the last administrator too', async () => {
    const ctx = operatorContext(latchkey.app.parts);
    const person = await latchkey.person();
    expect((await findUser(ctx, { identifier: person.email.toUpperCase() }))?.id).toBe(person.id);
    await setUserRole(ctx, { userId: person.id, role: 'admin' });
    expect(await eventsAbout(person.id, 'set_user_role.completed')).toMatchObject([
      { actorId: null, origin: 'operator', ipAddress: null },
    ]);
    await prisma().user.updateMany({ where: { id: { not: person.id } }, data: { role: 'customer' } });
    await expect(setUserRole(ctx, { userId: person.id, role: 'customer' })).rejects.toBeInstanceOf(LastAdminError);
    await expect(disableUser(ctx, { userId: person.id })).rejects.toBeInstanceOf(LastAdminError);
    await prisma().user.updateMany({ where: { id: admin.id }, data: { role: 'admin' } });
    await setUserRole(ctx, { userId: person.id, role: 'customer' });
  });

  test('an id that nobody has is UserNotFoundError, whatever it looks like', async () => {
    const { bearer } = await asAdmin();
    for (const userId of [NOBODY, 'nonsense', '', '\0']) {
      const answers = [
        (await latchkey.ask(DisableUserDocument, { input: { userId } }, { bearer })).disableUser,
        (await latchkey.ask(EnableUserDocument, { input: { userId } }, { bearer })).enableUser,
        (await latchkey.ask(SetUserRoleDocument, { input: { userId, role: 'admin' } }, { bearer })).setUserRole,
        (await latchkey.ask(EndUserSessionsDocument, { input: { userId } }, { bearer })).endUserSessions,
        (await latchkey.ask(SendPasswordResetDocument, { input: { userId } }, { bearer })).sendPasswordReset,
      ];
      for (const answer of answers) expect(answer).toMatchObject({ code: 'USER_NOT_FOUND' });
      expect((await latchkey.ask(UserByIdDocument, { id: userId }, { bearer })).user).toBeNull();
    }
  });

  test('what changes an account asks the administrator for a recent proof', async () => {
    const stale = await anAdmin();
    latchkey.advance({ minutes: 14 });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: stale.refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    latchkey.advance({ minutes: 6 });
    const again = await latchkey.ask(RefreshDocument, { input: { refreshToken: refresh.tokens.refreshToken } });
    if (again.refresh.__typename !== 'RefreshSuccess') throw new Error(again.refresh.__typename);
    const bearer = again.refresh.tokens.accessToken;
    const { disableUser } = await latchkey.ask(DisableUserDocument, { input: { userId: admin.id } }, { bearer });
    expect(disableUser).toMatchObject({ code: 'REAUTHENTICATION_REQUIRED' });
    expect((await latchkey.send(UsersDocument, {}, { bearer })).errors).toBeUndefined();
    await setRole(stale.id, 'customer');
  });

  describe('every operation is refused', () => {
    const operations = {
      users: [UsersDocument, {}],
      user: [UserByIdDocument, { id: NOBODY }],
      auditEvents: [AuditEventsDocument, {}],
      disableUser: [DisableUserDocument, { input: { userId: NOBODY } }],
      enableUser: [EnableUserDocument, { input: { userId: NOBODY } }],
      setUserRole: [SetUserRoleDocument, { input: { userId: NOBODY, role: 'admin' } }],
      endUserSessions: [EndUserSessionsDocument, { input: { userId: NOBODY } }],
      sendPasswordReset: [SendPasswordResetDocument, { input: { userId: NOBODY } }],
    } as const;

    const refusals = async (bearer?: string) => {
      const codes: Record<string, string> = {};
      for (const [name, [document, variables]] of Object.entries(operations)) {
        const response = await latchkey.fetch('/graphql', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/graphql-response+json',
            ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          },
          body: JSON.stringify({ query: print(document), variables }),
        });
        const { data, errors } = (await response.json()) as {
          data?: Record<string, unknown> | null;
          errors?: { extensions: object }[];
        };
        expect(data?.[name] ?? null, name).toBeNull();
        expect(errors?.[0]?.extensions, name).not.toHaveProperty('http');
        const { code, reason = '' } = (errors?.[0]?.extensions ?? {}) as { code?: string; reason?: string };
        codes[name] = `${response.status} ${code} ${reason}`.trim();
      }
      return codes;
    };
    // A question to nobody is null, as `me` is, and the answer stays 200.
    const questions = ['users', 'user', 'auditEvents'];
    const all = (answer: string) =>
      Object.fromEntries(
        Object.keys(operations).map((name) => [
          name,
          questions.includes(name) ? answer.replace(/^401/, '200') : answer,
        ]),
      );

    test('to nobody', async () => {
      expect(await refusals()).toEqual(all('401 UNAUTHENTICATED TOKEN_MISSING'));
    });

    test('to someone who is not an administrator', async () => {
      const { accessToken } = await latchkey.person();
      expect(await refusals(accessToken)).toEqual(all('403 FORBIDDEN'));
    });

    test('to an administrator whose token has expired', async () => {
      const { bearer } = await asAdmin();
      latchkey.advance({ minutes: 16 });
      expect(await refusals(bearer)).toEqual(all('401 UNAUTHENTICATED TOKEN_EXPIRED'));
    });

    test('to a disabled administrator', async () => {
      const former = await anAdmin();
      const { bearer } = await asAdmin();
      await latchkey.ask(DisableUserDocument, { input: { userId: former.id } }, { bearer });
      expect(await refusals(former.accessToken)).toEqual(all('401 UNAUTHENTICATED SESSION_ENDED'));
    });

    test('to a demoted administrator, at the next request', async () => {
      const former = await anAdmin();
      expect((await latchkey.send(UsersDocument, {}, { bearer: former.accessToken })).errors).toBeUndefined();
      const { bearer } = await asAdmin();
      const input = { userId: former.id, role: 'customer' };
      await latchkey.ask(SetUserRoleDocument, { input }, { bearer });
      expect(await refusals(former.accessToken)).toEqual(all('403 FORBIDDEN'));
    });

    test('by the use cases too, whatever face asks', async () => {
      const ctx = { ...operatorContext(latchkey.app.parts), origin: 'request' as const };
      await expect(disableUser(ctx, { userId: NOBODY })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(findUser(ctx, { id: NOBODY })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });

  describe('the list of accounts', () => {
    const tag = `x${engine.slice(0, 2)}`;
    const people = [
      { name: 'Grace Hopper', email: `${tag}grace_1@list.test`, username: `${tag}grace`, phone: '+4915112340001' },
      {
        name: 'GRÄFIN 100%_sure',
        email: `${tag}graceX1@list.test`.toLowerCase(),
        username: null,
        phone: '+4915112340002',
      },
      { name: `${tag}Ada Lovelace`, email: `ada.${tag}@list.test`, username: null, phone: null },
    ];
    beforeAll(async () => {
      const times = { createdAt: latchkey.app.parts.clock(), updatedAt: latchkey.app.parts.clock() };
      for (const person of people) {
        // The same moment for all: the id tells them apart.
        await prisma().user.create({ data: { ...person, role: 'customer', locale: 'en', ...times } });
      }
    });
    type Variables = NonNullable<Parameters<typeof latchkey.ask<unknown, { search?: string }>>[1]> &
      Record<string, unknown>;
    const list = async (variables: Variables) => {
      const { users } = await latchkey.ask(UsersDocument, variables, await asAdmin());
      return users;
    };
    const found = async (search: string) => (await list({ search })).nodes.map(({ email }) => email).sort();

    test('finds by the words of address, username, phone number or name, whatever the case', async () => {
      const [grace, countess, ada] = people.map(({ email }) => email);
      expect(await found(`${tag}GRACE`)).toEqual([grace, countess].sort());
      expect(await found('hopper')).toEqual([grace]);
      expect(await found('@list.test')).toEqual([grace, countess, ada].sort());
      expect(await found('+49 151 1234-000')).toEqual([grace, countess].sort());
      expect(await found(admin.id)).toEqual([admin.email]);
      expect(await found(`  ${ada}  `)).toEqual([ada]);
    });

    test('does not treat a search as a pattern', async () => {
      expect(await found(`${tag}grace_`)).toEqual([`${tag}grace_1@list.test`]);
      expect(await found('gr%')).toEqual([]);
      expect(await found('gr_fin 100')).toEqual([]);
      expect(await found('grafin 100%_s')).toHaveLength(1);
      for (const text of ['\\', '%', "'; DROP TABLE users; --", '\0', 'x'.repeat(5000), '\ud800']) {
        expect(await found(text), text.slice(0, 30)).toEqual([]);
      }
    });

    test('filters by role, proof and state', async () => {
      const emails = async (variables: Variables) => (await list(variables)).nodes.map(({ email }) => email);
      expect(await emails({ role: 'admin', isDisabled: false })).toEqual([admin.email]);
      expect(await emails({ role: 'nothing\0' })).toEqual([]);
      expect(await emails({ isVerified: false, search: `${tag}grace` })).toHaveLength(2);
      expect(await emails({ isVerified: true, search: `${tag}grace` })).toEqual([]);
      expect(await emails({ isDisabled: true, search: `${tag}grace` })).toEqual([]);
      expect(await emails({ isDisabled: false, search: `${tag}grace` })).toHaveLength(2);
    });

    test('is walked page by page in both directions, each account once, also those of one moment', async () => {
      const whole = await list({ first: 100 });
      const ids = whole.nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(whole.totalCount);
      const forward: string[] = [];
      for (let after: string | null = null; ; ) {
        const page: Awaited<ReturnType<typeof list>> = await list({ first: 2, after });
        forward.push(...page.nodes.map(({ id }) => id));
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor ?? null;
      }
      expect(forward).toEqual(ids);
      const backward: string[] = [];
      for (let before: string | null = null; ; ) {
        const page: Awaited<ReturnType<typeof list>> = await list({ last: 3, before });
        backward.unshift(...page.nodes.map(({ id }) => id));
        if (!page.pageInfo.hasPreviousPage) break;
        before = page.pageInfo.startCursor ?? null;
      }
      expect(backward).toEqual(ids);
      const oldest = await list({ first: 100, orderBy: 'OLDEST_FIRST' });
      expect(oldest.nodes.map(({ id }) => id)).toEqual([...ids].reverse());
    });

    test('shows an administrator sessions and events of an account, its owner nobody else', async () => {
      const person = await latchkey.person();
      const { user } = await latchkey.ask(UserByIdDocument, { id: person.id }, await asAdmin());
      expect(user).toMatchObject({ email: person.email, disabledAt: null });
      expect(user?.sessions.nodes).toEqual([{ id: person.sessionId }]);
      expect(user?.auditEvents.nodes.map(({ name }) => name)).toContain('LOGIN_COMPLETED');
    });
  });
});
