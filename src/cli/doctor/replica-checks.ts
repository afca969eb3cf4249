/**
 * What `latchkey doctor` says about each read replica. The service works without them, so nothing here is a failure.
 */
import type { Config } from '#config/config.ts';
import { placeOf } from '#config/database/database-url.ts';
import type { Database } from '#outside/database.ts';
import type { Examined } from '#outside/replicas/replica.ts';
import { lineOf, ok, type Verdict, warn } from './verdict.ts';

export async function readReplicas({ replicas }: Database, { database }: Config): Promise<Verdict[]> {
  const urls = database.kind === 'postgresql' ? (database.replicas?.urls ?? []) : [];
  const results = (await replicas?.examine().catch(() => [])) ?? [];
  return results.map((result, at) => {
    const name = `${at + 1} (${placeOf(urls[at] ?? '')})`;
    if (result.status === 'rejected') return warn(`${name} cannot be read: ${lineOf(result.reason)}`);
    return verdictOn(name, result.value, replicas?.maxLagSeconds ?? 0);
  });
}

function verdictOn(name: string, { problem, isPrimary, lagSeconds }: Examined, maxLagSeconds: number): Verdict {
  if (problem !== null) return warn(`${name} cannot be read. ${problem}`);
  if (isPrimary) return ok(`${name} accepts writes, so it is not read: it is the primary, or no longer follows it`);
  if (lagSeconds === 0) return ok(`${name} is up to date`);
  const behind = `${name} is ${Math.round(lagSeconds)} s behind`;
  return lagSeconds <= maxLagSeconds ? ok(behind) : warn(`${behind}, so it is not read (DATABASE_REPLICA_MAX_LAG)`);
}
