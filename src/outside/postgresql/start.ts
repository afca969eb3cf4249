/**
 * Checks the server at DATABASE_URL when the service starts. It waits for a server that is still coming up. One that
 * Latchkey cannot work with is refused with one line, before anything is changed.
 */
import { setTimeout } from 'node:timers/promises';
import type { PostgresqlConfig } from '#config/database/database-settings.ts';
import { placeOf } from '#config/database/database-url.ts';
import { databaseError } from '#errors/database-error.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { isOutage } from '#errors/outage.ts';
import type { Log } from '../log.ts';
import { askServer, sharesSessions } from './probe.ts';
import { engineProblem, READ_FACTS, READ_VERSION, type ServerFacts, serverProblem } from './server-facts.ts';
import { createServers } from './servers.ts';
import { PoolerError } from './session.ts';

const PAUSE_MS = 250;
/** How often the log says that the start is still waiting. */
const REMINDER_MS = 10_000;

/** PostgreSQL at DATABASE_URL is unreachable or refuses the login. The message names the server, never the password. */
export class DatabaseUnreachableError extends OperatorError {
  constructor(url: string, cause: unknown) {
    const reasons = cause instanceof AggregateError ? cause.errors : [cause];
    const reason = reasons.map((it) => (it instanceof Error ? it.message : String(it))).join(', ');
    super(`PostgreSQL at ${placeOf(url)} is not available: ${reason}`, { cause });
  }
}

/** The server answers, but Latchkey cannot work with it. */
class DatabaseUnsuitableError extends OperatorError {
  constructor(url: string, problem: string) {
    super(`The database at ${placeOf(url)} cannot be used. ${problem}`);
  }
}

/**
 * Returns when the server can be used. Fails with DatabaseUnreachableError after DATABASE_WAIT, and at once if waiting
 * would not help, for example for a wrong password; with DatabaseUnsuitableError for another engine, another encoding,
 * or a read-only server.
 * @param onWaiting called when the server does not answer at once
 */
export async function awaitPostgresql(
  { url, directUrl, pooler, waitSeconds = 0 }: PostgresqlConfig,
  log: Log,
  onWaiting?: () => void,
): Promise<void> {
  const wait = createWait(waitSeconds * 1000);
  for (const each of new Set([url, directUrl ?? url])) {
    const isPooled = await awaitServer(each, wait, log, onWaiting);
    if (isPooled && (pooler !== 'transaction' || each !== url)) throw new PoolerError('shares sessions');
  }
}

/** Returns whether there is a pooler that shares sessions. */
async function awaitServer(
  url: string,
  wait: ReturnType<typeof createWait>,
  log: Log,
  onWaiting?: () => void,
): Promise<boolean> {
  const servers = createServers(url);
  for (;;) {
    try {
      const server = await servers.locate();
      const problem = serverProblem(await readFacts(server.url));
      if (problem === null) return await sharesSessions(server.url);
      throw new DatabaseUnsuitableError(url, problem);
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      if (!isTemporary(error) || wait.isOver()) throw new DatabaseUnreachableError(url, error);
      if (wait.isReminderDue()) {
        log.warn({ database: placeOf(url), reason: reasonOf(error) }, 'waiting for PostgreSQL to accept connections');
      }
      onWaiting?.();
      await setTimeout(PAUSE_MS);
    }
  }
}

async function readFacts(url: string): Promise<ServerFacts> {
  const { version } = await askServer<Pick<ServerFacts, 'version'>>(url, READ_VERSION);
  const problem = engineProblem(version);
  if (problem !== null) throw new DatabaseUnsuitableError(url, problem);
  return askServer<ServerFacts>(url, READ_FACTS);
}

/** Whether waiting may help, unlike with a wrong password, an unknown role or database, or a server without TLS. */
function isTemporary(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { sqlState } = databaseError(error);
  if (sqlState !== undefined) return isOutage(error) && !/^(?:28|3D)/.test(sqlState);
  // No Unix socket yet.
  return isOutage(error) || ('code' in error && error.code === 'ENOENT');
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no answer';
}

/** A limited wait with reminders. */
export function createWait(limitMs: number) {
  const startedAt = performance.now();
  let remindedAt = Number.NEGATIVE_INFINITY;
  return {
    isOver: () => performance.now() - startedAt >= limitMs,
    /** True at first, and then at regular intervals. */
    isReminderDue: () => {
      if (performance.now() - remindedAt < REMINDER_MS) return false;
      remindedAt = performance.now();
      return true;
    },
  };
}
