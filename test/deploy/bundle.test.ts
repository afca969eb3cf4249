/**
 * The bundle that the first start or `npm run build` makes: what it answers, where its stacks lead, and that a stale
 * one never runs.
 */
import { execFile, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  introspectionFromSchema,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inSources } from '../../src/outside/source-places.ts';
import { copyCheckout } from '../support/checkout.ts';
import { dataDirectory, startService } from '../support/process.ts';

const OURS = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
/** schema.graphql breaks their lines. */
const WITHOUT_TEXTS = { descriptions: false };

function emptyCheckout() {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-bundle-'));
  mkdirSync(join(root, 'node_modules'));
  for (const file of ['package.json', 'package-lock.json', 'build', 'prisma'])
    cpSync(join(OURS, file), join(root, file), { recursive: true });
  copyFileSync(join(OURS, 'node_modules/.package-lock.json'), join(root, 'node_modules/.package-lock.json'));
  return root;
}

/** Of this checkout. */
const evaluate = async (root: string, script: string) =>
  (await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root })).stdout.trim();

describe('of this code', () => {
  let root: string;
  let bundle: string;
  beforeAll(async () => {
    root = copyCheckout();
    cpSync(join(OURS, 'src/generated'), join(root, 'src/generated'), { recursive: true });
    await evaluate(root, "await (await import('./build/bundle.ts')).makeBundle()");
    [bundle = ''] = globSync(join(root, 'node_modules/.cache/latchkey/bundle-*'));
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true }));

  test('the service and its commands answer as from the sources', async () => {
    // So it is the bundle that answers.
    writeFileSync(join(root, 'src/server.ts'), 'process.exit(1);');
    writeFileSync(join(root, 'src/cli/process.ts'), 'process.exit(1);');
    const at = await evaluate(root, "console.log((await import('./src/bundle.ts')).bundleDirectory())");
    cpSync(bundle, at, { recursive: true });
    const data = await dataDirectory('migrated');
    const service = await startService({ DATA_DIR: data.path }, join(root, 'src/main.ts'));
    try {
      const response = await service.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: getIntrospectionQuery(WITHOUT_TEXTS) }),
      });
      const { data } = await response.json();
      const sorted = (schema: Parameters<typeof printSchema>[0]) => printSchema(lexicographicSortSchema(schema));
      const written = buildSchema(readFileSync(join(OURS, 'schema.graphql'), 'utf8'));
      const expected = buildClientSchema(introspectionFromSchema(written, WITHOUT_TEXTS));
      expect(sorted(buildClientSchema(data))).toBe(sorted(expected));
      const login = {
        query: 'mutation { login(input: { identifier: "a@example.com", password: "b" }) { __typename } }',
      };
      const answer = await service.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(login),
      });
      expect(await answer.json()).toEqual({ data: { login: { __typename: 'InvalidCredentialsError' } } });
      for (const page of ['/graphql', '/docs', '/openapi.json', '/dev/mailbox', '/.well-known/jwks.json'])
        expect([page, (await service.fetch(page, { headers: { accept: 'text/html, */*' } })).status]).toEqual([
          page,
          200,
        ]);
    } finally {
      expect((await service.stop()).code).toBe(0);
      await data.drop();
    }
    const { stdout } = await run(process.execPath, [join(root, 'src/cli.ts'), 'help'], { cwd: root });
    expect(stdout).toContain('latchkey');
  }, 90_000);

  test('has nothing that would take twice the memory: characters outside of Latin-1, WebAssembly as text', () => {
    const files = globSync(join(bundle, '*.mjs')).map((file) => readFileSync(file, 'utf8'));
    expect(files.flatMap((code) => code.match(/.{0,40}[^\0-\xff].{0,40}/g) ?? [])).toEqual([]);
    expect(files.filter((code) => code.includes('wasm-base64'))).toEqual([]);
  });

  test('a stack that is logged names the lines of src/', () => {
    const file = join(bundle, 'server.mjs');
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = lines.findIndex((each) => each.includes('"not stopped within SHUTDOWN_TIMEOUT'));
    const column = (lines[line] ?? '').indexOf('log.error') + 1;
    const stack = `Error: x\n    at drain (${pathToFileURL(file)}:${line + 1}:${column})\n    at node:net:1:2`;
    const [, at = ''] = inSources(stack).split('\n');
    const [, source = '', number] = /\((file:.*\.ts):(\d+):\d+\)/.exec(at) ?? [];
    expect(source).toMatch(/\/src\/server\.ts$/);
    const ours = readFileSync(join(OURS, 'src/server.ts'), 'utf8').split('\n')[Number(number) - 1];
    expect(ours).toContain('not stopped within SHUTDOWN_TIMEOUT');
  });
});

