import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AuditEventsDocument,
  LoginDocument,
  MyAuditEventsDocument,
  SetUserRoleDocument,
  UserByIdDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, confirm, protectedPerson } from '../support/second-factor.ts';

describe.each(ENGINES)('the audit log on %s', (engine) => {
  let latchkey: Latchkey;
  let admin: Person;
  let person: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    admin = await latchkey.person();
    person = await latchkey.person();
    await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    latchkey.advance({ minutes: 1 });
    await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: 'a wrong one' } });
    latchkey.advance({ minutes: 1 });
    const input = { userId: person.id, role: 'admin' };
    await latchkey.ask(SetUserRoleDocument, { input }, { bearer: admin.accessToken });
    await latchkey.ask(SetUserRoleDocument, { input: { ...input, role: 'customer' } }, { bearer: admin.accessToken });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const mine = async (variables: object = {}, bearer = person.accessToken) => {
    const { me } = await latchkey.ask(MyAuditEventsDocument, variables, { bearer });
    if (!me) throw new Error('nobody');
    return me.auditEvents;
  };
  const whole = async (variables: object = {}) =>
    (await latchkey.ask(AuditEventsDocument, variables, { bearer: admin.accessToken })).auditEvents;

  test('shows users the events of their own account, newest first, and nobody else’s', async () => {
    const { nodes } = await mine();
    expect(nodes.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['SET_USER_ROLE_COMPLETED', 'SUCCESS'],
      ['SET_USER_ROLE_COMPLETED', 'SUCCESS'],
      ['LOGIN_FAILED', 'FAILURE'],
      ['LOGIN_COMPLETED', 'SUCCESS'],
      ['VERIFY_EMAIL_COMPLETED', 'SUCCESS'],
      ['CREATE_ORGANIZATION_COMPLETED', 'SUCCESS'],
      ['REGISTER_COMPLETED', 'SUCCESS'],
    ]);
    expect(nodes.every(({ subjectId, origin }) => subjectId === person.id && origin === 'REQUEST')).toBe(true);
    const [byAdmin] = nodes;
    // Who it was by id, not by name and address, of the email or of the network.
    expect(byAdmin).toMatchObject({ actorId: admin.id, actor: null, subject: { email: person.email } });
    expect(byAdmin).toMatchObject({ ipAddress: null, userAgent: null, sessionRef: null });
    expect(nodes[3]).toMatchObject({ sessionRef: expect.any(String), ipAddress: '127.0.0.1' });
  });

  test('shows an event of a newer version as OTHER', async () => {
    const { id } = admin;
    const event = { name: 'travel_in_time.completed', outcome: 'SUCCESS', subjectId: id, requestId: 'r' };
    await prisma().auditEvent.create({ data: { ...event, occurredAt: new Date() } });
    for (const variables of [{ subjectId: id }, { name: 'OTHER' }]) {
      const found = await whole(variables);
      expect(found?.nodes.filter(({ name }) => name === 'OTHER')).toMatchObject([{ subjectId: id }]);
    }
  });

  test('can be narrowed by name and by time, and is paged', async () => {
    expect((await mine({ name: 'LOGIN_FAILED' })).nodes).toHaveLength(1);
    const failedAt = (await mine({ name: 'LOGIN_FAILED' })).nodes[0]?.occurredAt;
    expect((await mine({ since: failedAt })).nodes).toHaveLength(3);
    expect((await mine({ until: failedAt })).nodes).toHaveLength(4);
    expect((await mine({ since: failedAt, until: failedAt })).nodes).toEqual([]);
    const names: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof mine>> = await mine({ first: 4, after });
      names.push(...page.nodes.map(({ id }) => id));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor ?? null;
    }
    expect(names).toEqual((await mine()).nodes.map(({ id }) => id));
  });

  test('shows administrators all events, filtered by account and by actor', async () => {
    const emails = (nodes: readonly { subject?: { email: string } | null }[]) =>
      new Set(nodes.map(({ subject }) => subject?.email));
    expect(emails((await whole()).nodes)).toEqual(new Set([admin.email, person.email]));
    expect(emails((await whole({ subjectId: person.id })).nodes)).toEqual(new Set([person.email]));
    const byAdmin = await whole({ actorId: admin.id, subjectId: person.id });
    expect(byAdmin.nodes).toHaveLength(2);
    expect(byAdmin.nodes[0]).toMatchObject({ actor: { email: admin.email }, ipAddress: '127.0.0.1' });
    expect((await whole({ name: 'LOGIN_FAILED' })).nodes).toHaveLength(1);
    expect((await whole({ subjectId: 'nonsense' })).nodes).toEqual([]);
    expect((await whole({ organizationId: '019302aa-0000-7000-8000-000000000000' })).nodes).toEqual([]);
  });

  test('of another account is FORBIDDEN', async () => {
    const { errors } = await latchkey.send(UserByIdDocument, { id: admin.id }, { bearer: person.accessToken });
    expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
    // Also where someone comes to hold a User that is not themselves, as the answer to their own login does.
    const query = `mutation { login(input: { identifier: "${admin.email}", password: "${PASSWORD}" }) {
      ... on LoginSuccess { user { auditEvents { nodes { id } } } } } }`;
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${person.accessToken}` },
      body: JSON.stringify({ query }),
    });
    expect(((await response.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test('a time that PostgreSQL does not know is refused as input', async () => {
    for (const since of ['-100000-01-01T00:00:00Z', '+200000-01-01T00:00:00Z', 'yesterday']) {
      const { errors } = await latchkey.send(AuditEventsDocument, { since }, { bearer: admin.accessToken });
      expect(errors?.[0]?.extensions?.['code'], since).toBe('BAD_USER_INPUT');
    }
  });

  test('session ids and tokens are nowhere in it', async () => {
    const everything = JSON.stringify(await prisma().auditEvent.findMany());
    for (const { sessionId, accessToken, refreshToken } of [admin, person]) {
      for (const secret of [sessionId, accessToken, refreshToken]) expect(everything).not.toContain(secret);
    }
    expect(everything).not.toContain(PASSWORD);
  });

  test('the database refuses to change or delete it', async () => {
    const before = (await mine()).nodes.length;
    const where = { subjectId: person.id };
    const refused = /audit_events only grows/;
    await expect(prisma().auditEvent.updateMany({ where, data: { name: 'login.completed' } })).rejects.toThrow(refused);
    await expect(prisma().auditEvent.updateMany({ where, data: { actorId: null } })).rejects.toThrow(refused);
    await expect(prisma().auditEvent.updateMany({ where, data: { ipAddress: '10.0.0.1' } })).rejects.toThrow(refused);
    await expect(prisma().auditEvent.deleteMany({ where })).rejects.toThrow(refused);
    await expect(prisma().$executeRaw`TRUNCATE audit_events`).rejects.toThrow(refused);
    expect((await mine()).nodes).toHaveLength(before);
  });

  test('where something was done from can be forgotten, and retention can delete when it says so', async () => {
    const where = { subjectId: person.id };
    const forgotten = await prisma().auditEvent.updateMany({ where, data: { ipAddress: null, userAgent: null } });
    expect(forgotten.count).toBeGreaterThan(0);
    const [, deleted] = await prisma().$transaction([
      prisma().$executeRaw`SET LOCAL latchkey.audit_retention = 'on'`,
      prisma().auditEvent.deleteMany({ where }),
    ]);
    expect(deleted.count).toBe(forgotten.count);
    await expect(prisma().auditEvent.deleteMany({})).rejects.toThrow();
  });

  test('says of a sign-in how the person authenticated, and of nothing else', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const signedIn = await confirm(latchkey, { challengeToken, code: ada.app.code() });
    if (signedIn.__typename !== 'LoginSuccess') throw new Error(signedIn.__typename);
    const { nodes } = await mine({}, signedIn.tokens.accessToken);
    const said = nodes.filter(({ method }) => method !== null);
    expect(said.map(({ name, method, amr }) => [name, method, amr])).toEqual([
      ['LOGIN_COMPLETED', 'PASSWORD', ['pwd', 'otp', 'mfa']],
      ['LOGIN_COMPLETED', 'PASSWORD', ['pwd']],
    ]);
    expect(nodes.filter(({ method, amr }) => method === null && amr.length > 0)).toEqual([]);
  });
});
