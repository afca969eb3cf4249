/**
 * `npm run bench`: what a login, a `me` and a refresh cost beside what they cost at least.
 *
 * A real PostgreSQL and the load on one core, the server on another; Latchkey and what it is held against in turns;
 * medians. Every answer is looked at, and a wrong one ends the benchmark.
 *   --users 100000   accounts in the database (default 1000; timing has as many as it needs)
 *   --embedded       on the embedded database, without what needs PostgreSQL
 *   --quick          one short round: does it still run?
 *   --only me,login  some of: login, me, refresh, everyone, files, flood, start; and timing, footprint, only if named
 *   --pairs login    of timing, only the pairs whose names have one of these in them
 *   --samples 1000   of each kind that timing compares (default 300)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { latchkeyProgram, type Measurement, type Result } from './measurement.ts';
import { measureEveryone } from './measurements/everyone.ts';
import { measureFiles } from './measurements/files.ts';
import { measureFlood } from './measurements/flood.ts';
import { measureFootprint } from './measurements/footprint.ts';
import { measureLogin } from './measurements/login.ts';
import { measureMe } from './measurements/me.ts';
import { measureRefresh } from './measurements/refresh.ts';
import { measureStart } from './measurements/start.ts';
import { measureTiming, TIMING_SAMPLES, usersForTiming } from './measurements/timing.ts';
import { printTable, writeResults } from './report.ts';
import { seed } from './seed.ts';
import { keepOffServerCore, startServer } from './servers.ts';

const MEASUREMENTS: Record<string, Measurement> = {
  login: measureLogin,
  me: measureMe,
  refresh: measureRefresh,
  everyone: measureEveryone,
  files: measureFiles,
  flood: measureFlood,
  start: measureStart,
  timing: measureTiming,
  footprint: measureFootprint,
};
/** They ask for much and say nothing about speed, so they are not among the rest. */
const ONLY_IF_NAMED = ['timing', 'footprint'];

/** As in production, where WAL is measured, and kept until it is read; elsewhere, the disk should not be measured. */
const FOR_WAL = { full_page_writes: 'on', wal_keep_size: '1GB' };

const { values: options } = parseArgs({
  options: {
    users: { type: 'string' },
    embedded: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    samples: { type: 'string' },
    only: {
      type: 'string',
      default: Object.keys(MEASUREMENTS)
        .filter((name) => !ONLY_IF_NAMED.includes(name))
        .join(),
    },
  },
});

async function main(): Promise<void> {
  const rounds = options.quick ? 1 : 5;
  const stretch = (seconds: number) => (options.quick ? Math.min(seconds, 1) : seconds);
  const chosen = options.only.split(',');
  const samples = Number(options.samples ?? TIMING_SAMPLES);
  const pairs = options.pairs?.split(',') ?? null;
  const users = Number(options.users ?? (chosen.includes('timing') ? usersForTiming(samples) : 1000));
  const unknown = chosen.filter((name) => !Object.hasOwn(MEASUREMENTS, name));
  if (unknown.length > 0) throw new Error(`There is no measurement ${unknown.join()}.`);
  // Each of the connections needs someone of its own.
  if (!(users >= 100)) throw new Error('--users must be at least 100.');

  const cores = keepOffServerCore();
  say(
    cores === null ? 'Not pinned to cores.' : `Server on core ${cores.server}; load and PostgreSQL on ${cores.load}.`,
  );
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, pinned: cores };
  const environment = { ...machine, users, rounds, loadAverageBefore: loadavg()[0] };
  const settings: Record<string, string> = chosen.includes('footprint') ? FOR_WAL : {};
  const database = options.embedded ? temporaryDirectory() : await startPostgresqlServer(settings);
  try {
    const env = {
      ...('url' in database ? { DATABASE_URL: database.url } : { DATA_DIR: database.directory }),
      PUBLIC_URL: 'http://latchkey.example',
      SECRET: 'only good for a benchmark, 48 bytes and a bit more',
      TRUSTED_PROXIES: '127.0.0.1',
      ACCESS_TOKEN_TTL: '1h',
      LOG_LEVEL: 'warn',
      MAILBOX: 'on',
    };
    const seeded = await seed(env, users);
    const latchkey = await startServer(cores, latchkeyProgram(env));
    const results = new Map<string, Result>();
    const pauses = monitorEventLoopDelay();
    pauses.enable();
    for (const name of chosen) {
      say(`measuring ${name} …`);
      const result = await MEASUREMENTS[name]?.({
        cores,
        env,
        seeded,
        latchkey,
        rounds,
        stretch,
        samples,
        pairs,
      }).finally(() => {
        // A server hangs up on whom it has not heard for 5 s: so a machine that stands still ends in lost connections.
        const seconds = pauses.max / 1e9;
        if (seconds > 1) say(`The machine stood still for ${seconds.toFixed(1)} s: measure again when it is quiet.`);
        pauses.reset();
      });
      if (result !== undefined) results.set(name, result);
    }
    await latchkey.stop();
    const rows = [...results.values()].flatMap((result) => result.rows);
    const behind = Object.fromEntries([...results].map(([name, result]) => [name, result.samples]));
    printTable(rows);
    say(`Written to ${writeResults({ environment, rows, samples: behind })}`);
  } finally {
    await database.stop();
  }
}

function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  return { directory, stop: async () => rmSync(directory, { recursive: true, force: true }) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
