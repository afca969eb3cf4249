/** How far behind a standby is, by what its primary said of the length of its log. */
import { expect, test } from 'vitest';
import { createWalHistory } from '#outside/replicas/wal-history.ts';

test('a standby is as old as the newest length of the log that it has reached', () => {
  const history = createWalHistory();
  expect([history.completeUntil(5n), history.since()]).toEqual([null, null]);
  history.note(1000, 100n);
  history.note(2000, 200n);
  history.note(3000, 300n);
  expect(history.completeUntil(300n)).toBe(3000);
  expect(history.completeUntil(299n)).toBe(2000);
  expect(history.completeUntil(100n)).toBe(1000);
  // From before anyone asked.
  expect(history.completeUntil(99n)).toBeNull();
  expect(history.since()).toBe(1000);
});

test('while nothing is written, a standby that has everything does not grow old', () => {
  const history = createWalHistory();
  for (let at = 1000; at <= 60_000; at += 1000) history.note(at, 100n);
  expect(history.completeUntil(100n)).toBe(60_000);
  // Nothing shows when it fell behind.
  expect(history.completeUntil(99n)).toBeNull();
});

test('with the log of another primary it starts again, and an hour is enough', () => {
  const history = createWalHistory();
  history.note(1000, 500n);
  history.note(2000, 400n);
  expect(history.completeUntil(500n)).toBe(2000);
  expect(history.completeUntil(450n)).toBe(2000);
  for (let i = 0; i < 4000; i++) history.note(3000 + i, 1000n + BigInt(i));
  expect(history.completeUntil(1000n)).toBeNull();
  expect(history.completeUntil(5000n)).toBe(6999);
});
