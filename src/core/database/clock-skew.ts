/** How far the clock of this process is from that of the database, for `latchkey doctor` and metrics. */
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';

const READ_CLOCK = {
  name: 'read-clock',
  text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
};

/** In seconds; positive if this process is ahead. Assumes that the request takes as long as the answer. */
export async function readClockSkew(database: Pick<Database, 'query'>, clock: Clock): Promise<number> {
  const before = clock().getTime();
  const [row] = await database.query<{ now: number }>(READ_CLOCK, []);
  const middle = (before + clock().getTime()) / 2;
  return (middle - (row?.now ?? middle)) / 1000;
}
