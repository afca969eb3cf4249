/**
 * An empty cluster of the embedded database, as `initdb` leaves it. `npm run build` makes it once, because making one
 * takes four seconds of processor time, and copying one a twentieth of a second. There is nothing of an installation in
 * it: no table of ours, no key, no secret.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the build keeps it: under the version of PGlite, because each may make another one. */
export function emptyClusterDirectory(): string {
  const { dependencies } = JSON.parse(readFileSync(fromHere('../../package.json'), 'utf8'));
  return join(fromHere('../../node_modules/.cache/latchkey'), `cluster-${dependencies['@electric-sql/pglite']}`);
}

/** Copies it into the directory, which exists and is empty. False if no build has made one. */
export async function copyEmptyCluster(to: string): Promise<boolean> {
  const from = emptyClusterDirectory();
  if (!existsSync(join(from, 'PG_VERSION'))) return false;
  await copyInto(from, to);
  return true;
}

/** Without the permissions of the originals: those may be read-only, or readable for everyone. */
async function copyInto(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) {
        await mkdir(target, { mode: 0o700 });
        await copyInto(source, target);
      } else {
        await writeFile(target, await readFile(source), { mode: 0o600 });
      }
    }),
  );
}
