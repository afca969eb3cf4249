/**
 * Bundles src/ and the packages that it imports; see src/bundle.ts. Nothing is minified: a stack trace names functions,
 * the names of classes are those of types in the schema, and the log names the lines of src/ by the source map.
 */
import { chmodSync, existsSync, globSync, renameSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';
import { bundleDirectory, ENTRIES, hasSamePackages, notePackages, UNFINISHED } from '../src/bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'src/');

/** Packages that find files beside their code, or that few starts need and that are one large file already. */
const STAYS_OUTSIDE = [
  '@electric-sql/pglite',
  '@graphql-yoga/render-graphiql',
  '@node-rs/argon2',
  '@prisma/client/runtime/query_compiler',
  '@prisma/schema-engine-wasm',
  'argon2',
];

/**
 * Does nothing if it is there. Removes those of other sources and packages, and what was interrupted. Not by two
 * processes at once; see cache-lock.ts. Fails if the sources were changed meanwhile: they are not those in its name.
 */
export async function makeBundle(): Promise<void> {
  const directory = bundleDirectory();
  const isDone = existsSync(directory) && hasSamePackages(directory);
  const all = globSync(join(dirname(directory), 'bundle-*'));
  for (const path of all) if (path !== directory || !isDone) rmSync(path, { recursive: true });
  if (isDone) return;
  const { rolldown } = await import('rolldown');
  const packages = packagesOfEveryStart();
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(SOURCES, file)])),
    platform: 'node',
    external: (name) => STAYS_OUTSIDE.some((outside) => name.startsWith(outside)),
    plugins: [placesOfSources(directory), packages.plugin],
    // That a package uses `eval`.
    logLevel: 'silent',
  });
  const unfinished = `${directory}${UNFINISHED}`;
  await bundle.write({
    dir: unfinished,
    format: 'esm',
    keepNames: true,
    sourcemap: true,
    // V8 keeps the source, and takes two bytes for each character if one of them is not in Latin-1.
    charset: 'ascii',
    comments: false,
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    codeSplitting: { groups: [{ name: 'packages', test: packages.has }] },
  });
  await bundle.close();
  notePackages(unfinished, packages.files());
  // A map of all packages would be four times as large.
  rmSync(join(unfinished, 'packages.mjs.map'));
  // For the user who will be the service.
  for (const name of globSync('*', { cwd: unfinished })) chmodSync(join(unfinished, name), 0o644);
  chmodSync(unfinished, 0o755);
  if (bundleDirectory() !== directory) {
    rmSync(unfinished, { recursive: true });
    throw new Error('Someone changed the sources meanwhile');
  }
  renameSync(unfinished, directory);
}

/** Files of src/ find others by where they are themselves, and still do. */
function placesOfSources(directory: string): Plugin {
  const place = (file: string) => `new URL(${JSON.stringify(relative(directory, file))}, import.meta.url).href`;
  return {
    name: 'places of sources',
    transform: (code, file) =>
      file.startsWith(SOURCES) && code.includes('import.meta.url')
        ? // No line moves, so the map stays as it is.
          { code: code.replaceAll('import.meta.url', place(file)), map: null }
        : null,
  };
}

/** What every start loads of node_modules gets a file of its own: our code has a small source map then. */
function packagesOfEveryStart(): { plugin: Plugin; has: (file: string) => boolean; files: () => string[] } {
  const loaded = new Set<string>();
  let all: string[] = [];
  const isOfPackage = (file: string) => isAbsolute(file) && file.includes('/node_modules/');
  return {
    plugin: {
      name: 'packages of every start',
      buildEnd() {
        const visit = (file: string) => {
          if (loaded.has(file)) return;
          loaded.add(file);
          for (const imported of this.getModuleInfo(file)?.importedIds ?? []) visit(imported);
        };
        visit(join(SOURCES, ENTRIES.server));
        all = [...this.getModuleIds()].filter(isOfPackage);
      },
    },
    has: (file) => loaded.has(file) && isOfPackage(file),
    files: () => all,
  };
}
