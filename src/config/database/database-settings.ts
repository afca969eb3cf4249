/** The settings of the database: embedded, or PostgreSQL on one server or several, directly or through a pooler. */
import { resolve } from 'node:path';
import type { Environment } from '../environment.ts';
import { checkDatabaseTransport } from '../network/transport-settings.ts';
import { urlWithPassword } from '../url-with-password.ts';
import { DATABASE_SCHEMES, serverListProblem, serversOf } from './database-url.ts';
import { ignoredParameters } from './ignored-parameters.ts';
import { type ReplicaConfig, replicasOf } from './replica-settings.ts';

export type PostgresqlConfig = {
  kind: 'postgresql';
  /** With one host or several; see database-url.ts. */
  url: string;
  /** As a role that owns the tables, and past a pooler, for migrations; null to use `url` for them. */
  directUrl?: string | null;
  poolSize: number;
  /** Whether connections go through a pooler that gives a server connection to each transaction only. */
  pooler?: 'none' | 'transaction';
  /** How long a start waits for a server that does not accept connections yet. */
  waitSeconds?: number;
  /** How long a start waits while another process migrates. */
  migrationWaitSeconds?: number;
  /** Standbys for reads that may lag behind; null or absent without any. */
  replicas?: ReplicaConfig | null;
};

export type DatabaseConfig = { kind: 'embedded'; directory: string } | PostgresqlConfig;

export function databaseOf(env: Environment, isProduction: boolean, dataDir: string): DatabaseConfig {
  const url = urlWithPassword(env, 'DATABASE_URL', DATABASE_SCHEMES, serversOf);
  const directUrl = urlWithPassword(env, 'DATABASE_DIRECT_URL', DATABASE_SCHEMES, serversOf) ?? null;
  const poolSize = env.integer('DATABASE_POOL_SIZE', 10, 2, 1000);
  const pooler = env.oneOf('DATABASE_POOLER', 'none', ['none', 'transaction']);
  const waitSeconds = env.seconds('DATABASE_WAIT', '30s', '0s', '1d');
  const migrationWaitSeconds = env.seconds('MIGRATION_WAIT', '10m', '0s', '1d');
  const replicas = replicasOf(env, isProduction);
  if (!env.isGiven('DATABASE_URL')) {
    if (directUrl !== null) env.problem('DATABASE_DIRECT_URL', 'requires DATABASE_URL');
    if (pooler !== 'none') env.problem('DATABASE_POOLER', 'requires DATABASE_URL');
  }
  if (url === undefined) return { kind: 'embedded', directory: resolve(dataDir, 'database') };
  for (const problem of ignoredParameters(url)) env.problem('DATABASE_URL', problem);
  if (pooler === 'transaction' && !env.isGiven('DATABASE_DIRECT_URL')) {
    env.problem('DATABASE_POOLER', 'requires DATABASE_DIRECT_URL, past the pooler: migrations need a whole session');
  }
  checkServers(env, 'DATABASE_URL', url, isProduction);
  if (directUrl !== null) checkServers(env, 'DATABASE_DIRECT_URL', directUrl, isProduction);
  return { kind: 'postgresql', url, directUrl, poolSize, pooler, waitSeconds, migrationWaitSeconds, replicas };
}

function checkServers(
  env: Environment,
  variable: 'DATABASE_URL' | 'DATABASE_DIRECT_URL',
  url: string,
  isProduction: boolean,
): void {
  const problem = serverListProblem(url);
  if (problem !== null) env.problem(variable, problem);
  if (isProduction) checkDatabaseTransport(env, variable, serversOf(url));
}
