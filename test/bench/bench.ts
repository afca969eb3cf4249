/**
 * `npm run bench`: what a login, a `me` and a refresh cost beside what they cost at least.
 *
 * A real PostgreSQL and the load on one core, the server on another; Latchkey and what it is held against in turns;
 * medians. Every answer is looked at, and a wrong one ends the benchmark.
 *   --users 100000   accounts in the database (default 1000)
 *   --quick          one short round: does it still run?
 *   --only me,login  some of: login, me, refresh, flood, start
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { drive, median } from './load.ts';
import { printTable, type Row, writeResults } from './report.ts';
import { inRounds, sample } from './rounds.ts';
import { PASSWORD, type Seeded, seed } from './seed.ts';
import { type Cores, keepOffServerCore, type Program, runOnServerCore, type Server, startServer } from './servers.ts';
import { hello, login, me, refresh } from './traffic.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'login,me,refresh,flood,start' },
  },
});
const USERS = Number(options.users);
const ROUNDS = options.quick ? 1 : 5;
/** How many seconds a stretch of load takes: at most one in a quick run. */
const stretch = (seconds: number) => (options.quick ? Math.min(seconds, 1) : seconds);
const CONNECTIONS = 32;
const IDLE_CONNECTIONS = 8;
const WAITING_LOGINS = 64;
const ISSUER = 'http://latchkey.example';

/** What the measurements share. */
type Bench = { cores: Cores; env: Record<string, string>; seeded: Seeded; latchkey: Server };
type Result = { rows: Row[]; samples: object };

const MEASUREMENTS: Record<string, (bench: Bench) => Promise<Result>> = {
  login: measureLogin,
  me: measureMe,
  refresh: measureRefresh,
  flood: measureFlood,
  start: measureStart,
};

async function measureLogin({ cores, seeded, latchkey }: Bench): Promise<Result> {
  const next = login(seeded.people);
  const samples = await inRounds(ROUNDS, {
    latchkey: (isWarmUp) => sample(latchkey, { connections: CONNECTIONS, next }, stretch(isWarmUp ? 8 : 4)),
    argon2: async (isWarmUp) => {
      const args = [seeded.passwordHash, PASSWORD, String(stretch(isWarmUp ? 1 : 3))];
      const bare: { perSecond: number; cpuMicros: number } = JSON.parse(
        await runOnServerCore(cores, 'baselines/bare-argon2.ts', args),
      );
      return { ...bare, p50: 1000 / bare.perSecond, p99: Number.NaN, busy: null };
    },
  });
  const baseline = { name: '@node-rs/argon2 alone', value: samples.argon2.perSecond };
  return {
    rows: [
      {
        metric: `login, ${CONNECTIONS} connections`,
        latchkey: samples.latchkey.perSecond,
        unit: '/s',
        baseline,
        goal: { atLeast: 0.8 },
      },
    ],
    samples,
  };
}

async function measureMe({ cores, env, seeded, latchkey }: Bench): Promise<Result> {
  const handWritten = (more: Record<string, string>): Program => ({
    file: 'baselines/hand-written-yoga.ts',
    env: { DATABASE_URL: env['DATABASE_URL'] ?? '', ISSUER, PUBLIC_KEY: JSON.stringify(seeded.publicKey), ...more },
    readyPath: '/health',
  });
  const plain = await startServer(cores, handWritten({}));
  const caching = await startServer(cores, handWritten({ TOKEN_CACHE: 'on' }));
  const bare = await startServer(cores, { file: 'baselines/bare-yoga.ts', env: {}, readyPath: '/health' });
  const ask = (server: Server, next = me(seeded.people)) => {
    return (isWarmUp: boolean) => sample(server, { connections: CONNECTIONS, next }, stretch(2));
  };
  const samples = await inRounds(ROUNDS, {
    latchkey: ask(latchkey),
    handWritten: ask(plain),
    handWrittenCaching: ask(caching),
    bareYoga: ask(bare, hello()),
  });
  await Promise.all([plain.stop(), caching.stop(), bare.stop()]);
  const row = (against: keyof typeof samples, name: string, goal?: Row['goal']): Row => ({
    metric: `me, ${CONNECTIONS} connections`,
    latchkey: samples.latchkey.perSecond,
    unit: '/s',
    baseline: { name, value: samples[against].perSecond },
    ...(goal && { goal }),
  });
  return {
    rows: [
      row('handWritten', 'Yoga, jose and pg by hand', { atLeast: 0.6 }),
      row('handWrittenCaching', 'the same with a token cache'),
      row('bareYoga', 'Yoga alone, { hello }'),
    ],
    samples,
  };
}

