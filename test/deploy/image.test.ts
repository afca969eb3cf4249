/**
 * What a machine gets in production: the steps of deploy/Dockerfile, run as plain commands, and the service started as
 * a user who can write nothing but DATA_DIR. It installs everything once more, which takes as long as a quarter of all
 * other tests, so it runs with `npm run test:image` only. Needs the registry of npm; without it, it says so and is
 * skipped.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Image, runDockerfile } from '../support/dockerfile.ts';

const OURS = fileURLToPath(new URL('../..', import.meta.url));
const DOCKERFILE = join(OURS, 'deploy/Dockerfile');
/** `USER` of the Dockerfile; a user who is not root is that ordinary user already. */
const IDENTITY = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
/** PATH of the machine, without what vitest and npm have put in front. */
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((it) => !it.split(sep).includes('node_modules'))
  .join(delimiter);

async function registryAnswers(): Promise<boolean> {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', env: { PATH } }).trim();
  return fetch(new URL('jose', registry), { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

const isWanted = process.env['TEST_IMAGE'] === 'on';
const isReachable = isWanted && (await registryAnswers());
if (!isWanted) process.stderr.write('SKIPPED: `npm run test:image` builds the image.\n');
else if (!isReachable)
  process.stderr.write('SKIPPED: the registry of npm does not answer, so no image can be built.\n');

/** A minute on a quiet machine. */
describe.skipIf(!isReachable)('the image', { timeout: 300_000 }, () => {
  let home: string;
  let image: Image;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'latchkey-image-'));
    chmodSync(home, 0o755);
    image = await runDockerfile(DOCKERFILE, OURS, home, PATH);
    makeReadOnly(image.workdir);
  }, 300_000);
  afterAll(() => {
    makeWritable(home);
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs what a container or a unit runs until it is ready. A migrated DATA_DIR is ready sooner than an empty one. */
  async function start(command: readonly string[], path: string, state: 'empty' | 'migrated' = 'migrated') {
    const data = mkdtempSync(join(home, 'data-'));
    if (state === 'migrated') {
      cpSync(join(inject('embeddedTemplates'), 'template'), join(data, 'database'), { recursive: true });
    }
    if (IDENTITY.uid !== undefined) execFileSync('chown', ['-R', `${IDENTITY.uid}:${IDENTITY.gid}`, data]);
    const [file = '', ...args] = command;
    const env = {
      ...image.env,
      PATH: path,
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: data,
      HOME: data,
    };
    const child = spawn(file, args, { cwd: image.workdir, env, stdio: ['ignore', 'pipe', 'pipe'], ...IDENTITY });
    return { url: await readyUrl(child), child };
  }

  test('runs as an ordinary user, writes nothing but DATA_DIR, and says that it is healthy', async () => {
    const before = listOf(image.workdir);
    // The database of this start begins as a copy of it.
    expect(before.filter((line) => /\/database-\w+\/PG_VERSION /.test(line))).toHaveLength(1);
    const bin = join(image.workdir, 'node_modules/.bin');
    // It runs from the bundle, of which what was removed is not a part.
    const script = "console.log((await import('./src/bundle.ts')).bundled('server'))";
    const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', script], {
      cwd: image.workdir,
      env: { PATH: `${bin}${delimiter}${PATH}` },
    });
    expect(stdout).toMatch(/\/bundle-\w+\/server\.mjs\n$/);
    const { url, child } = await start(image.command, `${bin}${delimiter}${PATH}`, 'empty');
    const query = 'mutation { login(input: { identifier: "a@example.com", password: "b" }) { __typename } }';
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(await answer.json()).toEqual({ data: { login: { __typename: 'InvalidCredentialsError' } } });
    const [file = '', ...args] = image.healthcheck;
    const check = (port: string) =>
      promisify(execFile)(file, args, {
        cwd: image.workdir,
        env: { PATH: `${bin}${delimiter}${PATH}`, PORT: port },
        ...IDENTITY,
      });
    await check(new URL(url).port);
    expect(await stop(child)).toBe(0);
    await expect(check(new URL(url).port)).rejects.toThrow(/ECONNREFUSED/);
    expect(listOf(image.workdir)).toEqual(before);
    expect(image.user).toBe('1000:1000');
  });

  test('`npm start` does the same', async () => {
    const before = listOf(image.workdir);
    const { child } = await start(['npm', 'start'], PATH);
    expect(await stop(child)).toBe(0);
    expect(listOf(image.workdir)).toEqual(before);
  });

  test('is under 350 MB, and under 200 MB where the machine has a Node that can run it', async () => {
    expect(await megabytes(join(image.workdir, 'node_modules'))).toBeLessThan(350);
    // The machine of the tests may have an older one: then it gets this one.
    const newer = join(home, 'newer');
    mkdirSync(newer);
    symlinkSync(process.execPath, join(newer, 'node'));
    makeWritable(image.workdir);
    await promisify(execFile)('npm', ['run', 'build', '--', '--user', '1000'], {
      cwd: image.workdir,
      env: { PATH: `${newer}${delimiter}${PATH}`, HOME: home },
    });
    makeReadOnly(image.workdir);
    expect(await megabytes(image.workdir)).toBeLessThan(200);
    const { child } = await start(image.command, `${newer}${delimiter}${PATH}`);
    expect(await stop(child)).toBe(0);
  });
});

async function readyUrl(child: ChildProcess): Promise<string> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const note = (chunk: Buffer) => {
    output += chunk.toString();
    const url = /ready at (http:\S+)/.exec(output)?.[1];
    if (url !== undefined) resolve(url);
  };
  child.stdout?.on('data', note);
  child.stderr?.on('data', note);
  child.once('close', (code) => reject(new Error(`ended with ${code}: ${output}`)));
  return promise;
}

async function stop(child: ChildProcess): Promise<number> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const [code] = await closed;
  return code;
}

/** Every file with its size and the time of its last change. */
function listOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => ({ path, ...lstatSync(join(directory, path)) }))
    .map(({ path, size, mtimeMs }) => `${path} ${size} ${mtimeMs}`)
    .sort();
}

async function megabytes(directory: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sm', directory]);
  return Number.parseInt(stdout, 10);
}

const makeReadOnly = (directory: string) => execFileSync('chmod', ['-R', 'a-w', directory]);
const makeWritable = (directory: string) => execFileSync('chmod', ['-R', 'u+w', directory]);
