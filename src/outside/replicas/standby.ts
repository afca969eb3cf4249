/** What is asked of a read replica and of its primary, and what makes a server unfit to be one. */
import type pg from 'pg';
import {
  engineProblem,
  READ_FACTS,
  READ_VERSION,
  type ServerFacts,
  serverProblem,
} from '../postgresql/server-facts.ts';

/** A pool waits for a connection besides. */
const ANSWER_MS = 1500;

/** Which database a server has: standbys share the identifier of their primary. */
export type Identity = { cluster: string; name: string };

/** The length of the write-ahead log, and whose it is. */
export type PrimaryPosition = Identity & { position: bigint };

/** What a server says about itself as a standby. `position`: how much of the log it has replayed. */
export type StandbyState = { isStandby: boolean; position: bigint };

const IDENTITY = 'system_identifier::text AS cluster, current_database() AS name FROM pg_control_system()';
const READ_IDENTITY = `SELECT ${IDENTITY}`;
/** What is acknowledged has been flushed. A standby never has more. */
const READ_PRIMARY = `SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text AS position, ${IDENTITY}`;
const READ_STANDBY = `
  SELECT pg_is_in_recovery() AS "isStandby",
         coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::text AS position,
         extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS "lastTransactionSeconds"`;

async function ask<Row extends object>(pool: pg.Pool, text: string): Promise<Row> {
  const question = { text, query_timeout: ANSWER_MS };
  const { rows } = await pool.query<Row>(question);
  const [row] = rows;
  if (row === undefined) throw new Error('The server returned no row');
  return row;
}

export async function readPrimary(pool: pg.Pool): Promise<PrimaryPosition> {
  const { position, ...identity } = await ask<Identity & { position: string }>(pool, READ_PRIMARY);
  return { position: BigInt(position), ...identity };
}

export async function readStandby(pool: pg.Pool): Promise<StandbyState & { lastTransactionSeconds: number | null }> {
  const { position, ...state } = await ask<{
    isStandby: boolean;
    position: string;
    lastTransactionSeconds: number | null;
  }>(pool, READ_STANDBY);
  return { ...state, position: BigInt(position) };
}

/** Why a server cannot be read in place of this primary, whatever its state; null if it can. */
export async function unfitness(pool: pg.Pool, primary: Identity): Promise<string | null> {
  const engine = engineProblem((await ask<Pick<ServerFacts, 'version'>>(pool, READ_VERSION)).version);
  if (engine !== null) return engine;
  const problem = serverProblem({ ...(await ask<ServerFacts>(pool, READ_FACTS)), isReadOnly: false });
  if (problem !== null) return problem;
  const { cluster, name } = await ask<Identity>(pool, READ_IDENTITY);
  if (cluster !== primary.cluster) return 'It is not a standby of DATABASE_URL.';
  return name === primary.name ? null : `Its database is ${name}, not ${primary.name}.`;
}
