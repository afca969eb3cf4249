/**
 * How long the service takes until it is ready, and what memory it has come to: as cloned, and after an edit of a file
 * of src/, which makes the bundle stale. The very first start of a clone also makes what later ones find; those after
 * `npm run build` find the same.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { copyCheckout } from '../../support/checkout.ts';
import { median } from '../load.ts';
import { type Bench, latchkeyProgram, type Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { startServer } from '../servers.ts';

/** In milliseconds, and in megabytes. */
const GOALS = {
  'start, embedded, first': 3500,
  'start, embedded, again': 1500,
  'start, PostgreSQL': 800,
  'memory idle, embedded': 350,
  'memory idle, PostgreSQL': 150,
};
type Figure = keyof typeof GOALS;
type State = 'as cloned' | 'after an edit';

/** After a start, until what it has begun in the background is over. */
const REST_MS = 2000;

export async function measureStart(bench: Bench): Promise<Result> {
  // Before other processes of the service are started: what this one has come to under the load.
  const memory = bench.latchkey.rssMegabytes();
  const cloned = copyCheckout();
  const edited = copyCheckout();
  try {
    const veryFirst = await startOnce(bench, cloned, { DATA_DIR: join(cloned, 'data'), LOG_LEVEL: 'warn' });
    await startOnce(bench, edited, { DATA_DIR: join(edited, 'data'), LOG_LEVEL: 'warn' });
    appendFileSync(join(edited, 'src/server.ts'), '\n');
    const samples: Record<string, number[]> = {};
    for (let round = 0; round < Math.min(bench.rounds, 3); round += 1) {
      await measureStarts(bench, cloned, (figure, value) => note(samples, figure, 'as cloned', value));
      await measureStarts(bench, edited, (figure, value) => note(samples, figure, 'after an edit', value));
    }
    return {
      rows: [
        { metric: 'start, very first of a clone', latchkey: veryFirst.milliseconds, unit: 'ms' },
        ...Object.entries(samples).map(([metric, values]) => rowOf(metric, median(values))),
        ...(memory === null ? [] : [{ metric: 'memory after the load', latchkey: memory, ...MEMORY_AFTER_LOAD }]),
      ],
      samples,
    };
  } finally {
    for (const checkout of [cloned, edited]) rmSync(checkout, { recursive: true, force: true });
  }
}

const MEMORY_AFTER_LOAD = { unit: 'MB', goal: { atMost: 300 } } as const;

async function measureStarts(bench: Bench, checkout: string, add: (figure: Figure, value: number) => void) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const embedded = { DATA_DIR: directory, LOG_LEVEL: 'warn' };
  add('start, embedded, first', (await startOnce(bench, checkout, embedded)).milliseconds);
  const again = await startOnce(bench, checkout, embedded);
  add('start, embedded, again', again.milliseconds);
  if (again.megabytes !== null) add('memory idle, embedded', again.megabytes);
  rmSync(directory, { recursive: true, force: true });
  if (bench.env['DATABASE_URL'] === undefined) return;
  const { milliseconds, megabytes } = await startOnce(bench, checkout, bench.env);
  add('start, PostgreSQL', milliseconds);
  if (megabytes !== null) add('memory idle, PostgreSQL', megabytes);
}

async function startOnce({ cores }: Bench, checkout: string, settings: Record<string, string>) {
  const server = await startServer(cores, latchkeyProgram(settings, checkout));
  await setTimeout(REST_MS);
  const megabytes = server.rssMegabytes();
  await server.stop();
  return { milliseconds: server.startupMs, megabytes };
}

function note(samples: Record<string, number[]>, figure: Figure, state: State, value: number): void {
  const metric = `${figure}, ${state}`;
  samples[metric] ??= [];
  samples[metric].push(value);
}

function rowOf(metric: string, latchkey: number): Row {
  const figure = Object.keys(GOALS).find((figure): figure is Figure => metric === `${figure}, as cloned`);
  const unit = metric.startsWith('memory') ? 'MB' : 'ms';
  return { metric, latchkey, unit, ...(figure && { goal: { atMost: GOALS[figure] } }) };
}
