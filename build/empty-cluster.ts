/** Makes the empty cluster of which every new embedded database is a copy; see src/outside/empty-cluster.ts. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbedded } from '../src/outside/embedded-database.ts';
import { emptyClusterDirectory } from '../src/outside/empty-cluster.ts';

/** Does nothing if it is there. */
export async function makeEmptyCluster(): Promise<void> {
  const directory = emptyClusterDirectory();
  if (existsSync(join(directory, 'PG_VERSION'))) return;
  const unfinished = `${directory}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const { close } = await openEmbedded(join(unfinished, 'cluster'));
  await close();
  // For the user who will be the service, and without secrets.
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  renameSync(join(unfinished, 'cluster'), directory);
  rmSync(unfinished, { recursive: true });
}
