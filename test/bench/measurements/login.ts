/** Signing in with a password: beside Argon2 alone, and beside better-auth with the same Argon2 parameters. */
import { signInToBetterAuth, startBetterAuth } from '../better-auth.ts';
import { type Bench, CONNECTIONS, type Result, rowOf } from '../measurement.ts';
import { inRounds, type Sample, sample } from '../rounds.ts';
import { PASSWORD } from '../seed.ts';
import { runOnServerCore } from '../servers.ts';
import { login } from '../traffic.ts';

export async function measureLogin(bench: Bench): Promise<Result> {
  const { cores, seeded, latchkey, rounds, stretch } = bench;
  const next = login(seeded.people);
  // At a hundred a second it takes a while until the code of a login has been compiled.
  const seconds = (isWarmUp: boolean) => stretch(isWarmUp ? 6 : 4);
  const betterAuth = await startBetterAuth(bench);
  const samples = await inRounds(rounds, {
    latchkey: (isWarmUp) => sample(latchkey, { connections: CONNECTIONS, next }, seconds(isWarmUp)),
    argon2: async (isWarmUp): Promise<Sample> => {
      const args = [seeded.passwordHash, PASSWORD, String(stretch(isWarmUp ? 1 : 3))];
      const bare: { perSecond: number; cpuMicros: number } = JSON.parse(
        await runOnServerCore(cores, 'baselines/bare-argon2.ts', args),
      );
      return { ...bare, p50: 1000 / bare.perSecond, p99: Number.NaN, busy: null };
    },
    ...(betterAuth && {
      betterAuth: (isWarmUp: boolean) =>
        sample(betterAuth.server, { connections: CONNECTIONS, next: signInToBetterAuth() }, seconds(isWarmUp)),
    }),
  });
  await betterAuth?.server.stop();
  const metric = `login, ${CONNECTIONS} connections`;
  const rows = [rowOf(metric, samples.latchkey, '@node-rs/argon2 alone', samples.argon2, { atLeast: 0.92 })];
  if (samples.betterAuth) rows.push(rowOf(metric, samples.latchkey, 'better-auth, sign-in', samples.betterAuth));
  return { rows, samples };
}
