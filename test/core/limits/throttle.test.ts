import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ctx, inTransaction } from '#core/context.ts';
import {
  availableAt,
  type BudgetRule,
  countOf,
  giveBack,
  networkOf,
  reserve,
  settle,
  takeCount,
} from '#core/limits/throttle.ts';
import { TooManyAttemptsError } from '#errors.ts';
import { createContextBuilder } from '../../../src/http/request.ts';
import { ENGINES } from '../../support/database.ts';
import { type Latchkey, startLatchkey } from '../../support/latchkey.ts';

describe.each(ENGINES)('budgets on %s', (engine) => {
  let latchkey: Latchkey;
  let ctx: Ctx;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    ctx = createContextBuilder(latchkey.app.parts)({ header: () => null, remoteAddress: '127.0.0.1' });
  });
  afterAll(() => latchkey.close());

  const refusal = 'discovery.throttled';
  const fixed: BudgetRule = { name: 'test-fixed', limit: 3, windowSeconds: 60, refusal };
  const growing: BudgetRule = { name: 'test-growing', limit: 3, windowSeconds: 60, maxWaitSeconds: 8, refusal };
  const take = async (...budgets: { rule: BudgetRule; of: string }[]) =>
    reserve(ctx, budgets).then(
      () => 'taken' as const,
      (error) => (error instanceof TooManyAttemptsError ? error.retryAfterSeconds : Promise.reject(error)),
    );
  /** Takes until the first refusal and gives how many were taken. */
  const takeAll = async (budget: { rule: BudgetRule; of: string }) => {
    let taken = 0;
    while ((await take(budget)) === 'taken') taken += 1;
    return taken;
  };
  /** Takes one whenever the wait is over, and gives the wait that follows each. */
  const waitsAfter = async (budget: { rule: BudgetRule; of: string }, attempts: number) => {
    const waits: (number | 'taken')[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      expect(await take(budget)).toBe('taken');
      const wait = await take(budget);
      waits.push(wait);
      latchkey.advance({ seconds: wait === 'taken' ? 0 : wait });
    }
    return waits;
  };

  test('a fixed budget holds its limit in its window, and starts again after it', async () => {
    const budget = { rule: fixed, of: 'a' };
    expect([await take(budget), await take(budget), await take(budget)]).toEqual(['taken', 'taken', 'taken']);
    latchkey.advance({ seconds: 20 });
    const wait = await take(budget);
    expect(wait).toBeGreaterThanOrEqual(39);
    expect(wait).toBeLessThanOrEqual(40);
    latchkey.advance({ seconds: 41 });
    expect(await takeAll(budget)).toBe(3);
  });

  test('a growing wait doubles up to its maximum, and goes on after the window would have ended', async () => {
    const budget = { rule: growing, of: 'b' };
    expect([await take(budget), await take(budget)]).toEqual(['taken', 'taken']);
    expect(await waitsAfter(budget, 12)).toEqual([1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
  });

  test('a growing wait is forgotten once nobody has tried for a window', async () => {
    const budget = { rule: growing, of: 'b2' };
    expect([await take(budget), await take(budget)]).toEqual(['taken', 'taken']);
    expect(await waitsAfter(budget, 4)).toEqual([1, 2, 4, 8]);
    latchkey.advance({ seconds: 61 });
    expect(await takeAll(budget)).toBe(3);
  });

  test('fifty at once get what the budget holds and no more', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => take({ rule: fixed, of: 'c' })));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(3);
  });

  test.each(['first', 'second'] as const)(
    'several budgets are taken together or not at all, the spent one %s',
    async (place) => {
      const spent = { rule: fixed, of: `d-${place}` };
      expect(await takeAll(spent)).toBe(3);
      const other = { rule: { ...fixed, name: 'test-other', limit: 2 }, of: `d-${place}` };
      const both = place === 'first' ? [spent, other] : [other, spent];
      for (let attempt = 0; attempt < 5; attempt++) expect(await take(...both)).not.toBe('taken');
      expect(await takeAll(other)).toBe(2);
    },
  );

  test('one that is given back can be taken again, and no more than that', async () => {
    const budget = { rule: fixed, of: 'e' };
    expect(await takeAll(budget)).toBe(3);
    await giveBack(ctx, [budget]);
    expect(await takeAll(budget)).toBe(1);
    await giveBack(ctx, [budget, budget]);
    expect(await takeAll(budget)).toBe(2);
  });

  test('giving one back does not lift a wait that others have earned', async () => {
    const budget = { rule: growing, of: 'e2' };
    expect(await takeAll(budget)).toBe(3);
    latchkey.advance({ seconds: 1 });
    expect([await take(budget), await take(budget)]).toEqual(['taken', 2]);
    await giveBack(ctx, [budget]);
    expect(await take(budget)).toBe(2);
  });

  test('settling forgets what is owned, and returns one of what is shared', async () => {
    const owned = { rule: fixed, of: 'f1' };
    const shared = { rule: fixed, of: 'f2' };
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([3, 3]);
    await settle(ctx, [owned], [shared]);
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([3, 1]);
    // Also before either is spent.
    await settle(ctx, [owned, shared], []);
    for (const budget of [owned, owned, shared, shared]) await take(budget);
    await settle(ctx, [owned], [shared]);
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([3, 2]);
  });

  test('a count is taken once, by one of many at the same time', async () => {
    const budget = { rule: { ...fixed, limit: 100 }, of: 'g' };
    for (let attempt = 0; attempt < 4; attempt++) await take(budget);
    expect(await countOf(ctx, budget)).toBe(4);
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => inTransaction(ctx, (tx) => takeCount(tx, budget))),
    );
    expect(counts.sort()).toEqual([0, 0, 0, 0, 4]);
    expect(await countOf(ctx, budget)).toBe(0);
    await take(budget);
    latchkey.advance({ seconds: 61 });
    expect(await countOf(ctx, budget)).toBe(0);
    expect(await inTransaction(ctx, (tx) => takeCount(tx, budget))).toBe(0);
  });

  test('refusals are recorded once in a window, however many come at once', async () => {
    const { id } = await latchkey.person();
    const budget = { rule: fixed, of: 'h', subjectId: id };
    const events = () => ctx.database.prisma.auditEvent.findMany({ where: { subjectId: id, name: refusal } });
    for (let attempt = 0; attempt < 3; attempt++) await take(budget);
    expect(await events()).toHaveLength(0);
    await Promise.all(Array.from({ length: 30 }, () => take(budget)));
    expect(await events()).toMatchObject([{ outcome: 'FAILURE', requestId: ctx.caller.requestId }]);
    latchkey.advance({ seconds: 61 });
    expect(await takeAll(budget)).toBe(3);
    expect(await events()).toHaveLength(2);
  });

  test('tells when the next one is free', async () => {
    const budget = { rule: { ...fixed, limit: 1 }, of: 'f' };
    expect((await availableAt(ctx, [budget])).getTime()).toBeLessThanOrEqual(ctx.clock().getTime());
    await take(budget);
    const wait = (await availableAt(ctx, [budget])).getTime() - ctx.clock().getTime();
    expect(wait).toBeGreaterThan(55_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  test('the table names nobody', async () => {
    await take({ rule: fixed, of: 'ada@example.test' });
    const rows = await latchkey.app.parts.database.prisma.throttle.findMany();
    expect(JSON.stringify(rows)).not.toContain('ada');
  });
});

describe('the network of an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is in %s', (address, network) => expect(networkOf(address)).toBe(network));
});
