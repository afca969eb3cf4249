import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ctx, inTransaction } from '#core/context.ts';
import { type Budget, keyOf } from '#core/limits/budget.ts';
import { availableAt, countOf, takeCount } from '#core/limits/budget-state.ts';
import { BUDGET_NAMES, ruleOf } from '#core/limits/budgets.ts';
import { networkOf } from '#core/limits/network.ts';
import { giveBack, reserve, settle } from '#core/limits/throttle.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
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

  const HOUR = { seconds: 3601 };
  /** Of the table: five in an hour; five, then waits; ten in an hour. */
  const fixed = { name: 'mail-hour' } as const;
  const growing = { name: 'login-account' } as const;
  const other = { name: 'code' } as const;
  const LIMIT = ruleOf(fixed.name).limit;
  const refusal = ruleOf(fixed.name).refusal ?? '';
  const take = async (...budgets: Budget[]) =>
    reserve(ctx, budgets).then(
      () => 'taken' as const,
      (error) => (error instanceof TooManyAttemptsError ? error.retryAfterSeconds : Promise.reject(error)),
    );
  /** Takes until the first refusal and gives how many were taken. */
  const takeAll = async (budget: Budget) => {
    let taken = 0;
    while ((await take(budget)) === 'taken') taken += 1;
    return taken;
  };
  /** Takes one whenever the wait is over, and gives the wait that follows each. */
  const waitsAfter = async (budget: Budget, attempts: number) => {
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
    const budget = { ...fixed, of: 'a' };
    expect(await takeAll(budget)).toBe(LIMIT);
    latchkey.advance({ seconds: 1200 });
    const wait = await take(budget);
    expect(wait).toBeGreaterThanOrEqual(2398);
    expect(wait).toBeLessThanOrEqual(2400);
    latchkey.advance({ seconds: 2401 });
    expect(await takeAll(budget)).toBe(LIMIT);
  });

  test('a clock that is set back keeps nobody waiting for longer than the wait that was documented', async () => {
    const budget = { ...fixed, of: 'set back' };
    expect(await takeAll(budget)).toBe(LIMIT);
    // Requests overtake each other: a little is not a jump, and frees nobody.
    latchkey.advance({ seconds: -5 });
    expect(await take(budget)).toBe(3600);
    latchkey.advance({ hours: -1 });
    const until = await availableAt(ctx, [budget]);
    expect(until.getTime()).toBeLessThanOrEqual(ctx.clock().getTime() + 3_600_000);
    expect(await takeAll(budget)).toBe(LIMIT);
    latchkey.advance({ seconds: 3601 });
    expect(await take(budget)).toBe('taken');

    const slow = { ...growing, of: 'set back' };
    for (let attempt = 1; attempt < LIMIT; attempt++) expect(await take(slow)).toBe('taken');
    await waitsAfter(slow, 10);
    expect(await take(slow)).toBe('taken');
    latchkey.advance({ hours: -1 });
    expect(await take(slow)).toBe('taken');
    latchkey.advance({ hours: 1, seconds: 5 });
  });

  test('a growing wait doubles up to its maximum, and goes on after the window would have ended', async () => {
    const budget = { ...growing, of: 'b' };
    for (let attempt = 1; attempt < LIMIT; attempt++) expect(await take(budget)).toBe('taken');
    expect(await waitsAfter(budget, 20)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, ...Array(11).fill(300)]);
  });

  test('a growing wait is forgotten once nobody has tried for a window', async () => {
    const budget = { ...growing, of: 'b2' };
    for (let attempt = 1; attempt < LIMIT; attempt++) expect(await take(budget)).toBe('taken');
    expect(await waitsAfter(budget, 4)).toEqual([1, 2, 4, 8]);
    latchkey.advance(HOUR);
    expect(await takeAll(budget)).toBe(LIMIT);
  });

  test('fifty at once get what the budget holds and no more', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => take({ ...fixed, of: 'c' })));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(LIMIT);
  });

  test.each(['first', 'second'] as const)(
    'several budgets are taken together or not at all, the spent one %s',
    async (place) => {
      const spent = { ...fixed, of: `d-${place}` };
      expect(await takeAll(spent)).toBe(LIMIT);
      const fresh = { ...other, of: `d-${place}` };
      const both = place === 'first' ? [spent, fresh] : [fresh, spent];
      for (let attempt = 0; attempt < 5; attempt++) expect(await take(...both)).not.toBe('taken');
      expect(await takeAll(fresh)).toBe(ruleOf(other.name).limit);
    },
  );

  test('many takers of several budgets at once, in any order, neither deadlock nor take more than there is', async () => {
    const [one, two] = [
      { ...fixed, of: 'd2' },
      { ...other, of: 'd2' },
    ];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? take(one, two) : take(two, one))),
    );
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(LIMIT);
    expect(await takeAll(two)).toBe(ruleOf(other.name).limit - LIMIT);
  });

  test('one that is given back can be taken again, and no more than that', async () => {
    const budget = { ...fixed, of: 'e' };
    expect(await takeAll(budget)).toBe(LIMIT);
    await giveBack(ctx, [budget]);
    expect(await takeAll(budget)).toBe(1);
    await Promise.all([giveBack(ctx, [budget]), giveBack(ctx, [budget])]);
    expect(await takeAll(budget)).toBe(2);
  });

  test('giving one back does not lift a wait that others have earned', async () => {
    const budget = { ...growing, of: 'e2' };
    expect(await takeAll(budget)).toBe(LIMIT);
    latchkey.advance({ seconds: 1 });
    expect([await take(budget), await take(budget)]).toEqual(['taken', 2]);
    await giveBack(ctx, [budget]);
    expect(await take(budget)).toBe(2);
  });

  test('settling forgets what is owned, and returns one of what is shared', async () => {
    const owned = { ...fixed, of: 'f1' };
    const shared = { ...fixed, of: 'f2' };
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([LIMIT, LIMIT]);
    await settle(ctx, [owned], [shared]);
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([LIMIT, 1]);
    // Also before either is spent.
    await settle(ctx, [owned, shared], []);
    for (const budget of [owned, owned, shared, shared]) await take(budget);
    await settle(ctx, [owned], [shared]);
    expect([await takeAll(owned), await takeAll(shared)]).toEqual([LIMIT, LIMIT - 1]);
  });

  test('a count is taken once, by one of many at the same time', async () => {
    const budget = { ...fixed, of: 'g' };
    for (let attempt = 0; attempt < 4; attempt++) await take(budget);
    expect(await countOf(ctx, budget)).toBe(4);
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => inTransaction(ctx, (tx) => takeCount(tx, budget))),
    );
    expect(counts.sort()).toEqual([0, 0, 0, 0, 4]);
    expect(await countOf(ctx, budget)).toBe(0);
    await take(budget);
    latchkey.advance(HOUR);
    expect(await countOf(ctx, budget)).toBe(0);
    expect(await inTransaction(ctx, (tx) => takeCount(tx, budget))).toBe(0);
  });

  test('refusals are recorded once in a window, however many come at once', async () => {
    const { id } = await latchkey.person();
    const budget = { ...fixed, of: 'h', subjectId: id };
    const events = () => ctx.database.prisma.auditEvent.findMany({ where: { subjectId: id, name: refusal } });
    for (let attempt = 0; attempt < LIMIT; attempt++) await take(budget);
    const before = latchkey.app.parts.refusals.counts().get(fixed.name);
    expect(await events()).toHaveLength(0);
    await Promise.all(Array.from({ length: 30 }, () => take(budget)));
    expect(await events()).toMatchObject([{ outcome: 'FAILURE', requestId: ctx.caller.requestId }]);
    expect(latchkey.app.parts.refusals.counts().get(fixed.name)).toBe((before ?? 0) + 30);
    latchkey.advance(HOUR);
    expect(await takeAll(budget)).toBe(LIMIT);
    expect(await events()).toHaveLength(2);
  });

  test.each(BUDGET_NAMES)(
    'however often %s refuses in a window, that is one audit event, and each refusal is counted',
    async (name) => {
      const { limit, windowSeconds, maxWaitSeconds = 0, refusal: event } = ruleOf(name);
      const budget: Budget = { name, of: 'everyone', subjectId: randomUUID() };
      const { prisma } = ctx.database;
      const events = () => prisma.auditEvent.findMany({ where: { subjectId: budget.subjectId ?? '' } });
      const counted = () => latchkey.app.parts.refusals.counts().get(name) ?? 0;
      /** As if all had been taken but one, and then takes it. */
      const exhaust = async () => {
        await prisma.throttle.deleteMany({ where: { key: keyOf(ctx, budget) } });
        if (limit > 1) await take(budget);
        await prisma.throttle.updateMany({ where: { key: keyOf(ctx, budget) }, data: { count: limit - 1 } });
        expect(await take(budget)).toBe('taken');
      };
      const before = counted();
      await exhaust();
      const waits = await Promise.all(Array.from({ length: 10 }, () => take(budget)));
      for (const wait of waits) expect(wait).toBe(maxWaitSeconds > 0 ? 1 : windowSeconds);
      expect((await events()).map(({ name: recorded }) => recorded)).toEqual(event === undefined ? [] : [event]);
      expect(counted()).toBe(before + 10);
      // Waits end before the window does; what is refused after them is of the same attack.
      if (maxWaitSeconds > 0) {
        latchkey.advance({ seconds: 1 });
        expect(await take(budget)).toBe('taken');
        expect(await take(budget)).toBeGreaterThanOrEqual(1);
        expect(await events()).toHaveLength(1);
      }
      latchkey.advance({ seconds: windowSeconds + 1 });
      await exhaust();
      await take(budget);
      expect(await events()).toHaveLength(event === undefined ? 0 : 2);
    },
  );

  test('tells when the next one is free', async () => {
    const budget = { name: 'mail-minute', of: 'f' } as const;
    expect((await availableAt(ctx, [budget])).getTime()).toBeLessThanOrEqual(ctx.clock().getTime());
    await take(budget);
    const wait = (await availableAt(ctx, [budget])).getTime() - ctx.clock().getTime();
    expect(wait).toBeGreaterThan(55_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  test('the table names nobody', async () => {
    await take({ ...fixed, of: 'ada@example.test' });
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
