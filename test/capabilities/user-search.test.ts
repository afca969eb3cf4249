/** Which accounts a search finds, and that it finds them by index, however many there are. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countUsers, listUsers, type UserFilter, type UserPage } from '#capabilities/users/users.ts';
import { operatorContext } from '#cli/operator.ts';
import type { Ctx } from '#core/context.ts';
import { Prisma } from '#generated/prisma/client.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

const PEOPLE = {
  grace: { name: 'Grace Brewster Hopper', email: 'grace.b-hopper@navy.example.org', username: 'amazing.grace' },
  cobol: { name: 'GRACE', email: 'cobol_1@example.org', phone: '+4915112340001' },
  cobolX: { name: 'Mary K. Hawes', email: 'cobolx1@example.org.test', phone: '+4915112340002' },
  emil: { name: 'Émile Zola-Müller', email: 'emil@xn--mnchen-3ya.de' },
  anna: { name: 'Анна Ёлкина', email: 'anna@example.ru' },
  odysseus: { name: 'Ὀδυσσεύς', email: 'o@example.gr' },
  soren: { name: "Søren O’Brien Weiß, 'Jr.' 100%_sure", email: 's@list.test' },
  yamada: { name: '山田 太郎', email: 'yamada_-@sign.test' },
} as const;
type Key = keyof typeof PEOPLE;
const ACCOUNTS = 100_000;
/** How many accounts one statement inserts. */
const PART = 5_000;
/** Of the embedded database, which is slower to fill; its planner is the same. */
const EMBEDDED_ACCOUNTS = 20_000;

