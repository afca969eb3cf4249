/** Measures in rounds: each contestant once, then again, so that what else the machine does hits all of them alike. */
import { drive, type Load, median, percentile } from './load.ts';
import type { Server } from './servers.ts';

/** One stretch of load. Latencies in milliseconds; CPU of the server in microseconds for each answer, where it is known. */
export type Sample = { perSecond: number; p50: number; p99: number; cpuMicros: number | null };

export async function sample(server: Server, load: Omit<Load, 'port'>, seconds: number): Promise<Sample> {
  const cpuBefore = server.cpuSeconds();
  const measured = await drive({ port: server.port, ...load }, AbortSignal.timeout(seconds * 1000));
  const cpuAfter = server.cpuSeconds();
  return {
    perSecond: measured.perSecond,
    p50: percentile(measured.latencies, 0.5),
    p99: percentile(measured.latencies, 0.99),
    cpuMicros: cpuBefore === null || cpuAfter === null ? null : ((cpuAfter - cpuBefore) * 1e6) / measured.answers,
  };
}

/** A warm-up for each, uncounted, then the rounds; gives the medians. */
export async function inRounds<Name extends string>(
  rounds: number,
  contestants: Record<Name, (isWarmUp: boolean) => Promise<Sample>>,
): Promise<Record<Name, Sample>> {
  const names = Object.keys(contestants) as Name[];
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (const name of names) await contestants[name](true);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) samples.get(name)?.push(await contestants[name](false));
  }
  return Object.fromEntries(names.map((name) => [name, medians(samples.get(name) ?? [])])) as Record<Name, Sample>;
}

function medians(samples: readonly Sample[]): Sample {
  const of = (key: 'perSecond' | 'p50' | 'p99') => median(samples.map((each) => each[key]));
  const cpu = samples.map((each) => each.cpuMicros).filter((value) => value !== null);
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicros: cpu.length === 0 ? null : median(cpu),
  };
}
