/**
 * The clock of the database server, which all replicas share. Their own clocks may be half a minute apart, or be set
 * back: what one replica decides by the time (whether a refresh token may still be used, until when a network has to
 * wait, which key signs) would look different to the next.
 *
 * The server is asked at the start and then regularly. In between, the time goes on by the clock of this process that
 * nobody can set. An answer says that the server's clock was at a time between the question and the answer: if what we
 * have agrees with that, it stays, so that the time does not waver.
 */
import { type Clock, systemClock } from '../clock.ts';

/** What this machine says: the time of day, and milliseconds that only ever grow. */
export type MachineClock = { wall: Clock; elapsed: () => number };

export const MACHINE_CLOCK: MachineClock = { wall: systemClock, elapsed: () => performance.now() };

/** Both in milliseconds of `MachineClock.elapsed`; the server answered in between that it is `now` (since 1970). */
export type ClockSample = { sentAt: number; now: number; receivedAt: number };

export type DatabaseClock = {
  now: Clock;
  /** Returns by how many milliseconds the time was corrected. */
  note: (sample: ClockSample) => number;
  /** How far the clock of this machine is ahead of the server's, in seconds; null while the server was not asked. */
  skewSeconds: () => number | null;
};

/** A jump of the machine's time of day that is worth a question: it may have slept. */
const JUMP_MS = 1000;

/**
 * @param onDoubt called when the time of day and the time that has elapsed no longer agree, because the machine slept
 * or its clock was set
 */
export function createDatabaseClock({ wall, elapsed }: MachineClock, onDoubt: () => void): DatabaseClock {
  let offset: number | null = null;
  const drift = () => wall().getTime() - elapsed();
  let knownDrift = drift();
  return {
    now: () => {
      if (offset === null) return wall();
      if (Math.abs(drift() - knownDrift) > JUMP_MS) {
        knownDrift = drift();
        onDoubt();
      }
      return new Date(offset + elapsed());
    },
    note: ({ sentAt, now, receivedAt }) => {
      const [least, most] = [now - receivedAt, now - sentAt];
      if (offset !== null && offset >= least && offset <= most) return 0;
      const before = offset;
      offset = (least + most) / 2;
      return before === null ? 0 : offset - before;
    },
    skewSeconds: () => (offset === null ? null : (drift() - offset) / 1000),
  };
}
