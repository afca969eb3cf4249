/** Users imported from another system, with the command that operators use. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import { LoginDocument, RegisterDocument } from '../generated/graphql.ts';
import { operatorEnv, runLatchkey, type Said } from '../support/command.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

const HASH = '$2y$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui';
const HASHED = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const DJANGO = 'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=';

let latchkey: Latchkey;
let folder: string;
beforeAll(async () => {
  latchkey = await startLatchkey({ engine: 'postgresql' });
  folder = await mkdtemp(join(tmpdir(), 'latchkey-import-'));
});
afterAll(async () => {
  await latchkey.close();
  await rm(folder, { recursive: true });
});

const importing = async (content: string | Buffer, name = 'users.csv', ...options: string[]): Promise<Said> => {
  const path = join(folder, `${randomUUID()}-${name}`);
  await writeFile(path, content);
  return runLatchkey(['import', path, ...options], { env: operatorEnv(latchkey) });
};
const users = () => latchkey.app.parts.database.prisma.user;
const found = (email: string) => users().findUniqueOrThrow({ where: { email } });
const login = async (identifier: string, password: string) =>
  (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;

test('people sign in with their old password and any identifier, and their hash becomes Argon2id', async () => {
  const said = await importing(
    `email,name,username,phone,role,locale,email_verified,password_hash,created_at
bcrypt@example.test,Bea,bea,+4915112345678,admin,de,true,${HASH},2020-02-03T04:05:06Z
django@example.test,Dan,,,,,1,${DJANGO},2020-02-03`,
  );
  expect(said).toEqual({ code: 0, stdout: '2 imported, 0 skipped (account exists), 0 rejected.\n', stderr: '' });
  const bea = await found('bcrypt@example.test');
  expect(bea).toMatchObject({ name: 'Bea', username: 'bea', phone: '+4915112345678', role: 'admin', locale: 'de' });
  expect(bea.createdAt.toISOString()).toBe('2020-02-03T04:05:06.000Z');
  // Weak as it is, it is in the database only inside a hash of ours, and none of its key is.
  expect(bea.passwordHash).toMatch(/^\$wrapped\$\$2y\$05\$abcdefghijklmnopqrstuu\.{31}\$argon2id\$/);
  expect(bea.passwordHash).not.toContain(HASH.slice(-31));
  const [{ kind } = { kind: '' }] = await latchkey.app.parts.database.query<{ kind: string }>(
    { name: 'kind', text: 'SELECT password_hash_kind($1) AS kind' },
    [bea.passwordHash],
  );
  expect(kind).toBe('$wrapped$$2y$05$$argon2id$v=19$m=64,t=1,p=1$$');

  expect(await login('bea', 'wrong')).toBe('InvalidCredentialsError');
  expect((await found('bcrypt@example.test')).passwordHash).toBe(bea.passwordHash);
  expect(await login('bea', HASHED)).toBe('LoginSuccess');
  expect((await found('bcrypt@example.test')).passwordHash).toMatch(/^\$argon2id\$/);
  expect(await login('+49 151 12345678', HASHED)).toBe('LoginSuccess');
  // Bcrypt ignored everything after 72 bytes; from now on the whole password counts.
  expect(await login('bea', `${HASHED}more`)).toBe('InvalidCredentialsError');
  expect(await login('django@example.test', 'lètmein')).toBe('LoginSuccess');
});

test('a weak hash that is stored already is wrapped by the clean-up, and signs in as before', async () => {
  // As an earlier version imported them, and one that this service made with lower settings. Passwords: HASHED,
  // lètmein.
  const weak = [
    HASH,
    DJANGO,
    'argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q',
    `$2b$12$${HASH.slice(7)}`,
  ];
  const now = latchkey.app.parts.clock();
  const emails = await Promise.all(
    weak.map(async (passwordHash) => {
      const email = latchkey.address();
      const made = { name: 'Old', role: 'customer', locale: 'en', createdAt: now, updatedAt: now };
      await users().create({ data: { ...made, email, emailVerifiedAt: now, passwordHash } });
      return email;
    }),
  );
  const stored = async () => Promise.all(emails.map(async (email) => (await found(email)).passwordHash));
  expect(await cleanUp(latchkey.app.parts)).toMatchObject({ 'weak password hashes': 3 });
  const [bcrypt, django, argon2, strong] = await stored();
  for (const hash of [bcrypt, django, argon2]) expect(hash).toMatch(/^\$wrapped\$/);
  expect(argon2).not.toContain('YC9+jJCrQhs5R6db7LlN8Q');
  expect(strong).toBe(weak[3]);
  const before = await stored();
  expect(await cleanUp(latchkey.app.parts)).toMatchObject({ 'weak password hashes': 0 });
  expect(await stored()).toEqual(before);
  const [first = '', second = '', third = ''] = emails;
  expect(await login(first, HASHED)).toBe('LoginSuccess');
  expect(await login(second, 'lètmein')).toBe('LoginSuccess');
  expect(await login(third, 'wrong')).toBe('InvalidCredentialsError');
  expect(await login(third, 'secret')).toBe('LoginSuccess');
  expect((await found(third)).passwordHash).toMatch(/^\$argon2id\$/);
});

test.each(['40001', '40P01'])('is tried again after another transaction was in the way (%s)', async (state) => {
  const { prisma } = latchkey.app.parts.database;
  await prisma.$executeRaw`CREATE SEQUENCE conflicts`;
  await prisma.$executeRawUnsafe(`CREATE FUNCTION conflict_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('conflicts') = 1 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '${state}'; END IF;
    RETURN NEW; END $$`);
  await prisma.$executeRaw`CREATE TRIGGER conflict_once BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION conflict_once()`;
  const said = await importing(`email,name\n${latchkey.address()},Conny`).finally(async () => {
    await prisma.$executeRaw`DROP TRIGGER conflict_once ON users`;
    await prisma.$executeRaw`DROP FUNCTION conflict_once`;
    await prisma.$executeRaw`DROP SEQUENCE conflicts`;
  });
  expect(said).toEqual({ code: 0, stdout: '1 imported, 0 skipped (account exists), 0 rejected.\n', stderr: '' });
});

test('a verified user gets a team with a project; an unverified one has to verify the address', async () => {
  await importing(`email,name,email_verified,password_hash
verified@example.test,Ada Verified,yes,${DJANGO}
unverified@example.test,Uwe,no,${DJANGO}`);
  const { id } = await found('verified@example.test');
  const { tenant, memberships } = await users().findUniqueOrThrow({
    where: { id },
    include: { tenant: { include: { projects: true } }, memberships: true },
  });
  expect(tenant).toMatchObject({ name: 'Ada Verified', projects: [{ name: 'Default', isDefault: true }] });
  expect(memberships).toMatchObject([{ organizationId: tenant?.id, role: 'OWNER' }]);
  expect(await found('unverified@example.test')).toMatchObject({ emailVerifiedAt: null, tenantId: null });
  expect(await login('unverified@example.test', 'lètmein')).toBe('EmailNotVerifiedError');
});

test('a password that another system hashed without normalizing it is accepted', async () => {
  // PBKDF2-SHA-256, 1 000 iterations, of "ﬁve ½ teapots", which NFKC would change.
  const { pbkdf2Sync } = await import('node:crypto');
  const key = pbkdf2Sync('ﬁve ½ teapots', 'seasalt', 1000, 32, 'sha256').toString('base64');
  await importing(`email,name,email_verified,password_hash
typed@example.test,Tia,true,pbkdf2_sha256$1000$seasalt$${key}`);
  expect(await login('typed@example.test', 'ﬁve ½ teapots')).toBe('LoginSuccess');
  expect(await login('typed@example.test', 'ﬁve ½ teapots')).toBe('LoginSuccess');
});

test('values that no database can store and fields named like object properties only affect their own record', async () => {
  const said = await importing(
    `{"email":"ancient@example.test","name":"Ancient","created_at":"0000-01-01"}
{"email":"odd@example.test","name":"Odd","constructor":"x"}
{"email":"odder@example.test","name":"Odd","__proto__":{"role":"admin"}}
{"email":"plain@example.test","name":"Plain","created_at":"0001-01-02"}`,
    'users.jsonl',
  );
  expect(said.stdout).toBe('1 imported, 0 skipped (account exists), 3 rejected.\n');
  expect(said.stderr).toMatch(/line 1: created_at: .*\n/);
  expect(said.stderr).toMatch(/line 2: constructor: .*\n/);
  expect(said.stderr).toMatch(/line 3: __proto__: .*\n/);
});

test('every problem is reported with its line and field, and the other records are imported', async () => {
  const said =
    await importing(`email,name,username,phone,role,email_verified,email_verified_at,password_hash,created_at,id
good1@example.test,Good,,,,,,,,
nonsense,,!,12,emperor,maybe,yesterday,$2b$31$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui,2999-01-01,7
good1@example.test,Again,,,,,,,,
short@example.test,Short
"two
lines@example.test",Two,,,,,,,,
"good2@example.test","Good, ""Two""",,,,,,,,
`);
  expect(said.code).toBe(1);
  expect(said.stdout).toBe('2 imported, 0 skipped (account exists), 4 rejected.\n');
  expect(said.stderr).not.toContain('abcdefgh');
  const lines = said.stderr.trim().split('\n');
  const told = lines.map((line) => /^line (\d+): (?:(\w+): )?/.exec(line)?.slice(1));
  expect(told).toEqual([
    ['4', 'email'],
    ['5', undefined],
    ...[
      'created_at',
      'email_verified_at',
      'email_verified',
      'id',
      'name',
      'email',
      'username',
      'phone',
      'role',
      'password_hash',
    ].map((field) => ['3', field]),
    ['6', 'email'],
  ]);
  expect((await found('good2@example.test')).name).toBe('Good, "Two"');
  expect(await users().count({ where: { email: 'short@example.test' } })).toBe(0);
});

test('an interrupted import can be run again: existing accounts are skipped and stay unchanged', async () => {
  const person = await latchkey.person({ username: 'early.bird' });
  const content = `email,name,username,email_verified,password_hash
${person.email.toUpperCase()},Someone Else,,true,${HASH}
late@example.test,Late,,true,
thief@example.test,Thief,early.bird,true,`;
  const first = await importing(content, 'users.csv', '--json');
  expect(JSON.parse(first.stdout)).toMatchObject({
    imported: 1,
    skipped: 1,
    failed: 1,
    problems: [{ line: 4, field: 'username', code: 'ALREADY_TAKEN' }],
  });
  expect(JSON.parse((await importing(content, 'users.csv', '--json')).stdout)).toMatchObject({
    imported: 0,
    skipped: 2,
  });
  expect(await login(person.email, PASSWORD)).toBe('LoginSuccess');
  expect((await found(person.email)).name).toBe('Ada Example');
});

test('a dry run checks everything and writes nothing', async () => {
  const before = await users().count();
  const { code, stdout } = await importing('email,name\ndry@example.test,Dry\nwet,Wet', 'users.csv', '--dry-run');
  expect([code, stdout]).toEqual([1, '1 would be imported, 0 skipped (account exists), 1 rejected.\n']);
  expect(await users().count()).toBe(before);
});

describe('files in the wild', () => {
  test.each([
    ['carriage returns', 'email,name\rcr1@example.test,A\rcr2@example.test,B', 2],
    ['mixed line ends', 'email,name\r\nmix1@example.test,A\nmix2@example.test,B\r\n\r\nmix3@example.test,C\r', 3],
    ['a byte order mark', '\ufeffemail,name\nbom1@example.test,A', 1],
    ['quoted newlines and empty lines', 'email,name\n\n"nl1@example.test","A"\n', 1],
  ])('%s', async (_, content, count) => {
    expect((await importing(content)).stdout).toBe(`${count} imported, 0 skipped (account exists), 0 rejected.\n`);
  });

  test('JSON lines with a broken one in between', async () => {
    const said = await importing(
      `\ufeff{"email":"json1@example.test","name":"J","email_verified":true,"disabled":false,"phone":null}\r\n\n[1]\n{"email":\n{"email":"json2@example.test","name":7}\n{"email":"json3@example.test","name":"K","nick":"k"}\n${JSON.stringify({ email: 'json4@example.test', name: 'x'.repeat(70_000) })}\n{"email":"json5@example.test","name":"L","disabled":true}`,
      'users.jsonl',
    );
    expect(said.stdout).toBe('2 imported, 0 skipped (account exists), 5 rejected.\n');
    expect(said.stderr.match(/^line \d+/gm)).toEqual(['line 3', 'line 4', 'line 6', 'line 7', 'line 5', 'line 5']);
    expect((await found('json1@example.test')).emailVerifiedAt).not.toBeNull();
    expect((await found('json5@example.test')).disabledAt).not.toBeNull();
  });

  test('bytes that are not UTF-8 are reported with line and field, and affect nothing else', async () => {
    const csv = Buffer.from('email,name\nutf1@example.test,J\xfcrgen\nutf2@example.test,J\xc3\xbcrgen\n', 'latin1');
    const said = await importing(csv);
    expect([said.stdout, said.stderr]).toEqual([
      '1 imported, 0 skipped (account exists), 1 rejected.\n',
      'line 2: name: The value is not UTF-8.\n',
    ]);
    expect((await found('utf2@example.test')).name).toBe('Jürgen');
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeffemail,name\n', 'utf16le'), 'line 1: The file is UTF-16; save it as UTF-8.'],
    [
      'an open quote',
      'email,name\nopen1@example.test,A\n"open2@example.test,B\n',
      'line 3: A quotation mark is misplaced or not closed',
    ],
    ['a column twice', 'email,name,email\n', 'line 1: There are two columns named "email".'],
    ['an unknown column', 'email,name,shoe_size\nshoe@example.test,A,44', 'line 2: shoe_size: Unknown field'],
  ])('%s is reported', async (_, content, sentence) => {
    const { code, stderr } = await importing(content);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });

  test('another delimiter, and unknown columns ignored on request', async () => {
    const said = await importing(
      'email;name;shoe_size\nsemi@example.test;A;44',
      'users.csv',
      '--delimiter',
      ';',
      '--ignore-unknown',
    );
    expect(said).toMatchObject({ code: 0, stderr: '' });
  });

  test('a missing file, and an unknown format', async () => {
    expect(await runLatchkey(['import', '/nowhere/users.csv'])).toMatchObject({
      code: 1,
      stderr: 'Cannot read /nowhere/users.csv (ENOENT).\n',
    });
    expect(await runLatchkey(['import', 'users.xlsx'])).toMatchObject({ code: 2 });
  });
});

test('a simultaneous registration gets the address or the import does, and the rest is imported', async () => {
  const emails = Array.from({ length: 20 }, (_, i) => `race${i}@example.test`);
  const [said] = await Promise.all([
    importing(`email,name\n${emails.map((email) => `${email},Imported`).join('\n')}`, 'users.csv', '--json'),
    ...emails
      .slice(0, 5)
      .map((email) => latchkey.ask(RegisterDocument, { input: { email, name: 'Registered', password: PASSWORD } })),
  ]);
  const { imported, skipped } = JSON.parse(said.stdout);
  expect(imported + skipped).toBe(20);
  expect(await users().count({ where: { email: { in: emails } } })).toBe(20);
  expect(await users().count({ where: { email: { in: emails }, name: 'Imported' } })).toBe(imported);
});

test('a large import is split into transactions of a few hundred users, and every user is in the audit log', async () => {
  const rows = Array.from({ length: 1200 }, (_, i) => `many${i}@example.test,Person ${i},many${i},true,${HASH}`);
  const said = await importing(`email,name,username,email_verified,password_hash\n${rows.join('\n')}`);
  expect(said.stdout).toBe('1200 imported, 0 skipped (account exists), 0 rejected.\n');
  const { prisma } = latchkey.app.parts.database;
  const mine = await prisma.user.findMany({ where: { email: { startsWith: 'many' } }, select: { id: true } });
  const events = { name: 'import_user.completed', origin: 'operator', subjectId: { in: mine.map(({ id }) => id) } };
  expect(await prisma.auditEvent.count({ where: events })).toBe(1200);
});
