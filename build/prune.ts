/**
 * Removes from node_modules what a running service never loads. Only after `npm ci --omit=dev`: where packages for
 * development are installed, they are wanted.
 */
import { existsSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSTALLED, type Lock, runtimePackages } from './packages.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
/** A Node from npm. */
const NODE_PACKAGE = /^node_modules\/node-(bin-)?(linux|darwin)-/;
/**
 * Prisma brings two query compilers for each database that it knows; prisma/schema.prisma chooses the small one. Its
 * WebAssembly is in a file of the generated code.
 */
const OTHER_COMPILERS = /^query_compiler_(fast|.*\.(cockroachdb|mysql|sqlite|sqlserver)\.|.*\.wasm-base64\.)/;
/** What editors and debuggers read. */
const FOR_DEVELOPERS = /\.(map|d\.[cm]?ts)$/;

/** @param needsNode whether the service runs on the Node from npm, because the machine has none that is new enough */
export function prune(wanted: Lock, installed: Lock, needsNode: boolean): void {
  const needed = runtimePackages(wanted);
  const isKept = (path: string) => needed.has(path) && (needsNode || !NODE_PACKAGE.test(path));
  const paths = Object.keys(installed.packages).filter((path) => path.startsWith('node_modules/'));
  for (const path of paths.filter((path) => !isKept(path))) rmSync(join(ROOT, path), { recursive: true, force: true });
  for (const path of paths.filter((path) => NODE_PACKAGE.test(path) && isKept(path))) {
    // The headers are for compiling C++.
    for (const part of ['include', 'share']) rmSync(join(ROOT, path, part), { recursive: true, force: true });
  }
  const runtime = join(MODULES, '@prisma/client/runtime');
  for (const file of readdirSync(runtime).filter((name) => OTHER_COMPILERS.test(name))) rmSync(join(runtime, file));
  for (const path of readdirSync(MODULES, { recursive: true, encoding: 'utf8' })) {
    // What a build has made stays: PostgreSQL, too, has files that end in .map.
    const isOurs = path.startsWith('.cache');
    if (!isOurs && FOR_DEVELOPERS.test(path)) rmSync(join(MODULES, path), { recursive: true, force: true });
  }
  removeLeftovers();
  const packages = Object.fromEntries(Object.entries(installed.packages).filter(([path]) => isKept(path)));
  writeFileSync(INSTALLED, JSON.stringify({ ...installed, packages }, null, 2));
}

/** Commands of packages that are gone, and scopes without packages. */
function removeLeftovers(): void {
  const commands = join(MODULES, '.bin');
  for (const name of readdirSync(commands)) if (!existsSync(join(commands, name))) rmSync(join(commands, name));
  for (const name of readdirSync(MODULES).filter((name) => name.startsWith('@'))) {
    if (readdirSync(join(MODULES, name)).length === 0) rmdirSync(join(MODULES, name));
  }
}
