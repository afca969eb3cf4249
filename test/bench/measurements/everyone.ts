/** All the people of `--users` in turn, beside 1,000 of them: what caches that are too small would cost. */
import { drive } from '../load.ts';
import { type Bench, CONNECTIONS, type Result, rowOf } from '../measurement.ts';
import { inRounds, sample } from '../rounds.ts';
import { login, me, type Next, refresh } from '../traffic.ts';

const FEW = 1000;

export async function measureEveryone({ seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const { people } = seeded;
  const few = people.slice(0, FEW);
  const ask = (next: Next) => () => sample(latchkey, { connections: CONNECTIONS, next }, stretch(2));
  await askOnce(latchkey.port, people.length, me(people));
  const samples = await inRounds(rounds, {
    me: ask(me(people)),
    meOfFew: ask(me(few)),
    refresh: ask(refresh(people)),
    refreshOfFew: ask(refresh(few)),
    login: ask(login(people)),
    loginOfFew: ask(login(few)),
  });
  const of = `of ${people.length.toLocaleString('en')} people in turn`;
  const name = `of ${few.length.toLocaleString('en')}`;
  const goal = { atLeast: 0.9 };
  return {
    rows: [
      rowOf(`me ${of}`, samples.me, name, samples.meOfFew, goal),
      rowOf(`refresh ${of}`, samples.refresh, name, samples.refreshOfFew, goal),
      rowOf(`login ${of}`, samples.login, name, samples.loginOfFew, goal),
    ],
    samples,
  };
}

/** Everyone once: what is remembered is then what it is while these people are at work. */
async function askOnce(port: number, people: number, next: Next): Promise<void> {
  const end = new AbortController();
  let asked = 0;
  const counting: Next = (connection) => {
    asked += 1;
    if (asked >= people) end.abort();
    return next(connection);
  };
  await drive({ port, connections: CONNECTIONS, next: counting }, end.signal);
}
