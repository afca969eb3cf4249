/** The package in `client/`: it brings nothing along, stays small, and is made like the rest. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../client/test/support/bundle.ts';
import { packageOf } from '../support/imports.ts';
import { client, none, packed, read } from '../support/source-files.ts';

const manifest = JSON.parse(read('client/package.json'));
const peers: Record<string, string> = manifest.peerDependencies;
const sources = client.filter(({ path }) => path.startsWith('client/src/'));

describe('@latchkey/client', () => {
  test('depends on nothing, and asks for no package that is not optional', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(Object.keys(peers));
    expect(Object.values(manifest.peerDependenciesMeta)).toEqual(Object.keys(peers).map(() => ({ optional: true })));
    expect(manifest.version).toBe(packed.version);
  });

  test('imports its own files and, in an adapter only, the packages it is an adapter for', () => {
    const allowed: Record<string, RegExp> = {
      'client/src/apollo.ts': /^(@apollo\/client|rxjs)$/,
      'client/src/urql.ts': /^@urql\/(core|exchange-auth)$/,
      'client/src/react.ts': /^react$/,
      'client/src/verifier.ts': /^jose$/,
    };
    none(
      sources.flatMap(({ path, imports }) =>
        imports
          .filter(({ specifier }) => !specifier.startsWith('.') && !allowed[path]?.test(specifier))
          .map(({ specifier }) => `${path} imports ${specifier}.`),
      ),
    );
    const used = new Set(sources.flatMap(({ imports }) => imports.map(({ specifier }) => specifier)));
    expect(Object.keys(peers).filter((name) => !used.has(name))).toEqual([]);
  });

  test('every package it and its tests import is declared here or in the package of the service', () => {
    const declared = { ...peers, ...manifest.devDependencies, ...packed.dependencies, ...packed.devDependencies };
    none(
      client.flatMap(({ path, imports }) =>
        imports
          .map((each) => packageOf(each))
          .filter((name) => name !== undefined && !(name in declared))
          .map((name) => `${path} imports ${name}, which no package.json names.`),
      ),
    );
  });

  test.each([
    ['index', 6_000],
    ['apollo', 2_000],
    ['urql', 2_000],
    ['react', 2_000],
    ['verify', 2_000],
  ])('%s is smaller than %i bytes after gzip', async (name, limit) => {
    expect(manifest.exports).toHaveProperty([name === 'index' ? '.' : `./${name}`], `./dist/${name}.js`);
    const code = await bundle(`src/${name}.ts`, Object.keys(peers));
    expect(gzipSync(code).length).toBeLessThan(limit);
  });
});
