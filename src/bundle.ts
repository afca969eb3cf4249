/**
 * The bundle that `npm run build` makes: src/ and the packages that it imports, in a few files. Node looks for each of
 * 1,600 modules in several folders, reads it, and links it, which is half of a start.
 *
 * A bundle is found under the content of what it was made from, so one of other sources never runs.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What can be started, and the file of src/ that starts it. */
export const ENTRIES = { server: 'server.ts', commands: 'cli/process.ts' };

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/latchkey');
/** Written by npm: without it, nobody knows whether the packages are those of package-lock.json. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');

/** Where the file is that starts this; null if no build has made it from what is here now. */
export function bundled(entry: keyof typeof ENTRIES): string | null {
  // Reading all sources is a twentieth of a start.
  if (bundles().length === 0 || !existsSync(INSTALLED)) return null;
  const file = join(bundleDirectory(), `${entry}.mjs`);
  return existsSync(file) ? pathToFileURL(file).href : null;
}

/** The directories of all bundles, whatever they were made from. */
export function bundles(): string[] {
  if (!existsSync(CACHE)) return [];
  return readdirSync(CACHE)
    .filter((name) => name.startsWith('bundle-'))
    .map((name) => join(CACHE, name));
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