async function measureRefresh({ seeded, latchkey }: Bench): Promise<Result> {
  const next = refresh(seeded.people);
  const samples = await inRounds(ROUNDS, {
    latchkey: (isWarmUp) => sample(latchkey, { connections: CONNECTIONS, next }, stretch(isWarmUp ? 1 : 2)),
  });
  return {
    rows: [{ metric: `refresh, ${CONNECTIONS} connections`, latchkey: samples.latchkey.perSecond, unit: '/s' }],
    samples,
  };
}

async function measureFlood({ seeded, latchkey }: Bench): Promise<Result> {
  const ask = () => sample(latchkey, { connections: IDLE_CONNECTIONS, next: me(seeded.people) }, stretch(3));
  const askUnderFlood = async () => {
    const flood = new AbortController();
    const logins = drive(
      { port: latchkey.port, connections: WAITING_LOGINS, next: login(seeded.people) },
      flood.signal,
    );
    try {
      // Until all of them wait for a hash.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return await ask();
    } finally {
      flood.abort();
      await logins;
    }
  };
  const samples = await inRounds(ROUNDS, { idle: ask, flood: askUnderFlood });
  const baseline = { name: 'no logins', value: samples.idle.p99 };
  return {
    rows: [
      {
        metric: `p99 of me while ${WAITING_LOGINS} logins wait`,
        latchkey: samples.flood.p99,
        unit: 'ms',
        baseline,
        goal: { atMost: 5 },
      },
    ],
    samples,
  };
}

async function measureStart({ cores, env, latchkey }: Bench): Promise<Result> {
  const times: Record<'first' | 'second' | 'postgresql', number[]> = { first: [], second: [], postgresql: [] };
  const startOnce = async (settings: Record<string, string>) => {
    const server = await startServer(cores, program(settings));
    await server.stop();
    return server.startupMs;
  };
  for (let round = 0; round < Math.min(ROUNDS, 3); round += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
    const embedded = { DATA_DIR: directory, LOG_LEVEL: 'warn' };
    times.first.push(await startOnce(embedded));
    times.second.push(await startOnce(embedded));
    times.postgresql.push(await startOnce(env));
    rmSync(directory, { recursive: true, force: true });
  }
  const row = (metric: string, latchkey: number, unit: Row['unit']): Row => ({ metric, latchkey, unit });
  const memory = latchkey.rssMegabytes();
  return {
    rows: [
      row('start, embedded, first', median(times.first), 'ms'),
      row('start, embedded, again', median(times.second), 'ms'),
      row('start, PostgreSQL', median(times.postgresql), 'ms'),
      ...(memory === null ? [] : [row('memory after the load', memory, 'MB')]),
    ],
    samples: times,
  };
}

function program(env: Record<string, string>): Program {
  return { file: '../../src/main.ts', env, readyPath: '/readyz' };
}

async function main(): Promise<void> {
  const chosen = options.only.split(',');
  const unknown = chosen.filter((name) => !(name in MEASUREMENTS));
  if (unknown.length > 0 || !(USERS >= 100)) throw new Error(`Nothing to measure: ${unknown} ${options.users}`);

  const cores = keepOffServerCore();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(
    cores === null ? 'Not pinned to cores.' : `Server on core ${cores.server}; load and PostgreSQL on ${cores.load}.`,
  );
  const environment = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    users: USERS,
    rounds: ROUNDS,
    pinned: cores,
    loadAverageBefore: loadavg()[0],
  };
  const postgresql = await startPostgresqlServer();
  try {
    const env = {
      DATABASE_URL: postgresql.url,
      PUBLIC_URL: ISSUER,
      SECRET: 'only good for a benchmark, 48 bytes and a bit more',
      TRUSTED_PROXIES: '127.0.0.1',
      ACCESS_TOKEN_TTL: '1h',
      LOG_LEVEL: 'warn',
    };
    const seeded = await seed(env, USERS);
    const latchkey = await startServer(cores, program(env));
    const results = new Map<string, Result>();
    for (const name of chosen) {
      say(`measuring ${name} …`);
      const measurement = MEASUREMENTS[name];
      if (measurement !== undefined) results.set(name, await measurement({ cores, env, seeded, latchkey }));
    }
    await latchkey.stop();
    const rows = [...results.values()].flatMap((result) => result.rows);
    const samples = Object.fromEntries([...results].map(([name, result]) => [name, result.samples]));
    printTable(rows);
    say(`Written to ${writeResults({ environment, rows, samples })}`);
  } finally {
    await postgresql.stop();
  }
}

await main();
