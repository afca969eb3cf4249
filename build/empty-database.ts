/** Makes the empty database of which every new embedded one is a copy; see src/outside/migrations/empty-database.ts. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PgBoss } from 'pg-boss';
import { openDatabase } from '../src/outside/database.ts';
import { createLog } from '../src/outside/log.ts';
import { emptyDatabaseDirectory } from '../src/outside/migrations/empty-database.ts';
import { JOB_SCHEMA } from '../src/outside/migrations/migration-history.ts';
import { applyMigrations } from '../src/outside/migrations/migrations.ts';

/** Does nothing if it is there. */
export async function makeEmptyDatabase(): Promise<void> {
  const directory = emptyDatabaseDirectory();
  if (existsSync(join(directory, 'PG_VERSION'))) return;
  // Those of other versions.
  for (const path of globSync(join(dirname(directory), 'database-*'))) rmSync(path, { recursive: true });
  const unfinished = `${directory}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const log = createLog('warn');
  const database = await openDatabase({ kind: 'embedded', directory: join(unfinished, 'database') }, log);
  await applyMigrations(database, log);
  const boss = new PgBoss({ ...database.jobs, schema: JOB_SCHEMA, supervise: false, schedule: false });
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  await database.close();
  // For the user who will be the service. It has no secrets.
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  renameSync(join(unfinished, 'database'), directory);
  rmSync(unfinished, { recursive: true });
}
