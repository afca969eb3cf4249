/** How long `me` takes while many sign-ins wait for a hash. */
import { drive } from '../load.ts';
import type { Bench, Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { inRounds, sample } from '../rounds.ts';
import { login, me } from '../traffic.ts';
import { measureGuesses } from './guesses.ts';

const CONNECTIONS_BESIDE_FLOOD = 8;
const WAITING_LOGINS = 64;
const MOST_ROUNDS = 3;

export async function measureFlood(bench: Bench): Promise<Result> {
  const { seeded, latchkey, stretch } = bench;
  const rounds = Math.min(bench.rounds, MOST_ROUNDS);
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
    goal: { atMost: 2 },
  };
  const guesses = await measureGuesses(bench);
  return { rows: [row, ...guesses.rows], samples: { ...samples, guesses: guesses.samples } };
}
