/** Operators are not blocked by someone who only typed an address: an unverified registration makes way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importUsers } from '#capabilities/import-users/import-users.ts';
import { createUser } from '#capabilities/users/create-user.ts';
import { operatorContext } from '#cli/operator.ts';
import { ValidationError } from '#errors/domain-errors.ts';
import {
  AcceptInvitationDocument,
  InviteMemberDocument,
  LoginDocument,
  RegisterDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { by, tenant } from '../support/organizations.ts';
import { restClient } from '../support/rest.ts';

const SQUATTERS = 'the password of a squatter';

describe.each(ENGINES)('an address that a stranger only registered, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const operator = () => operatorContext(latchkey.app.parts);
  let people = 0;
  /** A registration with everything a stranger can choose, and its provisional session. */
  const squat = async () => {
    const email = latchkey.address();
    const identifiers = { username: `squat${++people}`, phone: `+4930556${String(people).padStart(4, '0')}` };
    const input = { name: 'Squatter', email, password: SQUATTERS, ...identifiers };
    expect((await latchkey.ask(RegisterDocument, { input })).register.__typename).toBe('RegisterSuccess');
    const { code } = await latchkey.mailTo(email);
    const { id } = await prisma().user.findUniqueOrThrow({ where: { email } });
    return { ...identifiers, email, id, code };
  };
  const login = async (identifier: string, password: string) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;
  const verify = async (email: string, code: string | null) =>
    (await latchkey.ask(VerifyEmailDocument, { input: { email, code } })).verifyEmail.__typename;
  const importing = (fields: Record<string, unknown>, isTrial = false) =>
    importUsers(operator(), { records: [{ line: 2, fields: { name: 'Imported', ...fields } }], isTrial });
  const fieldsTaken = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    return error instanceof ValidationError ? error.fieldErrors.map(({ path, code }) => `${path} ${code}`) : error;
  };

  test('gets a password from an operator only as the first administrator, of many at once one', async () => {
    const create = (role: string) =>
      createUser(operator(), { name: 'Root', email: latchkey.address(), role, password: PASSWORD, isVerified: true });
    expect(await fieldsTaken(create('customer'))).toEqual(['password NOT_ALLOWED']);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => fieldsTaken(create('admin'))));
    expect(outcomes.filter((it) => it === null)).toHaveLength(1);
    expect(outcomes.filter((it) => it !== null)).toEqual(Array(3).fill(['password NOT_ALLOWED']));
    expect(await prisma().user.count({ where: { role: 'admin' } })).toBe(1);
    // Nobody knows a password of an administrator that cannot sign in.
    await prisma().user.updateMany({ where: { role: 'admin' }, data: { disabledAt: new Date() } });
    expect(await fieldsTaken(create('admin'))).toBeNull();
    await prisma().user.updateMany({ where: { role: 'admin' }, data: { passwordHash: null } });
  });

  test('is created by an operator: nothing of the registration is left', async () => {
    const { id, email, code, username, phone } = await squat();
    const { user } = await createUser(operator(), { name: 'Owner', email, isVerified: true });
    expect(user.id).not.toBe(id);
    expect(user).toMatchObject({ name: 'Owner', email, username: null, phone: null, source: 'OPERATOR' });
    for (const identifier of [email, username, phone])
      expect(await login(identifier, SQUATTERS)).toBe('InvalidCredentialsError');
    expect(await verify(email, code)).toBe('InvalidCodeError');
    const { code: resetCode } = await latchkey.mailTo(email, 2);
    const input = { email, code: resetCode, newPassword: PASSWORD };
    expect((await latchkey.ask(ResetPasswordDocument, { input })).resetPassword.__typename).toBe(
      'ResetPasswordSuccess',
    );
    expect(await login(email, PASSWORD)).toBe('LoginSuccess');
    expect(await prisma().challenge.count({ where: { userId: id } })).toBe(0);
    expect(await prisma().auditEvent.findMany({ where: { subjectId: id, name: 'register.superseded' } })).toMatchObject(
      [{ origin: 'operator' }],
    );
  });

  test('loses the tokens of its registration too', async () => {
    const email = latchkey.address();
    const client = restClient(latchkey);
    const answer = await client.post('/api/register', { email, password: SQUATTERS, name: 'Squatter' });
    expect(answer.status).toBeLessThan(300);
    const { id } = await prisma().user.findUniqueOrThrow({ where: { email } });
    await createUser(operator(), { name: 'Owner', email });
    expect(await prisma().session.count({ where: { userId: id } })).toBe(0);
  });

  test('is imported, and a trial changes nothing', async () => {
    const { id, email, code } = await squat();
    expect(await importing({ email, email_verified: true }, true)).toEqual({ imported: 1, skipped: 0, problems: [] });
    expect(await prisma().user.findUnique({ where: { email } })).toMatchObject({ id });
    expect(await importing({ email, email_verified: true })).toEqual({ imported: 1, skipped: 0, problems: [] });
    expect(await prisma().user.findUnique({ where: { email } })).toMatchObject({ name: 'Imported', source: 'IMPORT' });
    expect(await login(email, SQUATTERS)).toBe('InvalidCredentialsError');
    expect(await verify(email, code)).toBe('InvalidCodeError');
    expect(await prisma().auditEvent.count({ where: { subjectId: id, name: 'register.superseded' } })).toBe(1);
    expect(await importing({ email, email_verified: true })).toEqual({ imported: 0, skipped: 1, problems: [] });
  });

  test('gives up its username and phone number to another account of an operator', async () => {
    const [first, second] = [await squat(), await squat()];
    const { username, phone } = first;
    await createUser(operator(), { name: 'Owner', email: latchkey.address(), username, phone });
    const imported = { email: latchkey.address(), username: second.username, phone: second.phone };
    expect(await importing(imported)).toMatchObject({ imported: 1, problems: [] });
    for (const { id } of [first, second])
      expect(await prisma().user.findUnique({ where: { id } })).toMatchObject({ username: null, phone: null });
    const again = createUser(operator(), { name: 'Other', email: latchkey.address(), username, phone });
    expect(await fieldsTaken(again)).toEqual(['username ALREADY_TAKEN', 'phone ALREADY_TAKEN']);
  });

  test.each([
    ['verified', { emailVerifiedAt: new Date() }],
    ['an operator made', { source: 'OPERATOR' }],
    ['was imported', { source: 'IMPORT' }],
    ['an administrator disabled', { disabledAt: new Date() }],
  ] as const)('stays where it is once there is more to it than a registration: %s', async (_, data) => {
    const { id, email, username, phone } = await squat();
    await prisma().user.update({ where: { id }, data });
    const all = { name: 'Owner', email, username, phone };
    expect(await fieldsTaken(createUser(operator(), all))).toEqual([
      'email ALREADY_TAKEN',
      'username ALREADY_TAKEN',
      'phone ALREADY_TAKEN',
    ]);
    expect(await importing({ email })).toMatchObject({ imported: 0, skipped: 1 });
    expect((await importing({ email: latchkey.address(), username, phone })).problems).toMatchObject([
      { field: 'username', code: 'ALREADY_TAKEN' },
      { field: 'phone', code: 'ALREADY_TAKEN' },
    ]);
    expect(await prisma().user.findUnique({ where: { id } })).toMatchObject({ email, username, phone });
  });

  test('belongs to one of them when its owner verifies it while the operator creates it', async () => {
    for (let round = 0; round < 4; round++) {
      const { id, email, code } = await squat();
      const created = createUser(operator(), { name: 'Owner', email, isVerified: true });
      const [verified, refused] = await Promise.all([verify(email, code), fieldsTaken(created)]);
      const { id: holder } = await prisma().user.findUniqueOrThrow({ where: { email } });
      if (holder === id) expect([verified, refused]).toEqual(['VerifyEmailSuccess', ['email ALREADY_TAKEN']]);
      else expect([verified, refused]).toEqual(['InvalidCodeError', null]);
    }
  });

  test('is created although strangers register it all the time', async () => {
    const email = latchkey.address();
    const strangers = Array.from({ length: 4 }, (_, n) =>
      latchkey.ask(
        RegisterDocument,
        { input: { name: 'Squatter', email, password: `${SQUATTERS} ${n}` } },
        { ip: `10.1.0.${n}` },
      ),
    );
    const created = createUser(operator(), { name: 'Owner', email, isVerified: true });
    await Promise.all([created, ...strangers]);
    expect(await prisma().user.findUniqueOrThrow({ where: { email } })).toMatchObject({ source: 'OPERATOR' });
  });

  test('does not keep someone who was invited at it from joining', async () => {
    const { email } = await squat();
    const owner = await latchkey.person();
    const { id: organizationId } = await tenant(latchkey, [[owner, 'OWNER']]);
    await latchkey.ask(InviteMemberDocument, { input: { email, role: 'MEMBER' } }, by(owner, organizationId));
    const { link } = await latchkey.mailTo(email, 2);
    const invitationToken = new URL(link ?? '').searchParams.get('token');
    latchkey.advance({ minutes: 2 });
    const input = { name: 'Guest', email, password: PASSWORD, invitationToken };
    expect((await latchkey.ask(RegisterDocument, { input })).register.__typename).toBe('RegisterSuccess');
    expect(await verify(email, (await latchkey.mailTo(email, 3)).code)).toBe('VerifyEmailSuccess');
    const { code } = await latchkey.mailTo(email, 4);
    await latchkey.ask(ResetPasswordDocument, { input: { email, code, newPassword: PASSWORD } });
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const { acceptInvitation } = await latchkey.ask(
      AcceptInvitationDocument,
      { input: { token: invitationToken } },
      { bearer: login.tokens.accessToken },
    );
    expect(acceptInvitation.__typename).toBe('AcceptInvitationSuccess');
  });
});