describe.each(ENGINES)('the search for accounts on %s', (engine) => {
  let latchkey: Latchkey;
  let ctx: Ctx;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    ctx = operatorContext(latchkey.app.parts);
    const now = new Date();
    for (const person of Object.values(PEOPLE)) {
      const row = { ...person, role: 'customer', locale: 'en', createdAt: now, updatedAt: now };
      await latchkey.app.parts.database.prisma.user.create({ data: row });
    }
  });
  afterAll(() => latchkey.close());

  const page = { orderBy: 'NEWEST_FIRST', limit: 21 } as const;
  const found = async (search: string): Promise<Key[]> => {
    const users = await listUsers(ctx, { ...page, search });
    const keys = Object.keys(PEOPLE) as Key[];
    return keys.filter((key) => users.some(({ email }) => email === PEOPLE[key].email));
  };

  test.each<[string, Key[]]>([
    ['Hopper', ['grace']],
    ['hop', ['grace']],
    ['hopper, grace', ['grace']],
    ['gra hop', ['grace']],
    ['opper', []],
    ['grace mary', []],
    ['b-hopper@', ['grace']],
    ['grace', ['grace', 'cobol']],
    ['@example.org', ['cobol', 'cobolX']],
    ['@example.org.', ['cobolX']],
    ['example.org', ['grace', 'cobol', 'cobolX']],
    ['@navy', ['grace']],
    ['@sign.test', ['yamada']],
    ['GRACE.B-HOPPER@NAVY.EXAMPLE.ORG', ['grace']],
    ['amazing', ['grace']],
    ['cobol_', ['cobol']],
    ['cobol%', []],
    ['+49 151 1234-000', ['cobol', 'cobolX']],
    ['0049151 12340002', ['cobolX']],
    ['emile', ['emil']],
    ['ZOLA', ['emil']],
    ['muller', ['emil']],
    ['mu\u0308ller', ['emil']],
    ['@münchen.de', ['emil']],
    ['emil@MÜNCHEN.de', ['emil']],
    ['елкина АННА', ['anna']],
    ['ΟΔΥΣΣΕΥΣ', ['odysseus']],
    ['soren', ['soren']],
    ["o'brien", ['soren']],
    ['brien', ['soren']],
    ['WEISS', ['soren']],
    ['100%_s', ['soren']],
    ["'jr", ['soren']],
    ['ｓｏｒｅｎ', ['soren']],
    ['山', ['yamada']],
    ['太郎', ['yamada']],
  ])('%s', async (search, expected) => {
    expect(await found(search)).toEqual(expected);
  });

  test('an account is found by its new words after a change', async () => {
    const { prisma } = latchkey.app.parts.database;
    const before = await prisma.user.update({ where: { email: PEOPLE.yamada.email }, data: { username: 'renamed' } });
    expect(await found('renamed')).toEqual(['yamada']);
    await prisma.user.update({ where: { id: before.id }, data: { username: null } });
    expect(await found('renamed')).toEqual([]);
  });

  test('no text is too strange to search for or to be found by', async () => {
    // U+FDFA becomes 18 letters: the longest name is longer than a word of the index can be.
    const name = '\ufdfa'.repeat(100);
    const row = { name, email: 'long@list.test', role: 'customer', locale: 'en' };
    const times = { createdAt: new Date(), updatedAt: new Date() };
    await latchkey.app.parts.database.prisma.user.create({ data: { ...row, ...times } });
    const found = await listUsers(ctx, { ...page, search: name });
    expect(found.map(({ email }) => email)).toEqual(['long@list.test']);
    const strange = ['\\', '%', '&', '|', '!', ':*', '<->', "''\\", "'; DROP TABLE users; --", '\0', '\ud800', '@@'];
    for (const search of [...strange, 'x'.repeat(5000), ' , ;; ', 'zq '.repeat(80), '@\u00ad']) {
      expect(await listUsers(ctx, { ...page, search }), search).toEqual([]);
    }
  });

  const count = engine === 'embedded' ? EMBEDDED_ACCOUNTS : ACCOUNTS;
  describe(`among ${count} accounts`, () => {
    beforeAll(async () => {
      const { prisma } = latchkey.app.parts.database;
      // In parts, because no statement of the service may take longer than a few seconds.
      for (let from = 1; from <= count; from += PART) {
        await prisma.$executeRaw`
          INSERT INTO users
            (id, name, email, username, phone, role, locale, email_verified_at, disabled_at, created_at, updated_at)
          SELECT gen_random_uuid(), 'Person ' || i || ' ' || md5('n' || i),
                 md5(i::text) || '@d' || i % (${count}::int / 100) || '.test', 'u' || md5(i::text),
                 '+49151' || (1000000 + i), 'customer', 'en', CASE WHEN i % 20 > 0 THEN now() END,
                 CASE WHEN i % 500 = 0 THEN now() END, now() - i * interval '1 minute', now()
            FROM generate_series(${from}::int, ${from}::int + ${PART}::int - 1) i`;
      }
      await prisma.$executeRaw`VACUUM ANALYZE users`;
    }, 180_000);

    const questions: Record<string, { page: UserFilter & Partial<UserPage>; expected: number }> = {
      'an address': { page: { search: 'c4ca4238a0b923820dcc509a6f75849b@d1.test' }, expected: 1 },
      'a domain': { page: { search: '@d77.test' }, expected: 21 },
      'a word of a name': { page: { search: 'c364e7cd25ef8288236d31f1ed69a94a' }, expected: 1 },
      'a word in the middle of a name': { page: { search: `${count - 1} person` }, expected: 1 },
      'few letters': { page: { search: 'c4' }, expected: 21 },
      'what all have': { page: { search: 'person', role: 'customer' }, expected: 21 },
      'what is not there': { page: { search: 'zzzz' }, expected: 0 },
      'a phone number': { page: { search: '+49 151 1000' }, expected: 21 },
      'those disabled': { page: { isDisabled: true }, expected: 21 },
      'those unverified': { page: { isVerified: false }, expected: 21 },
      'no administrator': { page: { role: 'admin' }, expected: 0 },
      'the oldest of a domain': { page: { search: '@d77.test', orderBy: 'OLDEST_FIRST' }, expected: 21 },
    };

    test.each(Object.entries(questions))('%s', async (_name, { page: question, expected }) => {
      const first = await explained({ ...page, ...question });
      expect(first.users).toHaveLength(expected);
      for (const { id } of first.users.slice(10, 11)) {
        const second = await explained({ ...page, ...question, after: id });
        expect(second.users.slice(0, 10)).toEqual(first.users.slice(11));
      }
    });

    test('a page in the middle', async () => {
      const { prisma } = latchkey.app.parts.database;
      const [middle] = await prisma.user.findMany({ orderBy: { createdAt: 'desc' }, skip: 50_000, take: 1 });
      expect((await explained({ ...page, after: middle?.id })).users).toHaveLength(21);
    });

    test('all accounts of a search are counted', async () => {
      expect(await countUsers(ctx, { search: '@d77.test' })).toBe(100);
    });

    /** The page, after a look at how the database finds it: by index, with few rows on the way. */
    async function explained(asked: UserPage) {
      const { prisma } = latchkey.app.parts.database;
      const plans: string[] = [];
      const $queryRaw = async (strings: TemplateStringsArray, ...values: unknown[]) => {
        const statement = Prisma.sql(strings, ...values);
        const rows = await prisma.$queryRaw<Record<string, string>[]>`EXPLAIN (ANALYZE, BUFFERS) ${statement}`;
        plans.push(rows.map((row) => Object.values(row)[0]).join('\n'));
        return prisma.$queryRaw(statement);
      };
      const users = await listUsers({ ...ctx, db: { ...ctx.db, $queryRaw } as unknown as Ctx['db'] }, asked);
      const [plan = ''] = plans;
      const blocks = [...(/Buffers: shared (.*)/.exec(plan)?.[1] ?? '').matchAll(/\d+/g)].map(Number);
      expect(plan).not.toMatch(/Seq Scan on users/);
      // The table has 3,000, its index 6,000.
      expect(
        blocks.reduce((sum, some) => sum + some, 0),
        plan,
      ).toBeLessThanOrEqual(2000);
      return { users };
    }
  });
});