describe('of other code', () => {
  const PACKAGE_FILE = 'node_modules/jose/index.js';
  /** A checkout in which sources and bundle only say what they are. */
  function checkout() {
    const root = emptyCheckout();
    mkdirSync(join(root, 'src/generated'), { recursive: true });
    for (const file of ['main.ts', 'cli.ts', 'bundle.ts'])
      copyFileSync(join(OURS, 'src', file), join(root, 'src', file));
    writeFileSync(join(root, 'src/generated/origin.txt'), 'a schema');
    mkdirSync(join(root, 'node_modules/jose'));
    writeFileSync(join(root, PACKAGE_FILE), 'true');
    for (const file of ['server.ts', 'cli/process.ts']) {
      mkdirSync(join(root, 'src/cli'), { recursive: true });
      writeFileSync(join(root, 'src', file), "process.stdout.write('sources');");
    }
    const start = (file = 'main.ts') =>
      spawnSync(process.execPath, [join(root, 'src', file)], { encoding: 'utf8' }).stdout;
    return { root, start };
  }

  async function bundledCheckout() {
    const { root, start } = checkout();
    const at = await evaluate(root, "console.log((await import('./src/bundle.ts')).bundleDirectory())");
    mkdirSync(at, { recursive: true });
    for (const name of ['server', 'commands'])
      writeFileSync(join(at, `${name}.mjs`), "process.stdout.write('bundle');");
    await evaluate(root, `(await import('./src/bundle.ts')).notePackages('${at}', ['${join(root, PACKAGE_FILE)}'])`);
    expect([start(), start('cli.ts')]).toEqual(['bundle', 'bundle']);
    return { root, start };
  }

  test('without a bundle, the sources run', () => {
    const { root, start } = checkout();
    expect([start(), start('cli.ts')]).toEqual(['sources', 'sources']);
    rmSync(root, { recursive: true });
  });

  test.each([
    ['a line of the code', 'src/cli/process.ts'],
    ['the data model', 'src/generated/origin.txt'],
    ['a package', 'package-lock.json'],
    ['what is bundled, and how', 'build/bundle.ts'],
  ])('after a change of %s, the sources run', async (_, file) => {
    const { root, start } = await bundledCheckout();
    const before = readFileSync(join(root, file));
    appendFileSync(join(root, file), '\n');
    expect([start(), start('cli.ts')]).toEqual(['sources', 'sources']);
    writeFileSync(join(root, file), before);
    expect(start()).toBe('bundle');
    rmSync(root, { recursive: true });
  });

  test.each([
    ['are gone', (file: string) => rmSync(file)],
    ['are empty', (file: string) => writeFileSync(file, '')],
  ])('where the notes of a bundle %s, the sources run, and a build makes another', async (_, spoil) => {
    const { root, start } = await bundledCheckout();
    for (const file of globSync(join(root, 'node_modules/.cache/latchkey/bundle-*/packages.json'))) spoil(file);
    expect([start(), start('cli.ts')]).toEqual(['sources', 'sources']);
    // It would, but there is no rolldown.
    await expect(evaluate(root, "await (await import('./build/bundle.ts')).makeBundle()")).rejects.toThrow(/rolldown/);
    rmSync(root, { recursive: true });
  });

  test('nothing is kept of sources that were changed while they were bundled', async () => {
    const { root } = checkout();
    const rolldown = join(root, 'node_modules/rolldown');
    mkdirSync(rolldown);
    writeFileSync(join(rolldown, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    // Writes what it has read, and someone checks out another version in between.
    writeFileSync(
      join(rolldown, 'index.js'),
      `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
      const write = async ({ dir }) => {
        mkdirSync(dir, { recursive: true });
        writeFileSync(dir + '/packages.mjs.map', '');
        appendFileSync(${JSON.stringify(join(root, 'src/server.ts'))}, '// changed');
      };
      export const rolldown = async () => ({ write, close: async () => {} });`,
    );
    const made = evaluate(root, "await (await import('./build/bundle.ts')).makeBundle()");
    await expect(made).rejects.toThrow('changed the sources');
    expect(globSync(join(root, 'node_modules/.cache/latchkey/*'))).toEqual([]);
    rmSync(root, { recursive: true });
  });

  test('after a file has come or gone, and where npm has not installed the packages, the sources run', async () => {
    const { root, start } = await bundledCheckout();
    writeFileSync(join(root, 'src/new.ts'), '');
    expect(start()).toBe('sources');
    rmSync(join(root, 'src/new.ts'));
    expect(start()).toBe('bundle');
    rmSync(join(root, 'node_modules/.package-lock.json'));
    expect(start()).toBe('sources');
    rmSync(root, { recursive: true });
  });

  test('where node_modules is that of another checkout, the sources run', async () => {
    const { root, start } = await bundledCheckout();
    const shared = `${root}-shared`;
    renameSync(join(root, 'node_modules'), shared);
    symlinkSync(shared, join(root, 'node_modules'));
    expect([start(), start('cli.ts')]).toEqual(['sources', 'sources']);
    rmSync(root, { recursive: true });
    rmSync(shared, { recursive: true });
  });

  test('after a package was edited by hand, the sources run; a copy of it with other times is the same', async () => {
    const { root, start } = await bundledCheckout();
    const file = join(root, PACKAGE_FILE);
    // As long as before.
    writeFileSync(file, 'null');
    expect([start(), start('cli.ts')]).toEqual(['sources', 'sources']);
    writeFileSync(file, 'true');
    utimesSync(file, new Date('2001-01-01'), new Date('2001-01-01'));
    expect(start()).toBe('bundle');
    // A build that finds it made does nothing, and here it could not: there is no rolldown.
    await evaluate(root, "await (await import('./build/bundle.ts')).makeBundle()");
    writeFileSync(file, 'false');
    expect(start()).toBe('sources');
    await expect(evaluate(root, "await (await import('./build/bundle.ts')).makeBundle()")).rejects.toThrow(/rolldown/);
    writeFileSync(file, 'true');
    expect(start()).toBe('sources');
    rmSync(root, { recursive: true });
  });
});
