/** Signing in with a password: beside Argon2 alone, and beside better-auth with the same Argon2 parameters. */
import { signInToBetterAuth, startBetterAuth } from '../better-auth.ts';
import { type Bench, CONNECTIONS, latchkeyProgram, type Result, rowOf } from '../measurement.ts';
import { inRounds, type Sample, sample } from '../rounds.ts';
import { PASSWORD } from '../seed.ts';
import { type Cores, runOnServerCores, type Server, startServer, withSecondCore } from '../servers.ts';
import { login } from '../traffic.ts';

const METRIC = `login, ${CONNECTIONS} connections`;

export async function measureLogin(bench: Bench): Promise<Result> {
  const betterAuth = await startBetterAuth(bench);
  const samples = await inRounds(bench.rounds, {
    latchkey: signInTo(bench, bench.latchkey),
    argon2: bareArgon2(bench, bench.cores, 1),
    ...(betterAuth && {
      betterAuth: (isWarmUp: boolean) =>
        sample(betterAuth.server, { connections: CONNECTIONS, next: signInToBetterAuth() }, secondsOf(bench, isWarmUp)),
    }),
  });
  await betterAuth?.server.stop();
  const rows = [rowOf(METRIC, samples.latchkey, '@node-rs/argon2 alone', samples.argon2, { atLeast: 0.92 })];
  if (samples.betterAuth) rows.push(rowOf(METRIC, samples.latchkey, 'better-auth, sign-in', samples.betterAuth));
  const onTwoCores = await measureOnTwoCores(bench);
  if (onTwoCores === null) return { rows, samples };
  return { rows: [...rows, ...onTwoCores.rows], samples: { ...samples, onTwoCores: onTwoCores.samples } };
}

/**
 * The same with a second core, which the load and PostgreSQL need as well: what they take of it is missing in the rate,
 * while Argon2 alone has both cores. So the ratio by CPU time says more. Null where processes cannot be pinned.
 */
async function measureOnTwoCores(bench: Bench): Promise<Result | null> {
  const cores = withSecondCore(bench.cores);
  if (cores === null) return null;
  const latchkey = await startServer(cores, latchkeyProgram(bench.env));
  const samples = await inRounds(bench.rounds, {
    latchkey: signInTo(bench, latchkey),
    argon2: bareArgon2(bench, cores, 2),
  });
  await latchkey.stop();
  const perCore = { ...samples.latchkey, busy: samples.latchkey.busy && samples.latchkey.busy / 2 };
  const argon2 = '@node-rs/argon2 alone, two threads';
  return { rows: [rowOf(`${METRIC}, two cores`, perCore, argon2, samples.argon2, { atLeast: 0.85 })], samples };
}

/** At a hundred a second it takes a while until the code of a login has been compiled. */
const secondsOf = ({ stretch }: Bench, isWarmUp: boolean) => stretch(isWarmUp ? 10 : 4);

function signInTo(bench: Bench, server: Server) {
  const next = login(bench.seeded.people);
  return (isWarmUp: boolean) => sample(server, { connections: CONNECTIONS, next }, secondsOf(bench, isWarmUp));
}

function bareArgon2({ seeded, stretch }: Bench, cores: Cores, threads: number) {
  return async (isWarmUp: boolean): Promise<Sample> => {
    const args = [seeded.passwordHash, PASSWORD, String(stretch(isWarmUp ? 1 : 3)), String(threads)];
    const bare: { perSecond: number; cpuMicros: number } = JSON.parse(
      await runOnServerCores(cores, 'baselines/bare-argon2.ts', args),
    );
    return { ...bare, p50: (1000 * threads) / bare.perSecond, p99: Number.NaN, busy: null };
  };
}
