/**
 * Connections to PostgreSQL. Every wait is bounded, so that a request is answered within seconds whatever happens to
 * the database: for a connection, for a lock, for a statement, and for a host that has vanished.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { databaseError } from '#database-error.ts';
import type { Log } from '../log.ts';
import { probeServer } from './probe.ts';

const SECOND = 1000;

/** For a free connection, or for a new one to be established. */
export const CONNECTION_WAIT_MS = 2.5 * SECOND;
/** For a lock that another session holds on a row or a table. */
const LOCK_WAIT_MS = 2 * SECOND;
/** An open transaction that does nothing holds locks; ours end within 15 s. */
const IDLE_TRANSACTION_MS = 20 * SECOND;
/** The client waits a little longer than the server, whose error is better: it says that nothing was changed. */
const CLIENT_EXTRA_MS = SECOND;
/** TCP probes an idle connection after this, so that firewalls keep it and a dead one is found. */
const KEEP_ALIVE_DELAY_MS = 10 * SECOND;

/** A connection that has been in use for this long makes us ask whether the host is still there. */
const SUSPICIOUS_MS = SECOND;
const WATCH_INTERVAL_MS = 250;

export type PoolSettings = {
  max: number;
  idleTimeoutMillis: number;
  /** In milliseconds; 0 waits forever, also for locks. A value in the URL takes precedence. */
  statementTimeout: number;
};

export function createPool(url: string, log: Log, settings: PoolSettings): pg.Pool {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    ...clientSettings(url, settings.statementTimeout),
    application_name: 'latchkey',
    max: settings.max,
    idleTimeoutMillis: settings.idleTimeoutMillis,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
  });
  let warnedAt = Number.NEGATIVE_INFINITY;
  // The next query replaces a broken idle connection. Without a listener, the event would end the process.
  pool.on('error', (error) => {
    if (performance.now() - warnedAt < SECOND) return;
    warnedAt = performance.now();
    log.warn({ reason: error.message }, 'lost a connection to the database');
  });
  if (settings.statementTimeout > 0) watchHost(pool, sockets, url, log);
  return pool;
}

/** The settings of a session, as an operator's URL and ours make them. */
function clientSettings(url: string, statementTimeout: number): pg.ClientConfig {
  const target = new URL(url);
  const given = target.searchParams.get('options');
  const limits = {
    statement_timeout: statementTimeout,
    lock_timeout: statementTimeout > 0 ? LOCK_WAIT_MS : 0,
    idle_in_transaction_session_timeout: statementTimeout > 0 ? IDLE_TRANSACTION_MS : 0,
  };
  // Timeouts in the operator's URL take precedence; the time zone must be UTC.
  const options = [...Object.entries(limits).map(([name, ms]) => `-c ${name}=${ms}`), given, '-c TimeZone=UTC'];
  target.searchParams.set('options', options.filter((option) => option !== null).join(' '));
  // Where the operator sets the server's limit, the client's is theirs to set as well: `query_timeout` in the URL.
  const isOurs = statementTimeout > 0 && !given?.includes('statement_timeout');
  return {
    connectionString: target.href,
    ...(isOurs && { query_timeout: statementTimeout + CLIENT_EXTRA_MS }),
  };
}

/**
 * A host that vanishes without closing its connections (a dead machine, a moved address, a NAT entry that is gone)
 * leaves requests waiting until TCP gives up, which takes minutes. If a connection has been in use for long, this asks
 * the server; without an answer, and without a byte on any other connection meanwhile, it cuts all of them, so that
 * what waits on them fails now.
 */
function watchHost(pool: pg.Pool, sockets: ReadonlySet<Socket>, url: string, log: Log): void {
  const inUse = new Map<pg.PoolClient, number>();
  pool.on('acquire', (client) => inUse.set(client, performance.now()));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('remove', (client) => inUse.delete(client));
  let isAsking = false;

  async function ask(): Promise<void> {
    const received = [...sockets].map((socket) => ({ socket, bytes: socket.bytesRead }));
    try {
      await probeServer(url);
    } catch (error) {
      // An answer, although not the one we wanted.
      if (error instanceof Error && databaseError(error).sqlState !== undefined) return;
      if (received.some(({ socket, bytes }) => socket.bytesRead > bytes)) return;
      log.warn({ connections: received.length }, 'the database host does not respond: its connections are cut');
      for (const { socket } of received) socket.destroy(new Error('Connection terminated: the host does not respond'));
    }
  }

  const timer = setInterval(() => {
    if (pool.ended) clearInterval(timer);
    const now = performance.now();
    if (isAsking || ![...inUse.values()].some((since) => now - since > SUSPICIOUS_MS)) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
    });
  }, WATCH_INTERVAL_MS).unref();
}
