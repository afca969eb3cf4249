/** Reading who is signed in: beside the same written by hand, Yoga alone, and the session read of better-auth. */
import { getBetterAuthSession, startBetterAuth } from '../better-auth.ts';
import { type Bench, CONNECTIONS, type Result, rowOf } from '../measurement.ts';
import { inRounds, sample } from '../rounds.ts';
import { type Program, type Server, startServer } from '../servers.ts';
import { hello, me, type Next } from '../traffic.ts';

export async function measureMe(bench: Bench): Promise<Result> {
  const { cores, env, seeded, latchkey, rounds, stretch } = bench;
  const ask = (server: Server, next: Next) => () => sample(server, { connections: CONNECTIONS, next }, stretch(2));
  const bare = await startServer(cores, { file: 'baselines/bare-yoga.ts', env: {}, readyPath: '/health' });
  // What reads the sessions of Latchkey needs its PostgreSQL.
  const readers = env['DATABASE_URL'] === undefined ? null : await startReaders(bench);
  const plain = await startBetterAuth(bench);
  const caching = await startBetterAuth(bench, { cachesSessions: true });
  const next = me(seeded.people);
  const samples = await inRounds(rounds, {
    latchkey: ask(latchkey, next),
    bareYoga: ask(bare, hello()),
    ...(readers && {
      handWritten: ask(readers.handWritten, next),
      handWrittenCaching: ask(readers.handWrittenCaching, next),
      thinFront: ask(readers.thinFront, next),
    }),
    ...(plain && { betterAuth: ask(plain.server, getBetterAuthSession(plain)) }),
    ...(caching && { betterAuthCaching: ask(caching.server, getBetterAuthSession(caching)) }),
  });
  const started = [bare, ...Object.values(readers ?? {}), plain?.server, caching?.server];
  await Promise.all(started.map((server) => server?.stop()));

  const goals = {
    bareYoga: ['Yoga alone, { hello }', { atLeast: 1 }],
    handWritten: ['Yoga, jose and pg by hand', undefined],
    handWrittenCaching: ['the same with a token cache', undefined],
    thinFront: ['without the HTTP layer of Yoga, sessions read together', { atLeast: 0.65 }],
    betterAuth: ['better-auth, its session', { atLeast: 8 }],
    betterAuthCaching: ['better-auth with its cookie cache', { atLeast: 5 }],
  } as const;
  const rows = Object.entries(goals).flatMap(([key, [name, goal]]) => {
    const against = samples[key as keyof typeof goals];
    return against === undefined
      ? []
      : [rowOf(`me, ${CONNECTIONS} connections`, samples.latchkey, name, against, goal)];
  });
  return { rows, samples };
}

async function startReaders({ cores, env, seeded }: Bench) {
  const { DATABASE_URL = '', PUBLIC_URL = '' } = env;
  const settings = { DATABASE_URL, ISSUER: PUBLIC_URL, PUBLIC_KEY: JSON.stringify(seeded.publicKey) };
  const program = (file: string, more: Record<string, string> = {}): Program => ({
    file: `baselines/${file}`,
    env: { ...settings, ...more },
    readyPath: '/health',
  });
  return {
    handWritten: await startServer(cores, program('hand-written-yoga.ts')),
    handWrittenCaching: await startServer(cores, program('hand-written-yoga.ts', { TOKEN_CACHE: 'on' })),
    thinFront: await startServer(cores, program('thin-front.ts')),
  };
}
