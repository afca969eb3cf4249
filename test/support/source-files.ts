/** The files of the repository as the architecture tests see them, and how these tests fail. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Source, scan } from './imports.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
export const packed = JSON.parse(read('package.json'));

export type File = Source & { path: string; text: string };

const filesOf = (globs: string[]): readonly File[] =>
  globSync(globs, { cwd: ROOT })
    .filter((path) => !/\/(?:generated|node_modules)\//.test(path))
    .sort()
    .map((path) => ({ path, text: read(path), ...scan(read(path)) }));

export const files = filesOf([
  'src/**/*.ts',
  'test/**/*.ts',
  'prisma/**/*.ts',
  'build/*.ts',
  'examples/*.ts',
  'codegen.ts',
]);
/** The package for front ends, which runs elsewhere. */
export const client = filesOf(['client/*.ts', 'client/src/**/*.ts', 'client/test/**/*.ts']);
/** The example, which is made to be copied out of here. */
export const example = filesOf(['examples/react/*.ts', 'examples/react/src/**/*.{ts,tsx}']);
export const src = files.filter(({ path }) => path.startsWith('src/'));

/** The path of our own file that `specifier` means; undefined for a package. */
export function resolveOwn(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  if (specifier.startsWith('.')) return posix.join(dirname(from), specifier);
  return undefined;
}

/** Fails with the sentences, if there are any. */
export function none(sentences: readonly string[]): void {
  if (sentences.length > 0) expect.fail(sentences.join('\n'));
}
