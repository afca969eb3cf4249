/**
 * One type for the database on two engines: embedded (PGlite) or PostgreSQL. No other code knows which one it is.
 *
 * Every session uses the time zone UTC, because the driver adapters send UTC times without a zone.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { fromPglite } from 'pg-boss';
import type { DatabaseConfig, PostgresqlConfig } from '#config/database/database-settings.ts';
import { type Prisma, PrismaClient } from '#generated/prisma/client.ts';
import { type Clock, systemClock } from './clock.ts';
import { openEmbedded } from './embedded/embedded-database.ts';
import { pgliteAdapters, pgliteSchemaSession } from './embedded/pglite-session.ts';
import type { Log } from './log.ts';
import { followedClock } from './postgresql/followed-clock.ts';
import { CONNECTION_WAIT_MS, createPool } from './postgresql/pool.ts';
import { type Jobs, postgresqlSchemaSession, type SchemaSession } from './postgresql/schema-session.ts';
import { createServers, probePrimary } from './postgresql/servers.ts';
import { createReplicas, type Replicas } from './replicas/replicas.ts';

/** What the root client and a transaction have in common. */
export type PrismaDb = Prisma.TransactionClient;

/**
 * SQL with $1, $2 …, and the name under which each connection prepares it once. A name must always have the same SQL.
 */
export type Statement = { name: string; text: string };

export type Database = {
  kind: DatabaseConfig['kind'];
  prisma: PrismaClient;
  /**
   * Runs a prepared statement without Prisma, for the hot paths. It is never part of the current transaction and must
   * not be called in one: the embedded database has a single connection and would deadlock with itself.
   */
  query: <Row extends object>(statement: Statement, values: readonly unknown[]) => Promise<Row[]>;
  /** As `query`, but a row is an array of values in the order of the columns, which is less work for many columns. */
  rows: (statement: Statement, values: readonly unknown[]) => Promise<unknown[][]>;
  /** For pg-boss, on the same connections: `new PgBoss({ ...database.jobs, schema: 'pgboss' })`. */
  jobs: Jobs;
  /**
   * The clock that every process on this database shares: asks for the time, and then regularly until `close`. For the
   * embedded database, which has a single process, the clock of the machine.
   */
  followClock: () => Promise<Clock>;
  /**
   * How far the clock of this machine is ahead of the shared one, in seconds; null if there is none, or if it is not
   * followed.
   */
  clockSkewSeconds: () => number | null;
  /** Fails if the database does not respond within a few seconds. A standby, for example, is read-only. */
  ping: () => Promise<{ isReadOnly: boolean }>;
  /** Standbys for reads that may lag behind; null without any. */
  replicas: Replicas | null;
  /** How many connections there are; null for the embedded database, which has none. */
  connections: () => { inUse: number; idle: number; awaited: number } | null;
  /**
   * Waits until no other process has a schema session. Fails with DatabaseUnreachableError, and after MIGRATION_WAIT
   * with MigrationLockedError.
   * @param onWaiting called once, if another process has one
   */
  openSchemaSession: (onWaiting?: () => void) => Promise<SchemaSession>;
  /**
   * One transaction for an operator's work on the whole database: without the time limits of requests, and in a schema
   * session, so that nobody migrates meanwhile. With `isSnapshot`, everything it reads is of one moment.
   */
  longTransaction: <T>(work: (db: PrismaDb) => Promise<T>, options?: { isSnapshot?: boolean }) => Promise<T>;
  /** Waits for queries in progress. The database must not be used afterwards. */
  close: () => Promise<void>;
};

const SECOND = 1000;
const PING_TIMEOUT = 3 * SECOND;
/** What a request may ask of the database takes milliseconds; what runs in the background works in batches. */
const STATEMENT_TIMEOUT = 10 * SECOND;
const TRANSACTION_TIMEOUT = 15 * SECOND;

/**
 * Cached query plans, about 20 kB each. The selections of clients decide how many there are, so half of Prisma's 1000.
 */
const MAX_QUERY_PLANS = 500;

/** Times as they come from a session in UTC. The parser of `pg`, for every zone and era, takes four times as long. */
const QUICK_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.TIMESTAMPTZ ? (text: string) => new Date(text) : pg.types.getTypeParser(oid, format),
};

/** Adds what Prisma's statements also run through, such as spans. */
type WrapAdapters = (adapters: SqlMigrationAwareDriverAdapterFactory) => SqlMigrationAwareDriverAdapterFactory;

/** Opens the database without migrating it. If embedded, fails with DatabaseInUseError or NotADatabaseError. */
export async function openDatabase(
  config: DatabaseConfig,
  log: Log,
  wrap: WrapAdapters = (it) => it,
): Promise<Database> {
  return config.kind === 'embedded' ? openPglite(config.directory, wrap) : openPostgresql(config, log, wrap);
}

