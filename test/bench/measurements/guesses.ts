/** How long those who do nothing wrong wait while someone sends wrong passwords, many times more than can be hashed. */
import { type Connection, openConnection } from '../connection.ts';
import type { Bench, Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { inRounds, sample } from '../rounds.ts';
import { get, me, wrongLogin } from '../traffic.ts';

/** Wrong passwords a second, from as many networks. */
const PER_SECOND = 500;
const TICK_MS = 10;
/** More than this do not wait for an answer; then the flood is as fast as the service refuses. */
const CONNECTIONS = 400;
const CONNECTIONS_BESIDE = 4;
const GOAL_MS = 300;

/** What becomes of the wrong passwords, by status, and whether memory grew. */
type Flooded = { sent: number; statuses: Record<string, number> };

export async function measureGuesses({ seeded, latchkey, rounds, stretch }: Bench): Promise<Result> {
  const { port } = latchkey;
  const asked = {
    me: me(seeded.people),
    JWKS: get('/.well-known/jwks.json'),
    health: get('/healthz'),
  };
  const floods: Flooded[] = [];
  const beside = (next: (typeof asked)[keyof typeof asked]) => async () => {
    const ended = new AbortController();
    const flooding = flood(port, ended.signal);
    const measured = await sample(latchkey, { connections: CONNECTIONS_BESIDE, next }, stretch(20)).finally(() =>
      ended.abort(),
    );
    floods.push(await flooding);
    return measured;
  };
  const samples = await inRounds(Math.min(rounds, 1), {
    me: beside(asked.me),
    JWKS: beside(asked.JWKS),
    health: beside(asked.health),
  });
  const rows = (['me', 'JWKS', 'health'] as const).map(
    (name): Row => ({
      metric: `p99 of ${name} under ${PER_SECOND} wrong logins/s`,
      latchkey: samples[name].p99,
      unit: 'ms',
      goal: { atMost: GOAL_MS },
    }),
  );
  return { rows, samples: { ...samples, floods } };
}

/** So many a second, whether the earlier ones have been answered or not. */
async function flood(port: number, signal: AbortSignal): Promise<Flooded> {
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  const all = [...idle];
  const next = wrongLogin();
  const statuses: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  async function guess(connection: Connection): Promise<void> {
    const { isRight: _, ...request } = next(0);
    const { status } = await connection.send(request);
    statuses[status] = (statuses[status] ?? 0) + 1;
    idle.push(connection);
  }
  const timer = setInterval(() => {
    for (let number = 0; number < (PER_SECOND * TICK_MS) / 1000; number += 1) {
      const connection = idle.pop();
      if (connection === undefined) return;
      sent += 1;
      const sending = guess(connection).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  }, TICK_MS);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(timer);
  await Promise.all(underWay);
  for (const connection of all) connection.close();
  return { sent, statuses };
}
