/**
 * Outages of what the service depends on, mostly of the database: unreachable, overloaded, read-only, full, or locked.
 * Callers can only wait, so every face answers with 503 and `Retry-After` (RFC 9110 section 15.6.4), never with an
 * internal error.
 */
import { databaseError } from './database-error.ts';

/** Connections that fail, and names that cannot be looked up. */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Prisma: no connection to the database (P1001, P1002, P1017), or a query, the wait for a connection, or a transaction
 * that took too long (P1008, P2024, P2028). P2034 is a deadlock or a conflict of transactions.
 */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034']);

/**
 * SQLSTATE (PostgreSQL documentation, appendix A): connection errors (class 08), a refused login (28) or an unknown
 * database (3D), a read-only server (25006), an idle transaction that was ended (25P03), a rollback because of a
 * conflict or deadlock (40001, 40P01), no disk space, memory, or connections left (53), a lock that is not available
 * (55P03), an operator's intervention such as a shutdown or a statement that was canceled (57), a system error (58).
 */
const SQL_STATES = /^(?:08|28|3D|25006|25P03|40001|40P01|53|55P03|57|58)/;

/** Errors of the driver and its pool that have no code. */
const DRIVER_MESSAGES = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'No server accepts writes',
  'Every server that answers is read-only',
  'The connection pooler at DATABASE_URL',
];

/** What the adapter between Prisma and the driver calls these errors. */
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'AuthenticationFailed',
  'DatabaseDoesNotExist',
  'TransactionAlreadyClosed',
  'TransactionWriteConflict',
]);

const MAX_CAUSES = 5;

/** Whether an error, or one that it wraps, means that something the service depends on is unavailable. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_CAUSES) return false;
  const { sqlState, kind } = databaseError(error);
  if (SQL_STATES.test(sqlState ?? '') || ADAPTER_KINDS.has(kind ?? '')) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (SYSTEM_CODES.has(code) || PRISMA_CODES.has(code)) return true;
  if (DRIVER_MESSAGES.some((message) => error.message.startsWith(message))) return true;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return inner.some((each) => isOutage(each, depth + 1));
}

/** Where errors are logged. */
export type FaultLog = { error: (fields: object, message: string) => void };

/** For each log, when an outage was last reported, and how many errors have been suppressed since. */
const reports = new WeakMap<FaultLog, { at: number; suppressed: number }>();
const QUIET_MS = 1000;

/**
 * Logs an error that nobody expected. During an outage every request fails in the same way, so the log then gets one
 * line a second, without a stack, with the number of errors it stands for.
 */
export function logFault(log: FaultLog, error: unknown, fields: Record<string, unknown>, message: string): void {
  if (!isOutage(error)) {
    log.error({ err: error, ...fields }, message);
    return;
  }
  const now = performance.now();
  const last = reports.get(log) ?? { at: Number.NEGATIVE_INFINITY, suppressed: 0 };
  const errors = last.suppressed + 1;
  if (now - last.at < QUIET_MS) {
    reports.set(log, { ...last, suppressed: errors });
    return;
  }
  reports.set(log, { at: now, suppressed: 0 });
  // A code or the name of an error, never its message: messages of the database quote data.
  log.error({ reason: reasonOf(error), errors }, 'database outage');
}

/** The innermost code: the one of PostgreSQL or the operating system, rather than that of a library around it. */
function reasonOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > MAX_CAUSES) return 'unknown';
  const { sqlState, kind } = databaseError(error);
  if (sqlState !== undefined) return sqlState;
  const [inner] = error instanceof AggregateError ? error.errors : [error.cause];
  if (isOutage(inner)) return reasonOf(inner, depth + 1);
  if (kind !== undefined) return kind;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return DRIVER_MESSAGES.find((message) => error.message.startsWith(message)) ?? error.name;
}
