/** One phone number in all its spellings, wherever a number is taken or looked up. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RegisterDocument, UpdateProfileDocument, UsersDocument } from '../generated/graphql.ts';
import { operatorEnv, runLatchkey } from '../support/command.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { restClient } from '../support/rest.ts';

const STORED = '+442079460958';
const SPELLINGS = [
  STORED,
  '+44 (0)20 7946 0958',
  '+44 020 7946 0958',
  '0044 (0) 20 7946-0958',
  '+44.20.7946.0958',
  ' +44\u00a020 7946 0958 ',
  '＋４４ ２０ ７９４６ ０９５８',
];

describe('a phone number', () => {
  let latchkey: Latchkey;
  let owner: Awaited<ReturnType<Latchkey['person']>>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql' });
    owner = await latchkey.person({ phone: '+44 (0)20 7946 0958' });
  });
  afterAll(() => latchkey.close());

  const user = (email: string) => latchkey.app.parts.database.prisma.user.findUnique({ where: { email } });
  const taken = { fieldErrors: [{ path: ['phone'], code: 'ALREADY_TAKEN' }] };

  test('is stored in one form', async () => {
    expect((await user(owner.email))?.phone).toBe(STORED);
  });

  test.each(SPELLINGS)('signs in as %j', async (identifier) => {
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } });
    expect(login).toMatchObject({ __typename: 'LoginSuccess', user: { id: owner.id } });
    const api = restClient(latchkey);
    const credentials = { username: identifier, password: PASSWORD };
    expect((await api.post('/auth/login', credentials)).status).toBe(200);
    expect((await api.form('/auth/login', credentials)).status).toBe(200);
  });

  test('has one budget of guesses in all its spellings', async () => {
    const { email } = await latchkey.person({ phone: '+61 412 345 678' });
    const ip = { ip: '198.51.100.7' };
    const guess = async (identifier: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier, password: 'wrong horse' } }, ip)).login.__typename;
    const spellings = ['+61 0412 345 678', '+61412345678', '0061 412 345 678', email, '+61 (0)412 345 678', email];
    const answers = [];
    for (const spelling of spellings) answers.push(await guess(spelling));
    expect(answers.at(-1)).toBe('TooManyAttemptsError');
  });

  test.each(SPELLINGS)('as %j is taken: registration, profile, command and import', async (phone) => {
    const email = latchkey.address();
    const input = { name: 'Ada', email, password: PASSWORD, phone };
    const ip = { ip: `203.0.113.${SPELLINGS.indexOf(phone)}` };
    expect((await latchkey.ask(RegisterDocument, { input }, ip)).register).toMatchObject(taken);
    const other = await latchkey.person();
    const update = { ...ip, bearer: other.accessToken };
    expect((await latchkey.ask(UpdateProfileDocument, { input: { phone } }, update)).updateProfile).toMatchObject(
      taken,
    );
    const env = operatorEnv(latchkey);
    const created = await runLatchkey(['users', 'create', '--email', email, '--name', 'A', '--phone', phone], { env });
    expect([created.code, created.stderr]).toEqual([1, expect.stringContaining('phone')]);
    const path = join(tmpdir(), `${randomUUID()}.csv`);
    await writeFile(path, `email,name,phone\n${email},Ada,"${phone}"\n`);
    const imported = await runLatchkey(['import', path], { env });
    await rm(path);
    expect(imported.stdout).toContain('0 imported');
    expect(await user(email)).toBeNull();
  });

  test('is found by administrators in every spelling, whole or by its beginning', async () => {
    const admin = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    for (const search of [...SPELLINGS, '+44 (0)20 7946', '+44 20']) {
      const { users } = await latchkey.ask(UsersDocument, { search }, { bearer: admin.accessToken });
      expect([search, users?.nodes.map(({ id }) => id)]).toEqual([search, [owner.id]]);
    }
    const shown = await runLatchkey(['users', 'show', '0044 (0)20 7946 0958'], { env: operatorEnv(latchkey) });
    expect(shown.stdout).toContain(owner.email);
  });
});
