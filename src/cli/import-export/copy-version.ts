/** What two databases must have in common for the rows of one to fit into the other. */
import type { Database } from '#outside/database.ts';
import { readMigrationState } from '#outside/migrations/migration-history.ts';
import packed from '../../../package.json' with { type: 'json' };

export type CopyVersion = { version: string; migrations: string[] };

export async function copyVersion(database: Database): Promise<CopyVersion> {
  const { known } = await readMigrationState(database);
  return { version: packed.version, migrations: known };
}
