/**
 * An embedded database with our tables and nothing in them. The first start or `npm run build` makes it once, because
 * making one takes three seconds of processor time, and copying one a twentieth of a second. There is nothing of an
 * installation in it: no key, no secret, no account.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where it is kept: under the versions of PGlite, of the queue and of the migrations. */
export function emptyDatabaseDirectory(): string {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const versions = `${dependencies['@electric-sql/pglite']} ${dependencies['pg-boss']}`;
  const hash = createHash('sha256').update(versions);
  for (const path of globSync('prisma/migrations/*/migration.sql', { cwd: ROOT }).sort()) {
    hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  return join(ROOT, 'node_modules/.cache/latchkey', `database-${hash.digest('hex').slice(0, 16)}`);
}

export function hasEmptyDatabase(): boolean {
  return existsSync(join(emptyDatabaseDirectory(), 'PG_VERSION'));
}

/** Copies it into the directory, which exists and is empty. False if there is none; the directory is empty then. */
export function copyEmptyDatabase(to: string): boolean {
  if (!hasEmptyDatabase()) return false;
  try {
    copyInto(emptyDatabaseDirectory(), to);
    return true;
  } catch {
    // Where several checkouts share node_modules, another version may be making its own in place of this one.
    for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true });
    return false;
  }
}

/**
 * Without the permissions of the originals: those may be read-only, or readable for everyone. Synchronously: a thousand
 * small files take half as long again with promises.
 */
function copyInto(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target, { mode: 0o700 });
      copyInto(source, target);
    } else {
      copyFileSync(source, target, constants.COPYFILE_FICLONE);
      chmodSync(target, 0o600);
    }
  }
}
