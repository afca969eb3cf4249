/**
 * Makes the empty database of which every new embedded one is a copy; see src/outside/migrations/empty-database.ts.
 * Needs no generated code, so that it can be made while that is generated.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PgBoss } from 'pg-boss';
import { pgliteSchemaSession } from '../src/outside/embedded/pglite-session.ts';
import { createLog } from '../src/outside/log.ts';
import { emptyDatabaseDirectory, hasEmptyDatabase } from '../src/outside/migrations/empty-database.ts';
import { JOB_SCHEMA } from '../src/outside/migrations/migration-history.ts';
import { applyMigrations } from '../src/outside/migrations/migrations.ts';

/** Does nothing if it is there. Not by two processes at once; see cache-lock.ts. */
export async function makeEmptyDatabase(): Promise<void> {
  if (hasEmptyDatabase()) return;
  const directory = emptyDatabaseDirectory();
  // Those of other versions, and what was interrupted.
  for (const path of globSync(join(dirname(directory), 'database-*'))) remove(path);
  mkdirSync(dirname(directory), { recursive: true });
  // Of its own: a process whose parent was killed may still be at work.
  const unfinished = mkdtempSync(`${directory}.unfinished-`);
  await fill(unfinished);
  // For the user who will be the service. It has no secrets.
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  renameSync(unfinished, directory);
}

/** Renames it first: a start that is copying it then fails at the next file, and misses none without noticing. */
function remove(path: string): void {
  const removed = `${path}.removed-${randomUUID()}`;
  renameSync(path, removed);
  rmSync(removed, { recursive: true });
}

async function fill(directory: string): Promise<void> {
  const { PGlite } = await import('@electric-sql/pglite');
  const pglite = await PGlite.create({ dataDir: directory });
  // As the service has it: the tables say nothing of a time zone, but defaults of columns are computed in it.
  await pglite.exec("SET TIME ZONE 'UTC'");
  const session = await pgliteSchemaSession(pglite, async () => {});
  const query = async <Row extends object>({ text }: { text: string }, values: readonly unknown[]) =>
    (await pglite.query<Row>(text, [...values])).rows;
  await applyMigrations({ kind: 'embedded', query, openSchemaSession: async () => session }, createLog('warn'));
  const boss = new PgBoss({ ...session.jobs, schema: JOB_SCHEMA, supervise: false, schedule: false });
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  await pglite.close();
}
