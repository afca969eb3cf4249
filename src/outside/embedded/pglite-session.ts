/** What Prisma and the job queue need to work on PGlite. Needs no generated code: it is there before that is. */
import type { PGlite } from '@electric-sql/pglite';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { fromPglite } from 'pg-boss';
import type { SchemaSession } from '../postgresql/schema-session.ts';

/** Loaded when it is needed: with PostgreSQL, PGlite would cost a start time and memory for nothing. */
export async function pgliteAdapters(pglite: PGlite): Promise<SqlMigrationAwareDriverAdapterFactory> {
  const { PrismaPGlite } = await import('pglite-prisma-adapter');
  return new PrismaPGlite(pglite);
}

/** A schema session on PGlite, which no other process can use. */
export async function pgliteSchemaSession(pglite: PGlite, close: () => Promise<void>): Promise<SchemaSession> {
  return {
    adapters: await pgliteAdapters(pglite),
    runScript: async (script) => {
      await pglite.transaction((tx) => tx.exec(script));
    },
    jobs: { db: fromPglite(pglite), backend: 'pglite' },
    close,
  };
}
