/** Read replicas of the database: standbys that answer reads that may lag behind. */
import type { Environment } from '../environment.ts';
import { checkDatabaseTransport } from '../network/transport-settings.ts';
import { urlProblem } from '../url-with-password.ts';
import { DATABASE_SCHEMES, serversOf } from './database-url.ts';
import { ignoredParameters } from './ignored-parameters.ts';

export type ReplicaConfig = {
  /** One for each server. */
  urls: readonly string[];
  /** Connections to each of them. */
  poolSize: number;
  /** A replica that is further behind is not read. */
  maxLagSeconds: number;
};

/** Between two URLs. A comma within one separates hosts, and each host is a replica. */
const BETWEEN = /\s*,\s*(?=[a-z]+:\/\/)|\s+/i;
/** What no standby is, so that no replica can be asked for it. */
const WRITABLE = new Set(['read-write', 'primary']);

/** Null without any. Messages quote no part of a URL. */
export function replicasOf(env: Environment, isProduction: boolean): ReplicaConfig | null {
  const given = env.text('DATABASE_REPLICA_URLS');
  const poolSize = env.integer('DATABASE_REPLICA_POOL_SIZE', 4, 1, 1000);
  const maxLagSeconds = env.seconds('DATABASE_REPLICA_MAX_LAG', '30s', '1s', '1d');
  if (!env.isGiven('DATABASE_REPLICA_URLS')) return null;
  if (!env.isGiven('DATABASE_URL')) {
    env.problem('DATABASE_REPLICA_URLS', 'requires DATABASE_URL: the embedded database has no replicas');
    return null;
  }
  const list = (given ?? '').split(BETWEEN).filter((url) => url !== '');
  const problems = new Set(list.flatMap(problemsOf));
  for (const problem of problems) env.problem('DATABASE_REPLICA_URLS', problem);
  if (problems.size > 0) return null;
  const urls = list.flatMap(serversOf);
  if (isProduction) checkDatabaseTransport(env, 'DATABASE_REPLICA_URLS', urls);
  return { urls, poolSize, maxLagSeconds };
}

function problemsOf(url: string): string[] {
  const problem = urlProblem(url, DATABASE_SCHEMES, serversOf);
  if (problem !== null) return [problem];
  const asked = new URLSearchParams(url.split('?')[1]).get('target_session_attrs') ?? '';
  const unfit = WRITABLE.has(asked) ? [`must not ask for target_session_attrs=${asked}: a replica only reads`] : [];
  return [...unfit, ...ignoredParameters(url)];
}
