import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BudgetLedger, createBudgetLedger, type Entry } from '#core/limits/budget-ledger.ts';
import type { Database } from '#outside/database.ts';
import { ENGINES } from '../../support/database.ts';
import { type Latchkey, startLatchkey } from '../../support/latchkey.ts';

describe.each(ENGINES)('the budget ledger on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({
      engine,
      // A statement waits for a lock less than 2 s.
      reachedAt: (target) => target.searchParams.set('options', '-c lock_timeout=300'),
    });
  });
  afterAll(() => latchkey.close());

  /** A ledger on the database of the service, and the names of the statements it has sent. */
  function counted(): BudgetLedger & { sent: string[] } {
    const { database, clock } = latchkey.app.parts;
    const sent: string[] = [];
    const query: Database['query'] = (statement, values) => {
      sent.push(statement.name);
      return database.query(statement, values);
    };
    return { ...createBudgetLedger({ database: { query }, clock, tracing: null }), sent };
  }

  let keys = 0;
  const entry = (key = `key ${++keys}`, limit = 3): Entry => ({ key, limit, maxWaitSeconds: 300, windowSeconds: 3600 });
  const taking = (...entries: Entry[]) => ({ entries, watched: [] });
  const settling = { owned: [], shared: [], isSuccess: true, counted: null };
  const countOf = async ({ key }: Entry) =>
    (await latchkey.app.parts.database.prisma.throttle.findUnique({ where: { key } }))?.count ?? 0;
  const countsOf = (entries: readonly Entry[]) => Promise.all(entries.map(countOf));

  test('takes for all attempts at once with one statement, and tells each only of its own budgets', async () => {
    const { take, sent } = counted();
    const attempts = Array.from({ length: 5 }, () => [entry(), entry()]);
    const taken = await Promise.all(attempts.map((entries) => take(taking(...entries))));
    expect(taken.map((rows) => rows.map(({ key, count }) => [key, count]))).toEqual(
      attempts.map((entries) => entries.map(({ key }) => [key, 1])),
    );
    expect(sent).toEqual(['reserve-budgets']);
  });

  test('an attempt with a blocked budget takes from none of its budgets, and the others take from all', async () => {
    const { take } = counted();
    const blocked = entry(undefined, 1);
    await take(taking(blocked));
    const [beside, first, second] = [entry(), entry(), entry()];
    const taken = await Promise.all([take(taking(blocked, beside)), take(taking(first)), take(taking(second))]);
    expect(taken.map((rows) => rows.length)).toEqual([0, 1, 1]);
    expect(await countsOf([blocked, beside, first, second])).toEqual([1, 0, 1, 1]);
  });

  test('of attempts at once that share a budget, each counts, and no more than it allows', async () => {
    const { take } = counted();
    const shared = entry(undefined, 3);
    const taken = await Promise.all(Array.from({ length: 10 }, () => take(taking(shared, entry(undefined, 100)))));
    const ofShared = taken.flatMap((rows) => rows.filter(({ key }) => key === shared.key));
    expect(ofShared.map(({ count }) => count).sort()).toEqual([1, 2, 3]);
    expect(await countOf(shared)).toBe(3);
  });

  // The embedded database has one connection, so nobody can hold a lock in between.
  test.skipIf(engine === 'embedded')('a budget that someone keeps locked fails only those who draw on it', async () => {
    const { take, settle, sent } = counted();
    const [locked, free] = [entry(), entry()];
    await take(taking(locked));
    await latchkey.app.parts.database.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM throttles WHERE key = ${locked.key} FOR UPDATE`;
      const taken = await Promise.allSettled([take(taking(locked)), take(taking(free))]);
      expect(taken.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      const owners = [locked, free].map(({ key }) => ({ ...settling, owned: [key], counted: free.key }));
      const settled = await Promise.allSettled(owners.map(settle));
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    });
    expect(sent.filter((name) => name === 'reserve-budgets')).toHaveLength(4);
    expect(await countsOf([locked, free])).toEqual([1, 0]);
  });

  test('watched budgets are told to those who watch them, if they are blocked', async () => {
    const { take, sent } = counted();
    const [blocked, free, own, other] = [entry(undefined, 1), entry(), entry(), entry()];
    await Promise.all([take(taking(blocked)), take(taking(free))]);
    const [watching, blind] = await Promise.all([
      take({ entries: [own], watched: [blocked.key, free.key] }),
      take(taking(other)),
    ]);
    expect(watching?.map(({ key }) => key)).toEqual([own.key, blocked.key]);
    expect(blind?.map(({ key }) => key)).toEqual([other.key]);
    expect(sent).toHaveLength(2);
  });

  test('a budget that one attempt watches is not confused with one that another takes from at the same time', async () => {
    const { take } = counted();
    const [free, own] = [entry(undefined, 9), entry()];
    const [watching] = await Promise.all([take({ entries: [own], watched: [free.key] }), take(taking(free))]);
    expect(watching.map(({ key }) => key)).toEqual([own.key]);

    const blocked = entry(undefined, 1);
    await take(taking(blocked));
    const [seen, refused] = await Promise.all([
      take({ entries: [own], watched: [blocked.key] }),
      take(taking(blocked)),
    ]);
    expect(seen.map(({ key }) => key)).toEqual([own.key, blocked.key]);
    expect(refused).toEqual([]);
  });

  test('settles all at once with one statement: resets, gives back as often as asked, and tells each its count', async () => {
    const { take, settle, sent } = counted();
    const [ada, bob, network, guessed] = [entry(undefined, 9), entry(undefined, 9), entry(undefined, 9), entry()];
    for (let time = 0; time < 4; time += 1) await take(taking(ada, bob, network));
    await take(taking(guessed));
    sent.length = 0;
    const counts = await Promise.all([
      settle({ ...settling, owned: [ada.key], shared: [network.key], counted: guessed.key }),
      settle({ ...settling, owned: [bob.key], shared: [network.key], counted: 'nothing was counted' }),
      settle({ ...settling, shared: [network.key], isSuccess: false }),
    ]);
    expect(counts).toEqual([1, 0, 0]);
    expect(sent).toEqual(['settle-budgets']);
    expect(await countsOf([ada, bob, network, guessed])).toEqual([0, 0, 1, 1]);
  });

  test('what is only given back does not count as a success of its network', async () => {
    const { take, settle } = counted();
    const [unchecked, succeeded] = [entry(), entry()];
    await Promise.all([take(taking(unchecked)), take(taking(succeeded))]);
    await Promise.all([
      settle({ ...settling, shared: [unchecked.key], isSuccess: false }),
      settle({ ...settling, shared: [succeeded.key] }),
    ]);
    const again = await Promise.all([take(taking(unchecked)), take(taking(succeeded))]);
    expect(again.flat().map(({ succeededAt }) => succeededAt !== null)).toEqual([false, true]);
  });

  test('an attempt that cannot be counted fails alone, and the others are counted once', async () => {
    const { take } = counted();
    const [first, second] = [entry(), entry()];
    const settled = await Promise.allSettled([first, entry('no text \0'), second].map((it) => take(taking(it))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await countsOf([first, second])).toEqual([1, 1]);
  });
});
