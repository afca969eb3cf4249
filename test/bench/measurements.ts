/** What is measured, each with what it is held against. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drive, median } from './load.ts';
import type { Row } from './report.ts';
import { inRounds, type Sample, sample } from './rounds.ts';
import { PASSWORD, type Seeded } from './seed.ts';
import { type Cores, type Program, runOnServerCore, type Server, startServer } from './servers.ts';
import { hello, login, me, refresh } from './traffic.ts';

export type Bench = {
  cores: Cores;
  /** Settings of the service on the seeded PostgreSQL. */
  env: Record<string, string>;
  seeded: Seeded;
  /** The service, started with them. */
  latchkey: Server;
  rounds: number;
  /** How many seconds a stretch of load takes that should take so many: fewer in a quick run. */
  stretch: (seconds: number) => number;
};

export type Result = { rows: Row[]; samples: object };

export const MEASUREMENTS: Record<string, (bench: Bench) => Promise<Result>> = {
  login: measureLogin,
  me: measureMe,
  refresh: measureRefresh,
  flood: measureFlood,
  start: measureStart,
};

const CONNECTIONS = 32;
const CONNECTIONS_BESIDE_FLOOD = 8;
const WAITING_LOGINS = 64;

export function latchkeyProgram(env: Record<string, string>): Program {
  return { file: '../../src/main.ts', env, readyPath: '/readyz' };
}

async function measureLogin({ cores, seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const next = login(seeded.people);
  const samples = await inRounds(rounds, {
    // At a hundred a second it takes a while until the code of a login has been compiled.
    latchkey: (isWarmUp) => sample(latchkey, { connections: CONNECTIONS, next }, stretch(isWarmUp ? 6 : 4)),
    argon2: async (isWarmUp) => {
      const args = [seeded.passwordHash, PASSWORD, String(stretch(isWarmUp ? 1 : 3))];
      const bare: { perSecond: number; cpuMicros: number } = JSON.parse(
        await runOnServerCore(cores, 'baselines/bare-argon2.ts', args),
      );
      return { ...bare, p50: 1000 / bare.perSecond, p99: Number.NaN, busy: null };
    },
  });
  const row: Row = {
    metric: `login, ${CONNECTIONS} connections`,
    latchkey: samples.latchkey.perSecond,
    unit: '/s',
    baseline: { name: '@node-rs/argon2 alone', value: samples.argon2.perSecond },
    goal: { atLeast: 0.8 },
    ratioByCpu: ratioByCpu(samples.latchkey, samples.argon2),
    busy: samples.latchkey.busy,
  };
  return { rows: [row], samples };
}

async function measureMe({ cores, env, seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const { DATABASE_URL = '', PUBLIC_URL = '' } = env;
  const handWritten = (more: Record<string, string>): Program => ({
    file: 'baselines/hand-written-yoga.ts',
    env: { DATABASE_URL, ISSUER: PUBLIC_URL, PUBLIC_KEY: JSON.stringify(seeded.publicKey), ...more },
    readyPath: '/health',
  });
  const plain = await startServer(cores, handWritten({}));
  const caching = await startServer(cores, handWritten({ TOKEN_CACHE: 'on' }));
  const bare = await startServer(cores, { file: 'baselines/bare-yoga.ts', env: {}, readyPath: '/health' });
  const ask = (server: Server, next = me(seeded.people)) => {
    return () => sample(server, { connections: CONNECTIONS, next }, stretch(2));
  };
  const samples = await inRounds(rounds, {
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
    ratioByCpu: ratioByCpu(samples.latchkey, samples[against]),
    busy: samples.latchkey.busy,
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

async function measureRefresh({ seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const next = refresh(seeded.people);
  const samples = await inRounds(rounds, {
    latchkey: () => sample(latchkey, { connections: CONNECTIONS, next }, stretch(2)),
  });
  return {
    rows: [{ metric: `refresh, ${CONNECTIONS} connections`, latchkey: samples.latchkey.perSecond, unit: '/s' }],
    samples,
  };
}

async function measureFlood({ seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const { port } = latchkey;
  const load = { connections: CONNECTIONS_BESIDE_FLOOD, next: me(seeded.people) };
  const ask = () => sample(latchkey, load, stretch(2.5));
  const askBesideFlood = async () => {
    const flood = new AbortController();
    const logins = drive({ port, connections: WAITING_LOGINS, next: login(seeded.people) }, flood.signal);
    // Until all of them wait for a hash.
    const asked = new Promise((resolve) => setTimeout(resolve, 500)).then(ask).finally(() => flood.abort());
    const [besideFlood] = await Promise.all([asked, logins]);
    return besideFlood;
  };
  const samples = await inRounds(rounds, { idle: ask, flood: askBesideFlood });
  const row: Row = {
    metric: `p99 of me while ${WAITING_LOGINS} logins wait`,
    latchkey: samples.flood.p99,
    unit: 'ms',
    baseline: { name: 'no logins', value: samples.idle.p99 },
    goal: { atMost: 5 },
  };
  return { rows: [row], samples };
}

async function measureStart({ cores, env, latchkey, rounds }: Bench): Promise<Result> {
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
    times.postgresql.push(await startOnce(env));
    rmSync(directory, { recursive: true, force: true });
  }
  const row = (metric: string, latchkey: number, unit: Row['unit']): Row => ({ metric, latchkey, unit });
  return {
    rows: [
      row('start, embedded, first', median(times.first), 'ms'),
      row('start, embedded, again', median(times.again), 'ms'),
      row('start, PostgreSQL', median(times.postgresql), 'ms'),
      ...(memory === null ? [] : [row('memory after the load', memory, 'MB')]),
    ],
    samples: times,
  };
}

function ratioByCpu(latchkey: Sample, baseline: Sample): number | null {
  if (latchkey.cpuMicros === null || baseline.cpuMicros === null) return null;
  return baseline.cpuMicros / latchkey.cpuMicros;
}
