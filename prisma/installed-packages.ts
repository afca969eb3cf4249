/**
 * Stops with one sentence if node_modules does not match package-lock.json, as after a `git pull` without `npm ci`.
 * Otherwise the first module that is missing or too old fails with an error that says nothing about the cause.
 */
import { hasDevelopmentPackages, INSTALLED, LOCK, type Lock, readLock, runtimePackages } from '../build/packages.ts';

const [wanted, installed] = [readLock(LOCK), readLock(INSTALLED)];
const difference = wanted === null || installed === null ? null : firstDifference(wanted, installed);
if (difference !== null) {
  process.stderr.write(`The installed packages do not match package-lock.json: ${difference}. Run \`npm ci\`.\n`);
  process.exit(1);
}

function firstDifference(wanted: Lock, installed: Lock): string | null {
  // Without development packages (`--omit=dev`), only what a running service can load has to be there.
  const needed = hasDevelopmentPackages(installed) ? null : runtimePackages(wanted);
  for (const [path, { version, devOptional, optional, peer }] of Object.entries(wanted.packages)) {
    if (!path.startsWith('node_modules/')) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const found = installed.packages[path];
    // Packages for other platforms are never there.
    const mayBeMissing = optional || devOptional || peer || (needed !== null && !needed.has(path));
    if (found === undefined && !mayBeMissing) return `${name} is missing`;
    if (found !== undefined && found.version !== version) {
      return `${name} is ${found.version} instead of ${version}`;
    }
  }
  return null;
}