async function openPglite(directory: string, wrap: WrapAdapters): Promise<Database> {
  const { pglite, close } = await openEmbedded(directory);
  const adapters = wrap(await pgliteAdapters(pglite));
  // Transactions queue for the single connection; a burst of them must not fail (P2028).
  const prisma = createPrisma(adapters, { maxWait: 30 * SECOND, timeout: TRANSACTION_TIMEOUT });
  return {
    kind: 'embedded',
    prisma,
    query: async <Row>({ text }: Statement, values: readonly unknown[]) =>
      (await pglite.query<Row>(text, [...values])).rows,
    rows: async ({ text }, values) => (await pglite.query<unknown[]>(text, [...values], { rowMode: 'array' })).rows,
    jobs: { db: fromPglite(pglite), backend: 'pglite' },
    followClock: async () => systemClock,
    clockSkewSeconds: () => null,
    ping: async () => {
      await within(PING_TIMEOUT, pglite.query('SELECT 1'));
      return { isReadOnly: false };
    },
    replicas: null,
    connections: () => null,
    openSchemaSession: async () => pgliteSchemaSession(pglite, async () => undefined),
    longTransaction: (work, { isSnapshot = false } = {}) => prisma.$transaction(work, longLived(isSnapshot)),
    close: async () => {
      await prisma.$disconnect();
      await close();
    },
  };
}

function openPostgresql(config: PostgresqlConfig, log: Log, wrap: WrapAdapters): Database {
  const isPooled = config.pooler === 'transaction';
  const servers = createServers(config.url);
  const settings = { idleTimeoutMillis: 300 * SECOND, statementTimeout: STATEMENT_TIMEOUT, isPooled };
  const pool = createPool(servers, log, { ...settings, max: config.poolSize });
  // A statement that is prepared in one session is unknown in the next.
  const named = (name: string) => (isPooled ? {} : { name });
  // Longer than the pool waits, whose error is better.
  const maxWait = CONNECTION_WAIT_MS + SECOND;
  const openPrisma = (adapters: SqlMigrationAwareDriverAdapterFactory) =>
    createPrisma(wrap(adapters), { maxWait, timeout: TRANSACTION_TIMEOUT });
  const prisma = openPrisma(new PrismaPg(pool));
  const replicas = config.replicas
    ? createReplicas({ config: config.replicas, primary: pool, pool: settings, log, openPrisma })
    : null;
  const clock = followedClock(pool, log);
  let probe: ReturnType<Database['ping']> | null = null;
  return {
    kind: 'postgresql',
    prisma,
    query: async <Row extends object>({ name, text }: Statement, values: readonly unknown[]) =>
      (await pool.query<Row>({ ...named(name), text, values: [...values] })).rows,
    rows: async ({ name, text }, values) =>
      (await pool.query<unknown[]>({ ...named(name), text, values: [...values], rowMode: 'array', types: QUICK_TYPES }))
        .rows,
    jobs: { db: { executeSql: (text, values) => pool.query(text, values) }, backend: 'postgres' },
    followClock: clock.follow,
    clockSkewSeconds: clock.skewSeconds,
    // One at a time, however many ask.
    ping: () =>
      (probe ??= probePrimary(servers).finally(() => {
        probe = null;
      })),
    replicas,
    connections: () => {
      const { totalCount, idleCount: idle, waitingCount: awaited } = pool;
      return { inUse: totalCount - idle, idle, awaited };
    },
    openSchemaSession: (onWaiting) => postgresqlSchemaSession(config, log, onWaiting),
    longTransaction: async (work, { isSnapshot = false } = {}) => {
      const session = await postgresqlSchemaSession(config, log);
      const own = createPrisma(session.adapters, longLived(isSnapshot));
      try {
        return await own.$transaction(work, longLived(isSnapshot));
      } finally {
        await own.$disconnect();
        await session.close();
      }
    },
    close: async () => {
      clock.close();
      await replicas?.close();
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** For an operator's work, which no request waits for. */
function longLived(isSnapshot: boolean) {
  const isolationLevel = isSnapshot ? { isolationLevel: 'RepeatableRead' as const } : {};
  return { maxWait: 60 * SECOND, timeout: 24 * 3600 * SECOND, ...isolationLevel };
}

function createPrisma(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  transactionOptions: { maxWait: number; timeout: number },
): PrismaClient {
  // `minimal`, because longer error messages quote the arguments of the call, which are personal data.
  return new PrismaClient({
    adapter,
    transactionOptions,
    errorFormat: 'minimal',
    queryPlanCacheMaxSize: MAX_QUERY_PLANS,
  });
}

async function within(milliseconds: number, answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('The database does not respond')), milliseconds);
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
