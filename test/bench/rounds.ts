/** Measures in rounds: each contestant once, then again, so that what else the machine does hits all of them alike. */
import { drive, type Load, median, percentile } from './load.ts';
import type { Server } from './servers.ts';

/** One stretch of load. */
export type Sample = {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /**
   * Microseconds of CPU that the server spent on each answer, where the system tells. It changes less than the rate
   * when others use the machine too.
   */
  cpuMicros: number | null;
  /** Which share of the time the server computed; well below 1, something else held it up. */
  busy: number | null;
};

export async function sample(server: Server, load: Omit<Load, 'port'>, seconds: number): Promise<Sample> {
  const startedAt = performance.now();
  const cpuBefore = server.cpuSeconds();
  const measured = await drive({ port: server.port, ...load }, AbortSignal.timeout(seconds * 1000));
  const cpuAfter = server.cpuSeconds();
  const cpu = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  return {
    perSecond: measured.perSecond,
    p50: percentile(measured.latencies, 0.5),
    p99: percentile(measured.latencies, 0.99),
    cpuMicros: cpu === null ? null : (cpu * 1e6) / measured.answers,
    busy: cpu === null ? null : (cpu * 1000) / (performance.now() - startedAt),
  };
}

type Contestant = (isWarmUp: boolean) => Promise<Sample>;

/** A warm-up for each, uncounted, then the rounds; gives the medians. */
export async function inRounds<All extends Record<string, Contestant>>(
  rounds: number,
  contestants: All,
): Promise<{ [Name in keyof All]: Sample }> {
  const measured = Object.entries(contestants).map(([name, run]) => ({ name, run, samples: [] as Sample[] }));
  for (const { run } of measured) await run(true);
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, samples } of measured) samples.push(await run(false));
  }
  const results = measured.map(({ name, samples }) => [name, medians(samples)]);
  return Object.fromEntries(results) as { [Name in keyof All]: Sample };
}

function medians(samples: readonly Sample[]): Sample {
  const of = (key: 'perSecond' | 'p50' | 'p99') => median(samples.map((each) => each[key]));
  const where = (key: 'cpuMicros' | 'busy') => {
    const known = samples.map((each) => each[key]).filter((value) => value !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicros: where('cpuMicros'),
    busy: where('busy'),
  };
}
