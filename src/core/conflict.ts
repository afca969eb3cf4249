/**
 * Conflicts of transactions, and of single statements, which are transactions of their own. PostgreSQL, and even more
 * so the engines that resemble it, may end a transaction that did nothing wrong, because it and others waited for each
 * other or cannot be put in an order. Nothing of it was done, and its client is expected to run it again (PostgreSQL
 * documentation, section 13.5).
 */
import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils';
import { isConflict } from '#errors/database-error.ts';
import type { Database } from '#outside/database.ts';

const MAX_ATTEMPTS = 4;
/** Each pause has a random length, so that transactions that met do not meet again. */
const MAX_PAUSE_MS = 50;

/**
 * Runs a whole transaction. After a conflict, runs it again from the beginning, a few times at most. Not for a part of
 * a transaction: what came before it was rolled back as well.
 */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isConflict(error)) throw error;
      await setTimeout(randomInt(MAX_PAUSE_MS * attempt));
    }
  }
}

/** The same database, but its named statements are retried after a conflict: each is a transaction by itself. */
export function withRetriedStatements(database: Database): Database {
  return {
    ...database,
    query: (statement, values) => retryConflicts(() => database.query(statement, values)),
    rows: (statement, values) => retryConflicts(() => database.rows(statement, values)),
  };
}

/**
 * The same adapters for Prisma, but statements outside of transactions are retried after a conflict. A transaction has
 * to run again as a whole, which `inTransaction` takes care of.
 */
export function withRetriedQueries(
  adapters: SqlMigrationAwareDriverAdapterFactory,
): SqlMigrationAwareDriverAdapterFactory {
  return new Proxy(adapters, {
    get: (_, key) => {
      if (key !== 'connect') return bound(adapters, key);
      return async () => retried(await adapters.connect());
    },
  });
}

/** The methods of an adapter that run one statement. Those of a transaction are methods of another object. */
function retried(adapter: SqlDriverAdapter): SqlDriverAdapter {
  return new Proxy(adapter, {
    get: (_, key) => {
      if (key === 'queryRaw') return (query: SqlQuery) => retryConflicts(() => adapter.queryRaw(query));
      if (key === 'executeRaw') return (query: SqlQuery) => retryConflicts(() => adapter.executeRaw(query));
      return bound(adapter, key);
    },
  });
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
