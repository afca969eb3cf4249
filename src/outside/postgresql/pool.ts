/**
 * Connections to PostgreSQL. Every wait is bounded: for a connection, a lock, a statement, and a host that has
 * vanished. So a request is answered within seconds, whatever happens to the database.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import { databaseError } from '#errors/database-error.ts';
import type { Log } from '../log.ts';
import { clientClass } from './client.ts';
import { probeServer } from './probe.ts';
import type { Servers } from './servers.ts';
import { sessionSettingsOf } from './session.ts';
import { makeTransactional } from './transactional.ts';

const SECOND = 1000;

/** For a free connection, or for a new one to be established. */
export const CONNECTION_WAIT_MS = 2.5 * SECOND;
/** TCP probes an idle connection after this, so that firewalls keep it and a dead one is found. */
const KEEP_ALIVE_DELAY_MS = 10 * SECOND;

/** After a connection has been in use for this long, the pool asks whether the host is still there. */
const SUSPICIOUS_MS = SECOND;
const WATCH_INTERVAL_MS = 250;

export type PoolSettings = {
  max: number;
  idleTimeoutMillis: number;
  /** In milliseconds; 0 waits forever, also for locks. A value in the URL takes precedence. */
  statementTimeout: number;
  /** Whether the connections lead to a pooler in transaction mode. */
  isPooled?: boolean;
};

export function createPool(servers: Servers, log: Log, settings: PoolSettings): pg.Pool {
  const session = sessionSettingsOf(servers.last().url, settings.statementTimeout);
  const sockets = new Map<pg.Client, Socket>();
  const isPooled = settings.isPooled === true;
  const pool = new pg.Pool({
    ...session.client,
    Client: clientClass({ servers, session, isPooled, sockets, onRefusedWrite: () => leave() }),
    application_name: 'latchkey',
    max: settings.max,
    idleTimeoutMillis: settings.idleTimeoutMillis,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  const leave = leaver(pool, sockets, log);
  let warnedAt = Number.NEGATIVE_INFINITY;
  // The next query replaces a broken idle connection. Without a listener, the event would end the process.
  pool.on('error', (error) => {
    if (performance.now() - warnedAt < SECOND) return;
    warnedAt = performance.now();
    log.warn({ reason: error.message }, 'lost a connection to the database');
  });
  if (settings.statementTimeout > 0) watchHost(pool, sockets, servers, log);
  return isPooled ? makeTransactional(pool) : pool;
}

/**
 * A primary that becomes a standby may keep its connections. When it refuses to write, they are left, so that the next
 * ones find the new primary: those that nobody uses at once, the others when what they are used for has ended. New ones
 * may lead to the same server, if there is no other yet, so this is repeated once a second at most.
 */
function leaver(pool: pg.Pool, sockets: ReadonlyMap<pg.Client, Socket>, log: Log): () => void {
  const inUse = new Set<pg.Client>();
  const idle = new Set<pg.Client>();
  const left = new WeakSet<pg.Client>();
  pool.on('acquire', (client) => {
    idle.delete(client);
    inUse.add(client);
  });
  pool.on('release', (_error, client) => {
    inUse.delete(client);
    idle.add(client);
    // The pool keeps no client that is ending.
    if (left.has(client)) void client.end();
  });
  pool.on('remove', (client) => idle.delete(client));
  let leftAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - leftAt < SECOND) return;
    leftAt = performance.now();
    log.warn({ connections: inUse.size + idle.size }, 'the database server refuses to write; closing its connections');
    for (const client of inUse) left.add(client);
    const reason = new Error('Connection terminated: the server does not write');
    for (const client of idle) sockets.get(client)?.destroy(reason);
  };
}

/**
 * A host that vanishes without closing its connections (a dead machine, a moved address, a NAT entry that is gone)
 * leaves requests waiting until TCP gives up, which takes minutes. When a connection has been in use for long, this
 * asks the server. If there is no answer, and no byte on any other connection in the meantime, it cuts all connections,
 * so that whatever waits on them fails now.
 */
function watchHost(pool: pg.Pool, sockets: ReadonlyMap<pg.Client, Socket>, servers: Servers, log: Log): void {
  const inUse = new Map<pg.PoolClient, number>();
  pool.on('acquire', (client) => inUse.set(client, performance.now()));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('remove', (client) => inUse.delete(client));
  let isAsking = false;

  async function ask(): Promise<void> {
    const received = [...sockets.values()].map((socket) => ({ socket, bytes: socket.bytesRead }));
    try {
      await probeServer(servers.last().url);
    } catch (error) {
      // An answer, although not the one we wanted.
      if (error instanceof Error && databaseError(error).sqlState !== undefined) return;
      if (received.some(({ socket, bytes }) => socket.bytesRead > bytes)) return;
      log.warn({ connections: received.length }, 'the database host does not respond; closing its connections');
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
