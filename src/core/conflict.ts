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
/** Of different length, so that those that met do not meet again. */
const MAX_PAUSE_MS = 50;

/**
 * Runs a whole transaction, and after a conflict again from the beginning, a few times at most. Not for a part of a
 * transaction: what came before it was rolled back as well.
 */
export async function againAfterConflict<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isConflict(error)) throw error;
      await setTimeout(randomInt(MAX_PAUSE_MS * attempt));
    }
  }
}

/** The same database, whose named statements run again after a conflict: each is a transaction by itself. */
export function withRepeatedStatements(database: Database): Database {
  return {
    ...database,
    query: (statement, values) => againAfterConflict(() => database.query(statement, values)),
    rows: (statement, values) => againAfterConflict(() => database.rows(statement, values)),
  };
}

/**
 * What Prisma's statements run through, with those outside of transactions running again after a conflict. Of a
 * transaction, all of it has to run again, as `inTransaction` does.
 */
export function withRepeatedQueries(
  adapters: SqlMigrationAwareDriverAdapterFactory,
): SqlMigrationAwareDriverAdapterFactory {
  return new Proxy(adapters, {
    get: (_, key) => {
      if (key !== 'connect') return bound(adapters, key);
      return async () => repeated(await adapters.connect());
    },
  });
}

/** The methods of an adapter that run one statement. Those of a transaction are methods of another object. */
function repeated(adapter: SqlDriverAdapter): SqlDriverAdapter {
  return new Proxy(adapter, {
    get: (_, key) => {
      if (key === 'queryRaw') return (query: SqlQuery) => againAfterConflict(() => adapter.queryRaw(query));
      if (key === 'executeRaw') return (query: SqlQuery) => againAfterConflict(() => adapter.executeRaw(query));
      return bound(adapter, key);
    },
  });
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
