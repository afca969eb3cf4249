/** The example in `examples/react`: it can be copied as it is, and is made like the rest. */
import { describe, expect, test } from 'vitest';
import { settingsFor } from '../../examples/service-settings.ts';
import { packageOf } from '../support/imports.ts';
import { blocksOf } from '../support/markdown.ts';
import { example, none, packed, read, resolveOwn } from '../support/source-files.ts';

const manifest = JSON.parse(read('examples/react/package.json'));
const declared: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };

describe('examples/react', () => {
  test('needs no package that is not installed for the tests, in the same version', () => {
    const { devDependencies } = JSON.parse(read('client/package.json'));
    const here = { ...packed.dependencies, ...packed.devDependencies, ...devDependencies };
    const others = Object.entries(declared).filter(([name]) => name !== '@latchkey/client');
    expect(others.filter(([name, version]) => here[name] !== version)).toEqual([]);
    expect(packed.workspaces).toEqual(['client']);
  });

  test('declares every package that it imports, and imports nothing from around it', () => {
    none(
      example.flatMap(({ path, imports }) =>
        imports.flatMap(({ specifier, isType }) => {
          const own = resolveOwn(path, specifier);
          if (own?.startsWith('examples/react/') === false) return [`${path} imports ${specifier}.`];
          const name = packageOf({ specifier, isType });
          return name === undefined || name in declared ? [] : [`${path} imports ${name}, which is not declared.`];
        }),
      ),
    );
  });

  test('the README shows how it is set up, as it is', () => {
    const [, code = ''] = /^\/\*\*.*\*\/\n([\s\S]+)$/.exec(read('examples/react/src/auth.ts')) ?? [];
    expect(code).toContain('createAuth');
    expect(blocksOf('README.md').map(({ text }) => text)).toContain(code);
  });

  test('its own README lists the settings that `npm run example` makes', () => {
    const settings = Object.entries(settingsFor('http://localhost:5173')).map(([name, value]) => `${name}=${value}\n`);
    expect(blocksOf('examples/react/README.md').map(({ text }) => text)).toContain(settings.join(''));
  });

  test('files are small, and nothing is exported as default, tool configuration aside', () => {
    none([
      ...example
        .filter(({ text }) => text.split('\n').length > 150)
        .map(({ path }) => `${path} is long for something to be copied.`),
      ...example
        .filter(({ path, code }) => !/(?:codegen|\.config)\.ts$/.test(path) && /\bexport\s+default\b/.test(code))
        .map(({ path }) => `${path} has a default export.`),
    ]);
  });
});
