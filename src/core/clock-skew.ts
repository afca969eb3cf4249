/** How far the clock of this process is from that of the database, for `latchkey doctor` and metrics. */
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';

const READ_CLOCK = {
  name: 'read-clock',
  text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
};

/** In seconds; more than 0 if this process is ahead. The time that the answer takes is divided evenly. */
export async function readClockSkew(database: Pick<Database, 'query'>, clock: Clock): Promise<number> {
  const before = clock().getTime();
  const [row] = await database.query<{ now: number }>(READ_CLOCK, []);
  const middle = (before + clock().getTime()) / 2;
  return (middle - (row?.now ?? middle)) / 1000;
}
