/**
 * An embedded database with our tables and nothing in them. `npm run build` makes it once, because making one takes
 * five seconds of processor time, and copying one a twentieth of a second. There is nothing of an installation in it:
 * no key, no secret, no account.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where the build keeps it: under the versions of PGlite, of the queue and of the migrations. */
export function emptyDatabaseDirectory(): string {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const versions = `${dependencies['@electric-sql/pglite']} ${dependencies['pg-boss']}`;
  const hash = createHash('sha256').update(versions);
  for (const path of globSync('prisma/migrations/*/migration.sql', { cwd: ROOT }).sort()) {
    hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  return join(ROOT, 'node_modules/.cache/latchkey', `database-${hash.digest('hex').slice(0, 16)}`);
}

/** Copies it into the directory, which exists and is empty. False if no build has made one. */
export async function copyEmptyDatabase(to: string): Promise<boolean> {
  const from = emptyDatabaseDirectory();
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
