/** The one connection that changes the schema, and the lock that it holds meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import type { BackendProfile, Db } from 'pg-boss';
import type { PostgresqlConfig } from '#config/database/database-settings.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { Log } from '../log.ts';
import { createPool } from './pool.ts';
import { createServers } from './servers.ts';
import { createWait, DatabaseUnreachableError } from './start.ts';

/** What pg-boss needs to work on our connections. */
export type Jobs = { db: Db; backend: BackendProfile };

/**
 * A separate connection for changing the schema. While it is open, no other process can open one for this database;
 * others wait.
 */
export type SchemaSession = {
  adapters: SqlMigrationAwareDriverAdapterFactory;
  /** Runs a script of several statements in one transaction. */
  runScript: (script: string) => Promise<void>;
  /** For pg-boss to make its own tables. */
  jobs: Jobs;
  close: () => Promise<void>;
};

/** Another process has been migrating for longer than MIGRATION_WAIT. */
class MigrationLockedError extends OperatorError {
  constructor(seconds: number) {
    super(
      `Another process is still migrating the database after ${seconds} s (MIGRATION_WAIT). ` +
        'Wait for it, or find the session that holds the advisory lock in pg_locks. Nothing was changed.',
    );
  }
}

const SECOND = 1000;
/** The lock that `prisma migrate deploy` takes, so that it and this service exclude each other. */
const MIGRATION_LOCK = 72_707_369;
const TRY_MIGRATION_LOCK = `SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS "isOurs"`;
const LOCK_PAUSE = 0.25 * SECOND;
const DEFAULT_MIGRATION_WAIT = 600;

/** Uses a single connection, because it owns the lock, which ends with the connection even if the process dies. */
export async function postgresqlSchemaSession(
  config: PostgresqlConfig,
  log: Log,
  onWaiting?: () => void,
): Promise<SchemaSession> {
  const url = config.directUrl ?? config.url;
  const pool = keepingConnection(
    createPool(createServers(url), log, { max: 1, idleTimeoutMillis: 0, statementTimeout: 0 }),
  );
  try {
    await lockSchema(pool, config.migrationWaitSeconds ?? DEFAULT_MIGRATION_WAIT, log, onWaiting);
  } catch (error) {
    await pool.end();
    if (error instanceof OperatorError) throw error;
    throw new DatabaseUnreachableError(url, error);
  }
  return {
    adapters: new PrismaPg(pool),
    // Without parameters, PostgreSQL takes the whole script at once and runs it in one transaction.
    runScript: async (script) => {
      await pool.query(script);
    },
    jobs: { db: { executeSql: (text, values) => pool.query(text, values) }, backend: 'postgres' },
    close: () => pool.end(),
  };
}

/**
 * A pool closes a connection whose statement failed, and with it the lock. The schema engine sends such statements: it
 * finds out that a database is empty by an error.
 */
function keepingConnection(pool: pg.Pool): pg.Pool {
  const query = async (...parameters: unknown[]): Promise<unknown> => {
    const client = await pool.connect();
    try {
      return await Reflect.apply(client.query, client, parameters);
    } finally {
      // The pool keeps none that is broken.
      client.release();
    }
  };
  return Object.assign(pool, { query });
}

/** Asks again and again instead of waiting in the database, so that the log says what is being waited for. */
async function lockSchema(pool: pg.Pool, limitSeconds: number, log: Log, onWaiting?: () => void): Promise<void> {
  const wait = createWait(limitSeconds * SECOND);
  for (;;) {
    const { rows } = await pool.query<{ isOurs: boolean }>(TRY_MIGRATION_LOCK);
    if (rows[0]?.isOurs) return;
    if (wait.isOver()) throw new MigrationLockedError(limitSeconds);
    if (wait.isReminderDue()) log.info('waiting for another process that is migrating the database');
    onWaiting?.();
    await sleep(LOCK_PAUSE);
  }
}
