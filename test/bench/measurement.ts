/** What a measurement gets, and what it gives: rows of the table and the samples behind them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './report.ts';
import type { Sample } from './rounds.ts';
import type { Seeded } from './seed.ts';
import type { Cores, Program, Server } from './servers.ts';

export type Bench = {
  cores: Cores;
  /** Settings of the service on the seeded database. */
  env: Record<string, string>;
  seeded: Seeded;
  /** The service, started with them. */
  latchkey: Server;
  rounds: number;
  /** How many seconds a stretch of load takes that should take so many: fewer in a quick run. */
  stretch: (seconds: number) => number;
  /** Of each kind of request whose time is compared, and which pairs of them; null for all. */
  samples: number;
  pairs: readonly string[] | null;
};

export type Result = { rows: Row[]; samples: object };

export type Measurement = (bench: Bench) => Promise<Result>;

export const CONNECTIONS = 32;

const OURS = fileURLToPath(new URL('../..', import.meta.url));

/** As `npm start` starts it. @param checkout the directory of another one than this */
export function latchkeyProgram(env: Record<string, string>, checkout = OURS): Program {
  const flags = ['--max-semi-space-size=8', '--import', join(checkout, 'prisma/prepare.mjs')];
  const compiled = join(checkout, 'node_modules/.cache/latchkey');
  const file = join(checkout, 'src/main.ts');
  return { file, flags, env: { NODE_COMPILE_CACHE: compiled, ...env }, readyPath: '/readyz' };
}

/** A row of the table: Latchkey beside one contestant. */
export function rowOf(metric: string, latchkey: Sample, name: string, against: Sample, goal?: Row['goal']): Row {
  return {
    metric,
    latchkey: latchkey.perSecond,
    unit: '/s',
    cpuMicros: latchkey.cpuMicros,
    baseline: { name, value: against.perSecond, cpuMicros: against.cpuMicros },
    ratioByCpu: ratioByCpu(latchkey, against),
    busy: latchkey.busy,
    ...(goal && { goal }),
  };
}

function ratioByCpu(latchkey: Sample, baseline: Sample): number | null {
  if (latchkey.cpuMicros === null || baseline.cpuMicros === null) return null;
  return baseline.cpuMicros / latchkey.cpuMicros;
}
