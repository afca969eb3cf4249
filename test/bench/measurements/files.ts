/** What is answered without the database: the public keys and the health check. */
import type { Exchange } from '../load.ts';
import { type Bench, CONNECTIONS, type Result } from '../measurement.ts';
import { inRounds, sample } from '../rounds.ts';

export async function measureFiles({ latchkey, rounds, stretch }: Bench): Promise<Result> {
  const get = (path: string, part: string): Exchange => ({
    method: 'GET',
    path,
    isRight: ({ status, body }) => status === 200 && body.includes(part),
  });
  const ask = (exchange: Exchange) => () => {
    return sample(latchkey, { connections: CONNECTIONS, next: () => exchange }, stretch(2));
  };
  const samples = await inRounds(rounds, {
    jwks: ask(get('/.well-known/jwks.json', '"keys"')),
    healthz: ask(get('/healthz', 'ok')),
  });
  const rows = (['jwks', 'healthz'] as const).map((name) => ({
    metric: name === 'jwks' ? 'public keys (JWKS)' : '/healthz',
    latchkey: samples[name].perSecond,
    unit: '/s' as const,
    cpuMicros: samples[name].cpuMicros,
    busy: samples[name].busy,
    goal: { atLeast: 8000 },
  }));
  return { rows, samples };
}
