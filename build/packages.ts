/** What npm has installed, and what of it a running service needs: read from the lock files that npm writes. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Package = {
  version?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  peer?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};
/** By path, such as `node_modules/jose`; the root is ''. */
export type Lock = { packages: Record<string, Package> };

/** What should be installed. */
export const LOCK = new URL('../package-lock.json', import.meta.url);
/** What npm installed last, written by npm itself. */
export const INSTALLED = new URL('../node_modules/.package-lock.json', import.meta.url);

/**
 * Needed to build only: they generate the database client and bundle the code. Without development packages, the build
 * removes them.
 */
const BUILD_ONLY = ['prisma', 'rolldown'];

/** null if the file does not exist, for example because another program than npm installed the packages. */
export function readLock(file: URL): Lock | null {
  return existsSync(fileURLToPath(file)) ? (JSON.parse(readFileSync(file, 'utf8')) as Lock) : null;
}

export function hasDevelopmentPackages(installed: Lock): boolean {
  return Object.values(installed.packages).some(({ dev }) => dev === true);
}

/**
 * The paths of the packages that a running service can load. `npm ci --omit=dev` installs more: packages that are for
 * development, but that something else names as an optional peer.
 */
export function runtimePackages({ packages }: Lock): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string, without: readonly string[] = []) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const name of namesOf(packages[path] ?? {})) {
      const found = without.includes(name) ? null : resolve(packages, path, name);
      if (found !== null) visit(found);
    }
  };
  visit('', BUILD_ONLY);
  reached.delete('');
  return reached;
}

function namesOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Package): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}

/** As Node finds a package: in the nearest `node_modules`, upwards. */
function resolve(packages: Lock['packages'], from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === '') return null;
  }
}
