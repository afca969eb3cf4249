/** A transaction that PostgreSQL ends because of others runs again, as a whole, and not for ever. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contextWithoutRequest, inTransaction } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { isOutage } from '#errors/outage.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';

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
