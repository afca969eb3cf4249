/**
 * A transaction that PostgreSQL ends because of others runs again, as a whole, and not for ever; and so does a single
 * statement, which is a transaction by itself.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextWithoutRequest, inTransaction } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { isOutage } from '#errors/outage.ts';
import { LoginDocument, RefreshDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

let latchkey: Latchkey;
let people: [Person, Person];
beforeAll(async () => {
  latchkey = await startLatchkey({ engine: 'postgresql' });
  people = [await latchkey.person(), await latchkey.person()];
});
afterAll(() => latchkey.close());

const context = () => contextWithoutRequest(latchkey.app.parts, 'operator');
const nameOf = async ({ id }: Person) => (await context().db.user.findUnique({ where: { id } }))?.name;

test('after a deadlock, both transactions are done, each once', async () => {
  const [ada, grace] = people;
  const done: string[] = [];
  let attempts = 0;
  let waiting = 0;
  const bothHaveOne = Promise.withResolvers<void>();
  const rename = (first: Person, second: Person) =>
    inTransaction(context(), async (tx) => {
      attempts += 1;
      await lockUser(tx, first.id);
      if (++waiting === 2) bothHaveOne.resolve();
      await bothHaveOne.promise;
      const name = `${(await lockUser(tx, second.id))?.name}+`;
      await tx.db.user.update({ where: { id: second.id }, data: { name } });
      tx.afterCommit(() => done.push(name));
    });
  const names = [await nameOf(ada), await nameOf(grace)];
  await Promise.all([rename(ada, grace), rename(grace, ada)]);
  expect([await nameOf(ada), await nameOf(grace)]).toEqual(names.map((name) => `${name}+`));
  expect(attempts).toBe(3);
  expect(done.toSorted()).toEqual(names.map((name) => `${name}+`).toSorted());
});

/** Overtaken by another transaction in its first `times` attempts. */
async function overtaken(times: number): Promise<number> {
  const [{ id }] = people;
  let attempts = 0;
  await inTransaction(context(), async (tx) => {
    attempts += 1;
    await tx.db.$executeRaw`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`;
    const user = await tx.db.user.findUniqueOrThrow({ where: { id } });
    if (attempts <= times) await context().db.user.update({ where: { id }, data: { name: `${user.name}-` } });
    await tx.db.user.update({ where: { id }, data: { name: `${user.name}+` } });
  }).catch((error) => {
    throw Object.assign(error, { attempts });
  });
  return attempts;
}

test('after a serialization failure, it sees what the other one did', async () => {
  const before = await nameOf(people[0]);
  expect(await overtaken(1)).toBe(2);
  expect(await nameOf(people[0])).toBe(`${before}-+`);
});

test('what meets another each time ends as an outage, after a few attempts', async () => {
  const error = await overtaken(100).catch((it: unknown) => it);
  expect(error).toMatchObject({ attempts: 4 });
  expect(isOutage(error)).toBe(true);
});

describe('a single statement', () => {
  let client: pg.Client;
  beforeAll(async () => {
    const { database } = latchkey.config;
    if (database.kind !== 'postgresql') throw new Error('not PostgreSQL');
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(() => client.end());

  /**
   * What changes sessions meets another transaction that many times: a sequence counts what is rolled back, too.
   * @returns the attempts
   */
  async function met(times: number, sqlState: string, work: () => Promise<unknown>): Promise<number> {
    await client.query(`
      CREATE SEQUENCE attempts;
      CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempts') <= ${times} THEN RAISE EXCEPTION 'met another' USING ERRCODE = '${sqlState}'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER meet BEFORE INSERT OR UPDATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION meet()`);
    try {
      await work();
      const { rows } = await client.query('SELECT last_value AS attempts FROM attempts');
      return Number(rows[0]?.attempts);
    } finally {
      await client.query('DROP FUNCTION meet CASCADE; DROP SEQUENCE attempts');
    }
  }

  test.each(['40001', '40P01'])('of a refresh runs again after %s', async (sqlState) => {
    const person = await latchkey.person();
    const attempts = await met(2, sqlState, async () => {
      const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
      expect(refresh.__typename).toBe('RefreshSuccess');
    });
    expect(attempts).toBe(3);
  });

  test('of a sign-in runs again', async () => {
    const { email } = await latchkey.person();
    const input = { identifier: email, password: PASSWORD };
    await met(2, '40001', async () => {
      expect((await latchkey.ask(LoginDocument, { input })).login.__typename).toBe('LoginSuccess');
    });
  });

  test('of Prisma outside of a transaction runs again, and one within is left to the transaction', async () => {
    const { sessionId } = await latchkey.person();
    const touch = (db: ReturnType<typeof context>['db']) =>
      db.session.updateMany({ where: { id: sessionId }, data: { lastUsedAt: new Date(0) } });
    expect(await met(2, '40001', () => touch(context().db))).toBe(3);
    let transactions = 0;
    const attempts = await met(2, '40001', () =>
      inTransaction(context(), async ({ db }) => {
        transactions += 1;
        await touch(db);
      }),
    );
    expect([attempts, transactions]).toEqual([3, 3]);
  });

  test('ends as an outage after a few attempts', async () => {
    const { refreshToken } = await latchkey.person();
    const attempts = await met(100, '40001', async () => {
      const { errors } = await latchkey.send(RefreshDocument, { input: { refreshToken } });
      expect(errors?.[0]?.extensions?.['code']).toBe('SERVICE_UNAVAILABLE');
    });
    expect(attempts).toBe(4);
  });
});
