/** Follows the clock of the database: asks the server for the time regularly, and when there is doubt. */
import type pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { createDatabaseClock, MACHINE_CLOCK } from './database-clock.ts';

/** Clocks drift by seconds a day. This is how soon we notice another primary, or that the server's clock was set. */
const INTERVAL_MS = 5000;
/** The smallest correction that is logged. */
const NOTABLE_MS = 1000;

const READ_CLOCK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now';

export type FollowedClock = {
  /** The shared time; fails if the server does not answer the first time. */
  follow: () => Promise<Clock>;
  skewSeconds: () => number | null;
  close: () => void;
};

export function followedClock(pool: pg.Pool, log: Log): FollowedClock {
  const clock = createDatabaseClock(MACHINE_CLOCK, () => void askAgain());
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;

  async function ask(): Promise<void> {
    const sentAt = MACHINE_CLOCK.elapsed();
    const { rows } = await pool.query<{ now: number }>(READ_CLOCK);
    const receivedAt = MACHINE_CLOCK.elapsed();
    const corrected = clock.note({ sentAt, now: rows[0]?.now ?? Number.NaN, receivedAt });
    if (Math.abs(corrected) > NOTABLE_MS) log.warn({ ms: Math.round(corrected) }, 'the clock of the database jumped');
  }

  /** Whatever needs the database reports an outage; here, time simply keeps advancing. */
  async function askAgain(): Promise<void> {
    if (isAsking || pool.ending) return;
    isAsking = true;
    await ask().catch(() => {});
    isAsking = false;
  }

  return {
    follow: async () => {
      await ask();
      timer ??= setInterval(() => void askAgain(), INTERVAL_MS).unref();
      return clock.now;
    },
    skewSeconds: clock.skewSeconds,
    close: () => clearInterval(timer),
  };
}
