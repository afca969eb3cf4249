/** Wraps parts of the app so that what takes time gets a span. Without traces, nothing is wrapped. */
import type { SqlMigrationAwareDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils';
import type { Database } from '../database.ts';
import type { PasswordHasher } from '../passwords/password-hasher.ts';
import type { Tracing } from './tracing.ts';

/** With a span for each named statement; Prisma's are those of `tracedAdapters`. */
export function tracedDatabase(database: Database, tracing: Tracing): Database {
  const system = { 'db.system.name': 'postgresql' };
  return {
    ...database,
    query: (statement, values) => tracing.span(statement.name, () => database.query(statement, values), system),
    rows: (statement, values) => tracing.span(statement.name, () => database.rows(statement, values), system),
  };
}

export function tracedHasher(hasher: PasswordHasher, tracing: Tracing): PasswordHasher {
  return {
    ...hasher,
    hash: (password, turn) => tracing.span('hash password', () => hasher.hash(password, turn)),
    verify: (phc, password, turn) => tracing.span('compare password', () => hasher.verify(phc, password, turn)),
  };
}

/** With a span for each statement that Prisma runs, in and outside of transactions: `SELECT users`. */
export function tracedAdapters(
  adapters: SqlMigrationAwareDriverAdapterFactory,
  tracing: Tracing,
): SqlMigrationAwareDriverAdapterFactory {
  return traced(adapters, tracing);
}

/** The methods of an adapter that run a statement, and those that return another adapter. */
const STATEMENTS = ['queryRaw', 'executeRaw'];
const STARTERS = ['connect', 'startTransaction'];

function traced<T extends object>(target: T, tracing: Tracing): T {
  return new Proxy(target, {
    get: (_, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (STATEMENTS.includes(String(key))) {
        return (query: SqlQuery) =>
          tracing.span(nameOf(query.sql), () => value.call(target, query), { 'db.system.name': 'postgresql' });
      }
      if (STARTERS.includes(String(key))) {
        return async (...given: unknown[]) => traced(await value.apply(target, given), tracing);
      }
      return value.bind(target);
    },
  });
}

/** The verb and the first table of a statement. Values are parameters, so it holds none. */
function nameOf(sql: string): string {
  const [, verb = 'statement'] = /\b(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.exec(sql) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+(?:"?public"?\.)?"?([a-z_]{1,60})\b/i.exec(sql) ?? [];
  return table === undefined ? verb.toUpperCase() : `${verb.toUpperCase()} ${table}`;
}
