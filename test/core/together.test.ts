import { expect, test, vi } from 'vitest';
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

test('of a batch that met others in a deadlock, or waited for a lock in vain, each is asked by itself', async () => {
  for (const code of ['40P01', '55P03']) {
    const failure = Object.assign(new Error('not now'), { severity: 'ERROR', code });
    const { outcomes } = doubling({ failure });
    expect(await outcomes([1, -1, 2])).toEqual([2, failure, 4]);
  }
});

/** Answers with the question, but never to 0. Of a batch with 1 in it, nothing is answered. */
function echoing() {
  return together({
    name: 'echo',
    answer: async (numbers: readonly number[]) => {
      if (numbers.length > 1 && numbers.includes(1)) throw new Error('no batch with 1');
      if (numbers.includes(0)) await new Promise(() => {});
      return numbers;
    },
  });
}

test('questions of a failed batch do not wait for each other', async () => {
  const ask = echoing();
  const [, two] = [ask(0), ask(2), ask(1)];
  expect(await two).toBe(2);
});

test('where everything is locked, a failed batch asks for a few of its questions only', async () => {
  const failure = Object.assign(new Error('locked'), { severity: 'ERROR', code: '55P03' });
  const { outcomes, batches } = doubling({ failure });
  const negative = Array.from({ length: 100 }, () => -1);
  expect(await outcomes(negative)).toEqual(negative.map(() => failure));
  expect(batches.length).toBeLessThan(10);
});

test('batches that take long keep nobody waiting', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const ask = echoing();
    for (let batch = 0; batch < 2; batch++) {
      void ask(0);
      await new Promise(setImmediate);
    }
    const answer = ask(2);
    await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await answer).toBe(2);
  } finally {
    vi.useRealTimers();
  }
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
