/** Exchanging refresh tokens, beside `me` in the same run. */
import { type Bench, CONNECTIONS, type Result, rowOf } from '../measurement.ts';
import { inRounds, sample } from '../rounds.ts';
import { me, refresh } from '../traffic.ts';

export async function measureRefresh({ seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const next = refresh(seeded.people);
  const samples = await inRounds(rounds, {
    latchkey: () => sample(latchkey, { connections: CONNECTIONS, next }, stretch(2)),
    me: () => sample(latchkey, { connections: CONNECTIONS, next: me(seeded.people) }, stretch(2)),
  });
  const metric = `refresh, ${CONNECTIONS} connections`;
  return { rows: [rowOf(metric, samples.latchkey, 'me of Latchkey', samples.me, { atLeast: 0.5 })], samples };
}
