/**
 * An embedded database with our tables and nothing in them. `npm run build` makes it once, because making one takes
 * five seconds of processor time, and copying one a twentieth of a second. There is nothing of an installation in it:
 * no key, no secret, no account.
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
} from 'node:fs';
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
export function copyEmptyDatabase(to: string): boolean {
  const from = emptyDatabaseDirectory();
  if (!existsSync(join(from, 'PG_VERSION'))) return false;
  copyInto(from, to);
  return true;
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
