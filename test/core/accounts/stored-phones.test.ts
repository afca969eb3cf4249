/** Phone numbers that an earlier version stored in another form, when the service starts or migrates. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalizeStoredPhones } from '#core/accounts/stored-phones.ts';
import { PHONE_RULES } from '#core/input/identifier.ts';
import { LoginDocument, RegisterDocument } from '../../generated/graphql.ts';
import { operatorEnv, runLatchkey } from '../../support/command.ts';
import { ENGINES } from '../../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../../support/latchkey.ts';

test('the rules are those of the package that is installed', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(PHONE_RULES).toBe(`libphonenumber-js ${dependencies['libphonenumber-js']}`);
});

describe.each(ENGINES)('stored phone numbers on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const database = () => latchkey.app.parts.database.prisma;
  /** An account as it was stored before: whatever was typed, without signs. */
  const stored = async (phone: string, columns: object = {}) => {
    const { id } = await latchkey.person();
    await database().user.update({ where: { id }, data: { phone, ...columns } });
    return id;
  };
  const forget = () => database().dataStep.deleteMany();
  const phonesOf = async (...ids: string[]) => {
    const users = await database().user.findMany({ where: { id: { in: ids } } });
    return ids.map((id) => users.find((user) => user.id === id)?.phone);
  };
  const events = async (subjectId: string) =>
    (await database().auditEvent.findMany({ where: { subjectId, name: { startsWith: 'normalize_phone' } } })).map(
      ({ name, actorId, origin }) => [name, actorId, origin],
    );
  const login = async (identifier: string) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } })).login.__typename;
  const completed = [['normalize_phone.completed', null, 'schedule']];
  const released = [['normalize_phone.released', null, 'schedule']];

  test('are rewritten at the next start, once, and sign in however they are typed', async () => {
    const london = await stored('+4402079460958');
    const rome = await stored('+390612345678');
    const odd = await stored('+999123456789');
    await forget();
    await latchkey.restart();
    expect(await phonesOf(london, rome, odd)).toEqual(['+442079460958', '+390612345678', '+999123456789']);
    for (const typed of ['+44 (0)20 7946 0958', '+442079460958', '0044 020 7946 0958', '+39 06 1234 5678']) {
      expect([typed, await login(typed)]).toEqual([typed, 'LoginSuccess']);
    }
    // No number for the library, but stored: it still signs in.
    expect(await login('+999 123-456-789')).toBe('LoginSuccess');
    expect([await events(london), await events(rome), await events(odd)]).toEqual([completed, [], []]);
    await latchkey.restart();
    await forget();
    await latchkey.restart();
    expect(await events(london)).toEqual(completed);
    expect(latchkey.logged()).not.toContain('2079460958');
  });

  test('of two accounts with one number, the verified one keeps it, or else the older', async () => {
    const [early, late] = [new Date('2026-01-01'), new Date('2026-02-01')];
    const unverified = { emailVerifiedAt: null };
    const pairs = [
      // The winner first.
      [
        await stored('+610412345001', { createdAt: late }),
        await stored('+61412345001', { createdAt: early, ...unverified }),
      ],
      [await stored('+610412345002', { createdAt: early }), await stored('+61412345002', { createdAt: late })],
      [await stored('+61412345003', { createdAt: early }), await stored('+610412345003', { createdAt: late })],
      [
        await stored('+610412345004', { ...unverified, source: 'IMPORT', createdAt: late }),
        await stored('+61412345004', { ...unverified, createdAt: early }),
      ],
    ];
    await forget();
    await latchkey.restart();
    for (const [index, [winner = '', loser = '']] of pairs.entries()) {
      expect(await phonesOf(winner, loser)).toEqual([`+6141234500${index + 1}`, null]);
      expect(await events(loser)).toEqual(released);
      expect(await events(winner)).toEqual(index === 2 ? [] : completed);
      expect(latchkey.logged()).toContain(`"userId":"${loser}","msg":"this account lost its phone number`);
    }
  });

  test('that are held for someone who gave them up are rewritten, and stay held', async () => {
    const [sooner, later] = [new Date('2098-01-01'), new Date('2099-01-01')];
    const [one, other] = [(await latchkey.person()).id, (await latchkey.person()).id];
    const held = async (value: string, userId: string, heldUntil: Date) =>
      database().formerIdentifier.create({ data: { value, kind: 'PHONE', userId, heldUntil } });
    const holders = async (...values: string[]) => {
      const rows = await database().formerIdentifier.findMany({ where: { value: { in: values } } });
      return rows.map(({ value, userId, heldUntil }) => [value, userId, heldUntil]);
    };
    await held('+4402079461001', one, later);
    // Held in both spellings: for the account that had it last.
    await held('+4402079461002', one, later);
    await held('+442079461002', other, sooner);
    await held('+4402079461003', one, sooner);
    await held('+442079461003', other, later);
    // Another account has it now, in either spelling.
    await held('+4402079461004', one, later);
    await stored('+442079461004');
    await held('+442079461005', one, later);
    await stored('+4402079461005');
    // Its former owner has it again.
    await held('+4402079461006', one, later);
    await database().user.update({ where: { id: one }, data: { phone: '+4402079461006' } });
    await forget();
    await latchkey.restart();
    expect(await holders('+442079461001', '+4402079461001')).toEqual([['+442079461001', one, later]]);
    expect(await holders('+442079461002', '+4402079461002')).toEqual([['+442079461002', one, later]]);
    expect(await holders('+442079461003', '+4402079461003')).toEqual([['+442079461003', other, later]]);
    expect(await holders('+442079461004', '+4402079461004')).toEqual([]);
    expect(await holders('+442079461005', '+4402079461005')).toEqual([]);
    expect(await holders('+442079461006', '+4402079461006')).toEqual([['+442079461006', one, later]]);
    const input = { name: 'Ada', email: latchkey.address(), password: PASSWORD, phone: '+44 20 7946 1001' };
    expect((await latchkey.ask(RegisterDocument, { input })).register).toMatchObject({
      fieldErrors: [{ path: ['phone'], code: 'ALREADY_TAKEN' }],
    });
  });

  test('are rewritten once by several replicas at once, more than a page of them', async () => {
    const now = new Date();
    const common = { name: 'N', role: 'customer', locale: 'en', createdAt: now, updatedAt: now };
    const rows = Array.from({ length: 1050 }, (_, index) => ({
      ...common,
      email: `many${index}.${engine}@example.test`,
      phone: index < 1000 ? `+3361200${1000 + index}` : `+330612${110_000 + index}`,
    }));
    await database().user.createMany({ data: rows });
    await forget();
    const runs = await Promise.all(Array.from({ length: 4 }, () => normalizeStoredPhones(latchkey.app.parts)));
    expect(runs.reduce((sum, { rewritten }) => sum + rewritten, 0)).toBe(50);
    expect(await database().user.count({ where: { phone: { startsWith: '+330' } } })).toBe(0);
    const where = { name: 'normalize_phone.completed', subjectId: { in: [] as string[] } };
    const changed = await database().user.findMany({ where: { phone: { startsWith: '+3361211' } } });
    where.subjectId.in = changed.map(({ id }) => id);
    expect(await database().auditEvent.count({ where })).toBe(50);
  });

  test.runIf(engine === 'postgresql')(
    'are rewritten by `latchkey migrate`, which names who lost a number',
    async () => {
      const [winner, loser] = [await stored('+4402079460001'), await stored('+442079460001')];
      await forget();
      const { code, stdout, stderr } = await runLatchkey(['migrate'], { env: operatorEnv(latchkey) });
      expect(code).toBe(0);
      expect(stdout).toBe('The database is up to date.\nPhone numbers rewritten in one form: 1\n');
      expect(stderr).toContain(`Account ${loser} lost its phone number: another has the same.`);
      expect(await phonesOf(winner, loser)).toEqual(['+442079460001', null]);
      expect((await runLatchkey(['migrate'], { env: operatorEnv(latchkey) })).stdout).toBe(
        'The database is up to date.\n',
      );
    },
  );
});
