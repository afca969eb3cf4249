/** How long the service takes until it is ready, and what memory it has come to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../load.ts';
import { type Bench, latchkeyProgram, type Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { startServer } from '../servers.ts';

export async function measureStart({ cores, env, latchkey, rounds }: Bench): Promise<Result> {
  // Before other processes of the service are started: what this one has come to under the load.
  const memory = latchkey.rssMegabytes();
  const times: Record<'first' | 'again' | 'postgresql', number[]> = { first: [], again: [], postgresql: [] };
  const startOnce = async (settings: Record<string, string>) => {
    const server = await startServer(cores, latchkeyProgram(settings));
    await server.stop();
    return server.startupMs;
  };
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
    const embedded = { DATA_DIR: directory, LOG_LEVEL: 'warn' };
    times.first.push(await startOnce(embedded));
    times.again.push(await startOnce(embedded));
    if (env['DATABASE_URL'] !== undefined) times.postgresql.push(await startOnce(env));
    rmSync(directory, { recursive: true, force: true });
  }
  const row = (metric: string, latchkey: number, unit: Row['unit'], atMost: number): Row => {
    return { metric, latchkey, unit, goal: { atMost } };
  };
  return {
    rows: [
      row('start, embedded, first', median(times.first), 'ms', 3500),
      row('start, embedded, again', median(times.again), 'ms', 1500),
      ...(times.postgresql.length === 0 ? [] : [row('start, PostgreSQL', median(times.postgresql), 'ms', 800)]),
      ...(memory === null ? [] : [row('memory after the load', memory, 'MB', 300)]),
    ],
    samples: times,
  };
}
