import { expect, test } from 'vitest';
import { together } from '#core/together.ts';

/** Doubles numbers, and cannot answer negative ones. `batches` are the questions of each call. */
function doubling({ failure = new Error('a negative number'), isSlow = false } = {}) {
  const batches: (readonly number[])[] = [];
  const ask = together({
    name: 'double',
    answer: async (numbers: readonly number[]) => {
      batches.push(numbers);
      if (isSlow) await new Promise(setImmediate);
      if (numbers.some((number) => number < 0)) throw failure;
      return numbers.map((number) => 2 * number);
    },
  });
  const outcomes = async (numbers: readonly number[]) => {
    const settled = await Promise.allSettled(numbers.map((number) => ask(number)));
    return settled.map((it) => (it.status === 'fulfilled' ? it.value : it.reason));
  };
  return { batches, outcomes };
}

test('everyone gets the answer to their own question, and all who ask at once are answered at once', async () => {
  const { outcomes, batches } = doubling();
  expect(await outcomes([3, 1, 2, 3])).toEqual([6, 2, 4, 6]);
  expect(batches).toEqual([[3, 1, 2, 3]]);
});

test('a question that cannot be answered fails alone: the others of its batch are answered', async () => {
  const failure = new Error('a negative number');
  const { outcomes, batches } = doubling({ failure });
  expect(await outcomes([1, -1, 2])).toEqual([2, failure, 4]);
  expect(batches).toEqual([[1, -1, 2], [1], [-1], [2]]);
  expect(await outcomes([-1])).toEqual([failure]);
  expect(batches).toHaveLength(5);
});

test('of a batch that met others in a deadlock, each is asked by itself', async () => {
  const failure = Object.assign(new Error('deadlock detected'), { severity: 'ERROR', code: '40P01' });
  const { outcomes } = doubling({ failure });
  expect(await outcomes([1, -1, 2])).toEqual([2, failure, 4]);
});

test('in an outage nothing is asked again', async () => {
  for (const outage of [
    new Error('Connection terminated unexpectedly'),
    Object.assign(new Error('canceling statement due to statement timeout'), { severity: 'ERROR', code: '57014' }),
  ]) {
    const { outcomes, batches } = doubling({ failure: outage });
    expect(await outcomes([1, -1, 2])).toEqual([outage, outage, outage]);
    expect(batches).toHaveLength(1);
  }
});

test('of thousands a hundred are asked at a time, and each still gets its own answer', async () => {
  const { outcomes, batches } = doubling({ isSlow: true });
  const numbers = Array.from({ length: 1050 }, (_, number) => number);
  expect(await outcomes(numbers)).toEqual(numbers.map((number) => 2 * number));
  expect(batches.map(({ length }) => length)).toEqual([...Array.from({ length: 10 }, () => 100), 50]);
});
