/** The time that replicas share, whatever the clocks of their machines say. */
import { describe, expect, test } from 'vitest';
import { createDatabaseClock } from '#outside/postgresql/database-clock.ts';

const EPOCH = Date.UTC(2026, 0, 1);

/** A machine whose time of day is `ahead` of the database's by some milliseconds. */
function machine(ahead: number) {
  let [elapsed, doubts] = [5000, 0];
  let skew = ahead;
  const clock = createDatabaseClock(
    { wall: () => new Date(EPOCH + elapsed + skew), elapsed: () => elapsed },
    () => (doubts += 1),
  );
  return {
    clock,
    now: () => clock.now().getTime() - EPOCH,
    pass: (ms: number) => (elapsed += ms),
    set: (ms: number) => (skew += ms),
    /** The database is asked, answers with its own time, and both ways take as long. */
    ask: (databaseIsAhead = 0, wayMs = 10) => {
      const sentAt = elapsed;
      elapsed += 2 * wayMs;
      return clock.note({ sentAt, now: EPOCH + sentAt + wayMs + databaseIsAhead, receivedAt: elapsed });
    },
    doubts: () => doubts,
  };
}

describe('the clock of the database', () => {
  test('is the same on machines whose clocks are a minute apart', () => {
    const [one, other] = [machine(30_000), machine(-30_000)];
    for (const each of [one, other]) {
      each.ask();
      each.pass(12_345);
    }
    expect(one.now()).toBe(other.now());
    expect([one.clock.skewSeconds(), other.clock.skewSeconds()]).toEqual([30, -30]);
  });

  test('goes on when the clock of the machine is set, and asks again', () => {
    const one = machine(0);
    one.ask();
    const before = one.now();
    one.set(-3_600_000);
    one.pass(1000);
    expect(one.now()).toBe(before + 1000);
    expect(one.doubts()).toBe(1);
    one.now();
    expect(one.doubts()).toBe(1);
    expect(one.clock.skewSeconds()).toBe(-3600);
  });

  test('does not waver with slow answers, and follows a server that took over with another clock', () => {
    const one = machine(0);
    one.ask();
    const before = one.now();
    expect(one.ask(0, 700)).toBe(0);
    expect(one.now()).toBe(before + 1400);
    expect(one.ask(-20_000)).toBeCloseTo(-20_000, -2);
    expect(one.now()).toBeLessThan(before);
  });

  test('is the one of the machine until the database was asked', () => {
    const one = machine(5000);
    expect(one.now()).toBe(10_000);
    expect(one.clock.skewSeconds()).toBeNull();
  });
});
