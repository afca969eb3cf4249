/**
 * The bundle that the first start or `npm run build` makes: src/ and the packages that it imports, in a few files. Node
 * looks for each of 1,600 modules in several folders, reads it, and links it, which is half of a start.
 *
 * A bundle is found under the content of what it was made from, so one of other sources never runs. Neither does one of
 * packages that were edited since.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What can be started, and the file of src/ that starts it. */
export const ENTRIES = { server: 'server.ts', commands: 'cli/process.ts' };

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/latchkey');
/** Written by npm: without it, nobody knows whether the packages are those of package-lock.json. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
/** The end of the name of a bundle that is being made. */
export const UNFINISHED = '.unfinished';
/** In a bundle: the files of packages that it was made from. */
const PACKAGES = 'packages.json';

/** A file of a package: its path from here, and what shows that it is the same, the quick way and the sure way. */
type PackageFile = { path: string; size: number; time: number; digest: string };

/** Where the file is that starts this; null if there is none that was made from what is here now. */
export function bundled(entry: keyof typeof ENTRIES): string | null {
  // Reading all sources is a twentieth of a start.
  if (bundles().length === 0 || !existsSync(INSTALLED)) return null;
  const directory = bundleDirectory();
  const file = join(directory, `${entry}.mjs`);
  return existsSync(file) && hasSamePackages(directory) ? pathToFileURL(file).href : null;
}

/** Whether none was ever made of these packages, so that making one is worth its time. */
export function isWithoutBundle(): boolean {
  return bundles().length === 0 && existsSync(INSTALLED) && !isShared();
}

/** The directories of all bundles, whatever they were made from. None if node_modules is that of another checkout. */
function bundles(): string[] {
  if (!existsSync(CACHE) || isShared()) return [];
  return readdirSync(CACHE)
    .filter((name) => name.startsWith('bundle-') && !name.endsWith(UNFINISHED))
    .map((name) => join(CACHE, name));
}

/** A bundle finds the migrations and other files by where it is, so those of another checkout. */
function isShared(): boolean {
  const modules = join(ROOT, 'node_modules');
  return realpathSync(modules) !== join(realpathSync(ROOT), 'node_modules');
}

/** Where a build keeps the bundle of what is here now. */
export function bundleDirectory(): string {
  const hash = createHash('sha256');
  for (const path of sources()) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return join(CACHE, `bundle-${hash.digest('hex').slice(0, 16)}`);
}

/**
 * The versions of the packages, and our code. What is generated from the data model stands in for itself by its origin,
 * which every command checks; see prisma/generate.ts.
 */
function sources(): string[] {
  const own = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('generated'))
    .map((path) => join('src', path))
    .sort();
  return ['package.json', 'package-lock.json', 'build/bundle.ts', 'src/generated/origin.txt', ...own];
}

/** Notes what the files of packages are while a bundle is made of them. */
export function notePackages(directory: string, files: readonly string[]): void {
  const notes = files.map((file): PackageFile => {
    const { size, mtimeMs: time } = statSync(file);
    return { path: relative(ROOT, file), size, time, digest: digestOf(file) };
  });
  writeFileSync(join(directory, PACKAGES), JSON.stringify(notes));
}

/**
 * Whether nobody has edited a package since, to look for a fault or with patch-package. A copy of node_modules has
 * other times, so then the content counts. Not if the notes cannot be read: a bundle whose files were lost, in a power
 * failure or because a build is replacing it at this moment, does not keep the service from starting.
 */
export function hasSamePackages(directory: string): boolean {
  return (
    readNotes(directory)?.every(({ path, size, time, digest }) => {
      const file = join(ROOT, path);
      const found = statSync(file, { throwIfNoEntry: false });
      return found?.size === size && (found.mtimeMs === time || digestOf(file) === digest);
    }) ?? false
  );
}

function readNotes(directory: string): PackageFile[] | null {
  try {
    return JSON.parse(readFileSync(join(directory, PACKAGES), 'utf8'));
  } catch {
    return null;
  }
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('base64url');
}
