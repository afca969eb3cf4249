/**
 * Stops with one sentence if node_modules does not match package-lock.json, as after a `git pull` without `npm ci`.
 * Otherwise the first module that is missing or too old fails with an error that says nothing about the cause.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Package = { version?: string; dev?: boolean; devOptional?: boolean; optional?: boolean; peer?: boolean };
type Lock = { packages: Record<string, Package> };

const LOCK = new URL('../package-lock.json', import.meta.url);
/** What npm installed last, written by npm itself. */
const INSTALLED = new URL('../node_modules/.package-lock.json', import.meta.url);

const difference = [LOCK, INSTALLED].every((file) => existsSync(fileURLToPath(file)))
  ? firstDifference(read(LOCK), read(INSTALLED))
  : null;
if (difference !== null) {
  process.stderr.write(`The installed packages do not match package-lock.json: ${difference}. Run \`npm ci\`.\n`);
  process.exit(1);
}

function firstDifference(wanted: Lock, installed: Lock): string | null {
  const hasDevelopment = Object.values(installed.packages).some(({ dev }) => dev === true);
  for (const [path, { version, dev, devOptional, optional, peer }] of Object.entries(wanted.packages)) {
    if (!path.startsWith('node_modules/')) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const found = installed.packages[path];
    // Packages for other platforms are never there, and without development packages (`--omit=dev`) the rest runs.
    const mayBeMissing = optional || devOptional || peer || (dev === true && !hasDevelopment);
    if (found === undefined && !mayBeMissing) return `${name} is missing`;
    if (found !== undefined && found.version !== version) {
      return `${name} is ${found.version} instead of ${version}`;
    }
  }
  return null;
}

function read(file: URL): Lock {
  return JSON.parse(readFileSync(file, 'utf8')) as Lock;
}
