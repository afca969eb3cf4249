/**
 * What someone meets who has cloned, run `npm ci`, and starts: everything is made once, and neither a second start at
 * the same moment nor an interrupted one spoils it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { copyCheckout } from '../support/checkout.ts';

const OURS = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((directory) => !directory.split(sep).includes('node_modules'))
  .join(delimiter);

/** Starts as `npm start` does, on a DATA_DIR of its own, until it is ready, and stops. @returns what it has said */
async function startOnce(root: string, dataDir = mkdtempSync(join(root, 'data-'))) {
  const child = spawn(process.execPath, ['--import', join(root, 'prisma/prepare.mjs'), join(root, 'src/main.ts')], {
    cwd: root,
    // As a process manager starts it: without the programs that npm has installed.
    env: { PATH, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { code: -1, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
    if (said.stdout.includes('"msg":"listening"')) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  [said.code] = await once(child, 'close');
  return said;
}

/** What is kept for later starts, without what Node compiled. */
const kept = (root: string) =>
  globSync('{bundle,database}-*', { cwd: join(root, 'node_modules/.cache/latchkey') }).sort();

const BUNDLE_AND_DATABASE = [expect.stringMatching(/^bundle-\w{16}$/), expect.stringMatching(/^database-\w{16}$/)];
const FINE = { code: 0, stderr: '', stdout: expect.stringContaining('Latchkey is ready') };

const evaluate = async (root: string, script: string) =>
  (await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root })).stdout.trim();

describe('in a clone', { timeout: 120_000 }, () => {
  const root = copyCheckout();
  const cache = join(root, 'node_modules/.cache/latchkey');
  afterAll(() => rmSync(root, { recursive: true }));

  test('of two first starts at once one makes everything, also after another was interrupted', async () => {
    for (const name of ['bundle-0123456789abcdef.unfinished', 'database-0123456789abcdef.unfinished-a1b2c3'])
      mkdirSync(join(cache, name), { recursive: true });
    expect(await Promise.all([startOnce(root), startOnce(root)])).toEqual([FINE, FINE]);
    expect(kept(root)).toEqual(BUNDLE_AND_DATABASE);
  });

  test('a later start makes nothing, and takes what there is', async () => {
    const [bundle = '', database = ''] = kept(root);
    appendFileSync(join(cache, bundle, 'server.mjs'), "\nprocess.stderr.write('the bundle')");
    writeFileSync(join(cache, database, 'mark'), '');
    const data = mkdtempSync(join(root, 'data-'));
    expect(await startOnce(root, data)).toEqual({ ...FINE, stderr: 'the bundle' });
    expect(existsSync(join(data, 'database/mark'))).toBe(true);
    expect(kept(root)).toEqual([bundle, database]);
  });

  test('with another version of PGlite, new databases begin as one that it has made', async () => {
    const [, before = ''] = kept(root);
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    writeFileSync(join(root, 'package.json'), manifest.replace(/("@electric-sql\/pglite": )"[^"]+"/, '$1"99.0.0"'));
    const data = mkdtempSync(join(root, 'data-'));
    // The bundle is one of other packages: the sources run.
    expect(await startOnce(root, data)).toEqual(FINE);
    expect(existsSync(join(data, 'database/mark'))).toBe(false);
    expect(kept(root)).toEqual(BUNDLE_AND_DATABASE);
    expect(kept(root)).not.toContain(before);
  });
});

test.each([
  ['a new migration', 'prisma/migrations/20990101000000_next/migration.sql', ''],
  ['another migration', 'prisma/migrations/20261121000000_init/migration.sql', '-- changed'],
  ['another version of the job queue', 'package.json', '"pg-boss": "99.0.0"'],
])('%s makes the empty database stale', async (_, file, change) => {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-stale-'));
  for (const path of ['package.json', 'prisma', 'src/outside/migrations/empty-database.ts'])
    cpSync(join(OURS, path), join(root, path), { recursive: true });
  const has = () =>
    evaluate(
      root,
      `const it = await import('./src/outside/migrations/empty-database.ts');
    console.log(it.hasEmptyDatabase())`,
    );
  const at = await evaluate(
    root,
    `const it = await import('./src/outside/migrations/empty-database.ts');
    console.log(it.emptyDatabaseDirectory())`,
  );
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'PG_VERSION'), '');
  expect(await has()).toBe('true');
  const path = join(root, file);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file === 'package.json' ? before.replace(/"pg-boss": "[^"]+"/, change) : `${before}${change}`);
  expect(await has()).toBe('false');
  rmSync(root, { recursive: true });
});
