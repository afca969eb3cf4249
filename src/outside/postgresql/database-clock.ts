/**
 * The clock of the database server, which all replicas share. The machines' own clocks may be half a minute apart, or
 * be set back. Replicas that trust them would disagree on whether a refresh token may still be used, how long a network
 * has to wait, and which key signs.
 *
 * The server is asked at the start and then regularly. In between, time advances by the monotonic clock of this
 * process, which nobody can set. The server read its clock at some moment between the question and the answer. If our
 * time agrees with that, it is not corrected, so that it does not waver.
 */
import { type Clock, systemClock } from '../clock.ts';

/** The clocks of this machine: the time of day, and a monotonic one in milliseconds. */
export type MachineClock = { wall: Clock; elapsed: () => number };

export const MACHINE_CLOCK: MachineClock = { wall: systemClock, elapsed: () => performance.now() };

/** The question and the answer in milliseconds of `MachineClock.elapsed`; `now` in milliseconds since 1970. */
export type ClockSample = { sentAt: number; now: number; receivedAt: number };

export type DatabaseClock = {
  now: Clock;
  /** Returns by how many milliseconds the time was corrected. */
  note: (sample: ClockSample) => number;
  /** How far the clock of this machine is ahead of the server's, in seconds; null until the server was asked. */
  skewSeconds: () => number | null;
};

/** A jump of the machine's time of day after which the server is asked: the machine may have slept. */
const JUMP_MS = 1000;

/**
 * @param onDoubt called when the time of day and the time that has elapsed no longer agree, because the machine slept
 * or its clock was set
 */
export function createDatabaseClock({ wall, elapsed }: MachineClock, onDoubt: () => void): DatabaseClock {
  let offset: number | null = null;
  const driftAt = (passed: number) => wall().getTime() - passed;
  let knownDrift = driftAt(elapsed());
  return {
    now: () => {
      if (offset === null) return wall();
      const passed = elapsed();
      const drift = driftAt(passed);
      if (Math.abs(drift - knownDrift) > JUMP_MS) {
        knownDrift = drift;
        onDoubt();
      }
      return new Date(offset + passed);
    },
    note: ({ sentAt, now, receivedAt }) => {
      const [least, most] = [now - receivedAt, now - sentAt];
      if (offset !== null && offset >= least && offset <= most) return 0;
      const before = offset;
      offset = (least + most) / 2;
      return before === null ? 0 : offset - before;
    },
    skewSeconds: () => (offset === null ? null : (driftAt(elapsed()) - offset) / 1000),
  };
}
