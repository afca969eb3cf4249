import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ctx } from '#core/context.ts';
import { availableAt, type BudgetRule, giveBack, networkOf, reserve, settle } from '#core/limits/throttle.ts';
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

  const fixed: BudgetRule = { name: 'test-fixed', limit: 3, windowSeconds: 60 };
  const growing: BudgetRule = { name: 'test-growing', limit: 3, windowSeconds: 60, maxWaitSeconds: 8 };
  const take = async (...budgets: { rule: BudgetRule; of: string }[]) =>
    reserve(ctx, budgets).then(
      () => 'taken' as const,
      (error) => (error instanceof TooManyAttemptsError ? error.retryAfterSeconds : Promise.reject(error)),
    );

  test('a fixed budget holds its limit in its window, and starts anew after it', async () => {
    const budget = { rule: fixed, of: 'a' };
    expect([await take(budget), await take(budget), await take(budget)]).toEqual(['taken', 'taken', 'taken']);
    latchkey.advance({ seconds: 20 });
    const wait = await take(budget);
    expect(wait).toBeGreaterThanOrEqual(39);
    expect(wait).toBeLessThanOrEqual(40);
    latchkey.advance({ seconds: 41 });
    expect(await take(budget)).toBe('taken');
  });

  test('a growing wait doubles with each failure up to its maximum', async () => {
    const budget = { rule: growing, of: 'b' };
    const waits: (number | 'taken')[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      expect(await take(budget)).toBe('taken');
      const wait = await take(budget);
      waits.push(wait);
      if (wait !== 'taken') {
        latchkey.advance({ seconds: wait });
      } else attempt++;
    }
    expect(waits.filter((wait) => wait !== 'taken')).toEqual(
      [1, 2, 4, 8, 8, 8, 8].slice(0, waits.filter((wait) => wait !== 'taken').length),
    );
  });

  test('fifty at once get what the budget holds and no more', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => take({ rule: fixed, of: 'c' })));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(3);
  });

  test('several budgets are taken together or not at all', async () => {
    const spent = { rule: fixed, of: 'd' };
    for (let attempt = 0; attempt < 3; attempt++) await take(spent);
    const other = { rule: { ...fixed, name: 'test-other', limit: 2 }, of: 'd' };
    for (let attempt = 0; attempt < 5; attempt++) expect(await take(spent, other)).not.toBe('taken');
    expect([await take(other), await take(other)]).toEqual(['taken', 'taken']);
    expect(await take(other)).not.toBe('taken');
  });

  test('what is given back can be taken again; settling forgets the owned and returns one of the shared', async () => {
    const owned = { rule: fixed, of: 'e' };
    const shared = { rule: growing, of: 'e' };
    for (let attempt = 0; attempt < 3; attempt++) await take(owned);
    await giveBack(ctx, [owned]);
    expect(await take(owned)).toBe('taken');
    for (let attempt = 0; attempt < 2; attempt++) await take(shared);
    await take(shared);
    await settle(ctx, [owned], [shared]);
    expect(await take(owned)).toBe('taken');
    expect(await take(shared)).toBe('taken');
    expect(await take(shared)).toBe(1);
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
