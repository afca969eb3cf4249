/** How long those who do nothing wrong wait while someone sends wrong passwords, many times more than can be hashed. */
import { type Connection, openConnection } from '../connection.ts';
import { drive, type Load, type Measured, percentile } from '../load.ts';
import type { Bench, Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { get, me, wrongLogin } from '../traffic.ts';

/** Wrong passwords a second, from as many networks. */
const PER_SECOND = 500;
const TICK_MS = 10;
const SECONDS = 60;
/** What comes first compiles code and fills pools; it is not looked at. */
const WARM_UP_SECONDS = 5;
/** More than this do not wait for an answer; then the flood is as fast as the service refuses. */
const CONNECTIONS = 400;
/** Of each kind of those beside the flood, with a pause after each answer: people, not another flood. */
const CONNECTIONS_BESIDE = 2;
const PAUSE_MS = 20;
const GOAL_MS = 300;
/** A refusal that takes longer than this holds up the one who sent it, and the memory it takes. */
const GOAL_REFUSAL_MS = 300;

/** What becomes of the wrong passwords, by what they are told. */
type Flooded = { sent: number; answers: Record<string, number>; refusals: number[] };

export async function measureGuesses({ seeded, latchkey, stretch }: Bench): Promise<Result> {
  const { port } = latchkey;
  const asked: Record<string, Load['next']> = {
    me: me(seeded.people),
    JWKS: get('/.well-known/jwks.json'),
    health: get('/healthz'),
  };
  const over = async (seconds: number) => {
    const ended = AbortSignal.timeout(seconds * 1000);
    const flooding = flood(port, ended);
    const beside = Object.entries(asked).map(async ([name, next]): Promise<[string, Measured]> => {
      return [name, await drive({ port, connections: CONNECTIONS_BESIDE, next, pauseMs: PAUSE_MS }, ended)];
    });
    return { measured: Object.fromEntries(await Promise.all(beside)), flooded: await flooding };
  };
  await over(stretch(WARM_UP_SECONDS));
  const memoryBefore = latchkey.rssMegabytes();
  const { measured, flooded } = await over(stretch(SECONDS));
  const memoryAfter = latchkey.rssMegabytes();
  const rows = Object.entries(measured).map(
    ([name, { latencies }]): Row => ({
      metric: `p99 of ${name} under ${PER_SECOND} wrong logins/s`,
      latchkey: percentile(latencies, 0.99),
      unit: 'ms',
      goal: { atMost: GOAL_MS },
    }),
  );
  const refusals = flooded.refusals.toSorted((a, b) => a - b);
  rows.push({
    metric: 'p99 of a refusal',
    latchkey: percentile(refusals, 0.99),
    unit: 'ms',
    goal: { atMost: GOAL_REFUSAL_MS },
  });
  rows.push({ metric: 'wrong logins sent', latchkey: flooded.sent / stretch(SECONDS), unit: '/s' });
  if (memoryBefore !== null && memoryAfter !== null) {
    const baseline = { name: 'before the minute', value: memoryBefore };
    rows.push({ metric: 'memory after it', latchkey: memoryAfter, unit: 'MB', baseline, goal: { atMost: 1.1 } });
  }
  const { sent, answers } = flooded;
  return { rows, samples: { sent, answers } };
}

/** So many a second, whether the earlier ones have been answered or not. */
async function flood(port: number, signal: AbortSignal): Promise<Flooded> {
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  const all = new Set(idle);
  const next = wrongLogin();
  const flooded: Flooded = { sent: 0, answers: {}, refusals: [] };
  const underWay = new Set<Promise<void>>();
  async function guess(kept: Connection): Promise<void> {
    const { isRight: _, ...request } = next(0);
    const sentAt = performance.now();
    const { status, body } = await kept.send(request);
    const answer = /"__typename":"(\w+)"/.exec(body)?.[1] ?? String(status);
    flooded.answers[answer] = (flooded.answers[answer] ?? 0) + 1;
    if (answer === 'ServiceBusyError') flooded.refusals.push(performance.now() - sentAt);
    idle.push(kept);
  }
  const timer = setInterval(() => {
    for (let number = 0; number < (PER_SECOND * TICK_MS) / 1000; number += 1) {
      // The one that has been idle for longest: the server hangs up on those that it does not hear of.
      const connection = idle.shift();
      if (connection === undefined) return;
      flooded.sent += 1;
      const sending = guess(connection).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  }, TICK_MS);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(timer);
  await Promise.all(underWay);
  for (const connection of all) connection.close();
  return flooded;
}
